import { z } from 'zod';
import { findCitizen } from '../citizens';
import { hasConsent, spendConsent } from '../consents';
import { ok, PlatformError } from '../errcode';
import { addMessage } from '../messages';
import { pushEvent } from '../push';
import { fieldsOf, findTemplate, numberSend } from '../templates';
import { type Api, type Call, read } from './api';
import { checkFields } from './field-rules';
import { lines } from './template';

const sendForm = z.object({
  touser: z.string(),
  template_id: z.string(),
  page: z.string().max(2048).optional(),
  miniprogram: z.object({ appid: z.string(), pagepath: z.string().optional() }).optional(),
  data: z.record(z.string(), z.unknown()),
  client_msg_id: z.string().max(32).optional(),
});

/** Subscription notices: every one needs the citizen's consent to its template. */
export const noticeApis: Record<string, Api> = {
  'cgi-bin/message/subscribe/bizsend': { method: 'POST', daily: 100_000, run: sendNotice },
};

async function sendNotice(call: Call) {
  const { sim, account } = call;
  const form = read(call, sendForm, 47001);
  const template = await findTemplate(sim, account.key, form.template_id);
  if (!template || template.kind === 'template') throw new PlatformError(40037);
  const data = checkFields(fieldsOf(template), form.data);
  const to = form.touser;
  const citizen = await findCitizen(sim, account.key, to);
  if (!citizen) throw new PlatformError(40003);
  if (!(await hasConsent(sim, account.key, to, form.template_id))) {
    // A repeat of the send that used the last consent up is still that send.
    const known = form.client_msg_id ? await knownSend(call, to, form.client_msg_id) : undefined;
    if (known === undefined) throw new PlatformError(43101);
    return { json: { ...ok, msgid: known } };
  }
  const { msgId, fresh } = await numberSend(sim, account.key, to, form.client_msg_id);
  if (fresh) {
    if (!(await spendConsent(sim, account.key, to, form.template_id))) throw new PlatformError(43101);
    const failed = call.fate === 'user-block' || call.fate === 'system-failed';
    if (!failed) {
      const body = {
        title: template.title,
        templateId: template.template_id,
        data,
        url: form.page ?? '',
        lines: lines(template.content, data),
      };
      await addMessage(sim, account.key, to, { from: 'account', via: 'subscribe', type: 'subscribe', body });
    }
    const result = {
      TemplateId: form.template_id,
      MsgID: msgId,
      ErrorCode: failed ? 43101 : 0,
      ErrorStatus: failed ? (call.fate === 'user-block' ? 'user block' : 'system failed') : 'success',
    };
    sim.later(() =>
      pushEvent(sim, account, to, { Event: 'subscribe_msg_sent_event', SubscribeMsgSentEvent: { List: result } }),
    );
  }
  return { json: { ...ok, msgid: msgId } };
}

async function knownSend({ sim, account }: Call, openid: string, clientMsgId: string): Promise<bigint | undefined> {
  const [row] = await sim.db.query<{ msg_id: string }>(
    `SELECT msg_id FROM simulator.client_messages WHERE account = $1 AND openid = $2 AND client_msg_id = $3 AND at > $4`,
    [account.key, openid, clientMsgId, new Date(sim.clock.now().getTime() - 10 * 60_000)],
  );
  return row && BigInt(row.msg_id);
}
