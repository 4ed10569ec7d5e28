import { encrypt, type Secrets, sign } from './crypto';
import { randomNonce } from './random';
import { cdata } from './xml-write';

/**
 * A push as a plain tree: text becomes CDATA, numbers stand bare (a bigint for an int64 such as MsgId), a list repeats its
 * element. Text goes out as it is, control characters too: so does WeChat's.
 */
export type PushTree = { [name: string]: PushValue | undefined };
export type PushValue = string | number | bigint | PushTree | PushValue[];

/** A push as WeChat writes it; elements that are undefined are left out. */
export function renderPush(tree: PushTree): string {
  return `<xml>${elements(tree)}</xml>`;
}

function elements(tree: PushTree): string {
  return Object.entries(tree)
    .map(([name, value]) => (value === undefined ? '' : element(name, value)))
    .join('');
}

function element(name: string, value: PushValue): string {
  if (!/^[A-Za-z_][\w.-]*$/.test(name)) throw new TypeError(`not an element name: ${name}`);
  if (Array.isArray(value)) return value.map((one) => element(name, one)).join('');
  if (typeof value === 'string') return `<${name}>${cdata(value)}</${name}>`;
  if (typeof value === 'object') return `<${name}>${elements(value)}</${name}>`;
  return `<${name}>${value}</${name}>`;
}

export type Mode = 'plain' | 'compat' | 'safe';

export type PushSettings = {
  mode: Mode;
  secrets: Secrets;
  appid: string;
  /** ToUserName: the account's original id */
  originalId: string;
  openid: string;
  /** seconds since 1970, of this attempt; every repeat is signed anew */
  timestamp: number;
  nonce?: string;
};

/** The body and the query of a push in the account's mode: what WeChat sends to the callback's address. */
export function sealPush(xml: string, settings: PushSettings): { body: string; query: Record<string, string> } {
  const { mode, secrets, appid, originalId, nonce = randomNonce() } = settings;
  const timestamp = String(Math.trunc(settings.timestamp));
  const query = { signature: sign(secrets.token, timestamp, nonce), timestamp, nonce, openid: settings.openid };
  if (mode === 'plain') return { body: xml, query };
  const encrypted = encrypt(xml, secrets.key, appid);
  const sealed = `<Encrypt>${cdata(encrypted)}</Encrypt>`;
  const body =
    mode === 'safe'
      ? `<xml>\n    <ToUserName>${cdata(originalId)}</ToUserName>\n    ${sealed}\n</xml>`
      : xml.replace(/<\/xml>\s*$/, () => `${sealed}</xml>`);
  return {
    body,
    query: { ...query, encrypt_type: 'aes', msg_signature: sign(secrets.token, timestamp, nonce, encrypted) },
  };
}
