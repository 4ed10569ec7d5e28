import { parseXml } from '../../wechat/xml';
import { type Contact, openWindow } from '../allowances';
import { meetCitizen } from '../citizens';
import { addMessage, markRead } from '../messages';
import { type PushOutcome, push } from '../push';
import { nextTraceId } from '../traces';
import type { Actor } from './actor';

/** Pushes an XML as it is, well-formed or not; the chat shows what can be made out of it. */
export async function pushAsItIs({ sim, account, openid }: Actor, xml: string): Promise<PushOutcome> {
  const { type, event, content, sender } = glance(xml);
  await meetCitizen(sim, account.key, openid);
  const traceId = await nextTraceId(sim);
  const contact = contactOf(type, event);
  if (contact) await openWindow(sim, account.key, openid, contact);
  const body = content ? { content, traceId } : { event: event || type || 'XML', key: '', traceId };
  await addMessage(sim, account.key, openid, {
    from: 'citizen',
    via: 'citizen',
    type: content ? 'text' : 'event',
    body,
  });
  await markRead(sim, account.key, openid);
  return push(sim, account, {
    openid,
    xml,
    name: event || type || 'xml',
    answered: true,
    message: type !== 'event',
    addressee: sender || openid,
    traceId,
  });
}

function glance(xml: string) {
  const word = (value: unknown) => (typeof value === 'string' ? value : '');
  try {
    const fields = parseXml(xml);
    return {
      type: word(fields.MsgType),
      event: word(fields.Event),
      content: word(fields.Content),
      sender: word(fields.FromUserName),
    };
  } catch {
    return { type: '', event: '', content: '', sender: '' };
  }
}

const contacts: Record<string, Contact> = {
  click: 'click',
  scancode_push: 'click',
  scancode_waitmsg: 'click',
  subscribe: 'subscribe',
  scan: 'scan',
};

function contactOf(type: string, event: string): Contact | undefined {
  if (type === '') return undefined;
  return type === 'event' ? contacts[event.toLowerCase()] : 'message';
}
