import { z } from 'zod';
import { findCitizen } from '../citizens';
import { ok, PlatformError } from '../errcode';
import { addMessage } from '../messages';
import { pushEvent } from '../push';
import { addTemplate, fieldsOf, findTemplate, listTemplates, numberSend } from '../templates';
import { type Api, type Call, read } from './api';
import { checkFields } from './field-rules';

const sendForm = z.object({
  touser: z.string(),
  template_id: z.string(),
  url: z.string().max(2048).optional(),
  miniprogram: z.object({ appid: z.string(), pagepath: z.string().optional() }).optional(),
  data: z.record(z.string(), z.unknown()),
  client_msg_id: z.string().max(32).optional(),
});

export const templateApis: Record<string, Api> = {
  'cgi-bin/message/template/send': { method: 'POST', daily: 100_000, run: sendTemplate },
  'cgi-bin/template/get_all_private_template': {
    method: 'any',
    daily: 100_000,
    async run({ sim, account }) {
      const own = (await listTemplates(sim, account.key)).filter(({ kind }) => kind === 'template');
      const template_list = own.map(({ template_id, title, content }) => ({
        template_id,
        title,
        primary_industry: '政府与公共事业',
        deputy_industry: '公共事业非盈利机构',
        content,
        example: '',
      }));
      return { json: { template_list } };
    },
  },
  'cgi-bin/template/api_add_template': {
    method: 'POST',
    daily: 1000,
    async run(call) {
      const form = read(
        call,
        z.object({ template_id_short: z.string().min(1), keyword_name_list: z.array(z.string()).default([]) }),
      );
      const own = (await listTemplates(call.sim, call.account.key)).filter(({ kind }) => kind === 'template');
      if (own.length >= 25) throw new PlatformError(45026, 'template num exceeds limit');
      const template_id = `tpl-${form.template_id_short}-${own.length + 1}`;
      const content = form.keyword_name_list.map((name, i) => `${name}:{{thing${i + 1}.DATA}}`).join('\n');
      await addTemplate(call.sim, call.account.key, {
        template_id,
        kind: 'template',
        title: form.template_id_short,
        content,
      });
      return { json: { ...ok, template_id } };
    },
  },
  'wxaapi/newtmpl/gettemplate': {
    method: 'any',
    daily: 100_000,
    async run({ sim, account }) {
      const own = (await listTemplates(sim, account.key)).filter(({ kind }) => kind !== 'template');
      const data = own.map(({ template_id, kind, title, content }) => ({
        priTmplId: template_id,
        title,
        content,
        example: '',
        type: kind === 'long-term' ? 3 : 2,
      }));
      return { json: { ...ok, data } };
    },
  },
};

async function sendTemplate(call: Call) {
  const { sim, account } = call;
  const form = read(call, sendForm, 47001);
  const template = await findTemplate(sim, account.key, form.template_id);
  if (template?.kind !== 'template') throw new PlatformError(40037);
  const data = checkFields(fieldsOf(template), form.data);
  const citizen = await findCitizen(sim, account.key, form.touser);
  if (!citizen) throw new PlatformError(40003);
  if (!citizen.following) throw new PlatformError(43004);
  const { msgId, fresh } = await numberSend(sim, account.key, form.touser, form.client_msg_id);
  if (fresh) {
    const status =
      { 'user-block': 'failed:user block', 'system-failed': 'failed: system failed' }[call.fate ?? ''] ?? 'success';
    if (status === 'success') {
      const body = {
        title: template.title,
        templateId: template.template_id,
        data,
        url: form.url ?? '',
        lines: lines(template.content, data),
      };
      await addMessage(sim, account.key, form.touser, { from: 'account', via: 'template', type: 'template', body });
    }
    // The receipt may overtake the answer on the real platform too.
    sim.later(() =>
      pushEvent(sim, account, form.touser, { Event: 'TEMPLATESENDJOBFINISH', MsgID: msgId, Status: status }),
    );
  }
  return { json: { ...ok, msgid: msgId } };
}

/** The card's lines. WeChat cuts what is over 20 characters. */
export function lines(content: string, data: Record<string, { value: string }>): { label: string; value: string }[] {
  return content.split('\n').map((line) => {
    const [label = '', rest = ''] = line.split(/:(.*)/s);
    const value = rest.replace(/\{\{(\w+)\.DATA\}\}/g, (_all, name: string) => data[name]?.value ?? '');
    return { label, value: [...value].slice(0, 20).join('') };
  });
}
