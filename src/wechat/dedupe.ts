import { hash } from 'node:crypto';
import type { Fields } from '../dialogue/message';
import { digits, text } from './fields';

/**
 * What tells a callback from every other of the same account, citizen and CreateTime (the caller keeps those three beside it):
 * WeChat repeats a push up to three times, and a repeat must be known as one. A message goes by its MsgId, an event by name,
 * key and the id or ticket it carries. Where there is neither, all its fields decide: two receipts in one second are two.
 */
export function dedupeKey(fields: Fields, event?: string): string {
  const msgId = digits(fields.MsgId) || digits(fields.MsgID);
  if (event === undefined && msgId !== '') return `m:${msgId}`;
  const mark = msgId || text(fields.Ticket);
  const told = event !== undefined && mark !== '' ? [event, text(fields.EventKey), mark] : inside(fields);
  return `e:${hash('sha1', JSON.stringify(told), 'hex')}`;
}

/** All but what the rest of the key holds. */
function inside({ ToUserName, FromUserName, CreateTime, ...rest }: Fields): Fields {
  return rest;
}
