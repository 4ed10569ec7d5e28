import { type FieldEncryption, looksPersonal, mask } from '../../platform/field-encryption';
import type { Chat, Outcome } from '../chat';
import type { Inbound, InboundEvent, Reply } from '../message';
import type { Offer } from '../service';

/** What is stored of a message: the account, the citizen, its time and its dedupe key are columns of their own. */
export type StoredMessage = Record<string, unknown> & { type: string };

export type Recorded = { message: object; reply: Reply | null; sealed: string | null };

/** `text`, `image`, …, `event:click` */
export const kindOf = (inbound: Inbound) => (inbound.type === 'event' ? `event:${inbound.event}` : inbound.type);

/**
 * A message and its reply as they are stored. Where they hold an identifier of a person (a flow asked for one, or it looks like
 * one) both are sealed, and what can be read is masked.
 */
export function record(
  inbound: Inbound,
  outcome: Pick<Outcome, 'reply' | 'personal'> | undefined,
  encryption: FieldEncryption,
): Recorded {
  const { to: _to, openid: _openid, createTime: _createTime, dedupe: _dedupe, ...message } = inbound;
  const reply = outcome?.reply ?? null;
  if (!outcome?.personal && !(inbound.type === 'text' && looksPersonal(inbound.content))) {
    return { message, reply, sealed: null };
  }
  const shown = inbound.type === 'text' ? { ...message, content: mask(inbound.content) } : { type: inbound.type };
  return { message: shown, reply: null, sealed: encryption.seal(toJson({ message, reply })) };
}

/** The reverse: what a message was and what was answered. */
export function openRecord(
  row: { message: StoredMessage; reply: Reply | null; sealed: string | null },
  encryption: FieldEncryption,
) {
  if (row.sealed === null) return { message: row.message, reply: row.reply };
  return JSON.parse(encryption.open(row.sealed)) as { message: StoredMessage; reply: Reply | null };
}

/** A chat as it is stored; sealed as a whole where one of its answers identifies a person. */
export function chatJson({ chat, personal }: Outcome, encryption: FieldEncryption): string | Buffer | null {
  if (chat === null) return null;
  if (personal) return toJson({ sealed: encryption.seal(toJson(chat)) });
  const { offers, flow, at } = chat;
  return offers && !flow && Object.isFrozen(offers) ? offersJson(offers, at) : toJson(chat);
}

/** A list that a service keeps (frozen: it stays as it is) is on offer to many within a second. */
function offersJson(offers: Offer[], at: number): Buffer {
  let known = written.get(offers);
  if (known?.at !== at) {
    known = { at, bytes: Buffer.from(toJson({ offers, at })) };
    written.set(offers, known);
  }
  return known.bytes;
}

const written = new WeakMap<Offer[], { at: number; bytes: Buffer }>();

type Sealed = { sealed: string };

export function openChat(state: Chat | Sealed | null, encryption: FieldEncryption): Chat | null {
  return state && 'sealed' in state ? (JSON.parse(encryption.open(state.sealed)) as Chat) : state;
}

/** WeChat's windows: 1 a message of the citizen's, 2 a tap or scan, 0 nothing that opens one. */
export function contactOf(inbound: Inbound): 0 | 1 | 2 {
  // A tap on an entry of a msgmenu arrives as a text, but counts as a tap.
  if (inbound.type !== 'event') return inbound.type === 'text' && inbound.menuId !== undefined ? 2 : 1;
  return tapping.has(inbound.event) ? 2 : 0;
}

const tapping = new Set<InboundEvent['event']>(['subscribe', 'scan', 'click', 'scancode_push', 'scancode_waitmsg']);

/** JSON that Postgres takes: U+0000 and lone surrogates become U+FFFD. */
export function toJson(value: unknown): string {
  const json = JSON.stringify(value);
  // What has to be looked at closely is escaped, and hardly anything is.
  if (!json.includes('\\u') || !suspicious.test(json)) return json;
  return JSON.stringify(value, (_key, part) =>
    typeof part === 'string' ? part.replaceAll('\0', '\ufffd').toWellFormed() : part,
  );
}

const suspicious = /\\u(?:0000|d[89a-f])/i;
