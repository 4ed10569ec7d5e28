import { explanations } from './codes';

/**
 * - `auth`: the token is not accepted; a new one was tried
 * - `fatal`: the account is set up wrongly, an admin has to act
 * - `quota`: used up for today
 * - `window`, `count`: no customer-service message now, since too late or too many
 * - `nobody`: no such citizen
 * - `refused`: surely not done, and will not be when asked again
 * - `busy`: the platform asks to try later
 * - `transient`: surely never arrived
 * - `paused`: not even tried, the circuit is open
 * - `unknown-outcome`: it may have been done (no answer came)
 */
export type FaultKind =
  | 'auth'
  | 'fatal'
  | 'quota'
  | 'window'
  | 'count'
  | 'nobody'
  | 'refused'
  | 'busy'
  | 'transient'
  | 'paused'
  | 'unknown-outcome';

/** A call that came to nothing. `message` is Chinese, for staff; neither it nor `detail` ever holds a secret or a token. */
export class WechatError extends Error {
  override name = 'WechatError';
  constructor(
    /** the platform's errcode, or a word for what happened on the way */
    readonly code: string,
    readonly kind: FaultKind,
    message: string,
    /** the platform's own words, for the log */
    readonly detail = '',
  ) {
    super(message);
  }
}

/** What an errcode means, in Chinese. A code that is not in the table was refused for a reason the platform's words tell. */
export function platformError(errcode: number, errmsg: string): WechatError {
  const known = explanations.get(errcode);
  const address =
    errcode === 40164 ? /\d{1,3}(\.\d{1,3}){3}|(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}/i.exec(errmsg)?.[0] : undefined;
  const words = known ? known.words.replace('{ip}', address ?? '（见日志）') : `微信平台拒绝了这次调用：${errmsg}`;
  return new WechatError(String(errcode), known?.kind ?? 'refused', `${words}（错误码 ${errcode}）`, errmsg);
}

/** Blots every secret out of a text, and whatever stands where tokens, secrets and codes do in an address. */
export function redact(text: string, secrets: (string | undefined)[]): string {
  let clean = text;
  for (const secret of secrets) {
    if (!secret) continue;
    clean = clean.replaceAll(secret, '[隐去]').replaceAll(encodeURIComponent(secret), '[隐去]');
  }
  return clean.replace(/\b(access_token|secret|code|js_code|ticket)=[^&\s"']+/g, '$1=[隐去]');
}
