import { elapsed } from '../platform/clock';
import type { Secrets } from '../wechat/crypto';
import { sealPush } from '../wechat/push-xml';
import { BadReply, readReply } from './read-reply';
import { recordTrace } from './traces';
import type { NewMessage, SimulatedAccount, Simulator } from './types';

export type Push = {
  openid: string;
  xml: string;
  /** its type or event, by which faults are ordered */
  name: string;
  /** whether the citizen waits for an answer: then replies are shown, and the grey line when there is none */
  answered: boolean;
  /** a message rather than an event */
  message: boolean;
  /** to whom the reply must be addressed, when that is not `openid` (an XML pushed as it is) */
  addressee?: string;
  /** the number of the first attempt, when it is already known */
  traceId?: number;
};

export type AttemptResult = { status: number | null; ms: number } & (
  | { outcome: 'answered'; messages: NewMessage[] }
  /** an answer came, but none that can be shown: WeChat does not ask again */
  | { outcome: 'unusable'; error: string }
  | { outcome: 'failed'; error: string; timedOut: boolean }
);

type Numbers = { id: number; pushId: number; attempt: number };
type Response = { status: number; body: Buffer };

/** One request to the callback, signed anew, with its trace. After 5 s the connection is dropped. */
export async function attemptPush(
  sim: Simulator,
  account: SimulatedAccount,
  secrets: Secrets,
  order: Push,
  { id, pushId, attempt }: Numbers,
  fault?: string,
): Promise<AttemptResult> {
  const { mode, appid, originalId } = account;
  const timestamp = sim.clock.millis() / 1000;
  const { body, query } = sealPush(order.xml, { mode, secrets, appid, originalId, openid: order.openid, timestamp });
  const base = `${(sim.callbackBase ?? sim.publicUrl).replace(/\/+$/, '')}/wechat/${encodeURIComponent(account.key)}`;
  const started = elapsed();
  let response: Response | undefined;
  let plain: string | null = null;
  let result: AttemptResult;
  try {
    if (fault === 'drop') throw new Error('连接在送达前中断（演练）');
    response = await send(`${base}?${new URLSearchParams(query)}`, body, sim.pushTimeoutMs ?? 5000);
    if (fault === 'drop-after') throw new Error('连接在应答前中断（演练）');
    const ms = elapsed() - started;
    if (response.status !== 200) throw new Error(`服务器答以 HTTP ${response.status}`);
    const asked = { openid: order.addressee ?? order.openid, secrets, message: order.message };
    const read = await readReply(sim, account, response.body, asked);
    plain = read.plain;
    result = { outcome: 'answered', status: 200, ms, messages: read.messages };
  } catch (error) {
    result = failure(error, response?.status ?? null, elapsed() - started);
  }
  await recordTrace(sim, id, pushId, account.key, order.openid, {
    attempt,
    mode,
    // The signatures stay out: with them anyone who sees a trace could repeat the callback.
    requestUrl: `${base}?${new URLSearchParams({ timestamp: query.timestamp!, nonce: query.nonce!, openid: order.openid })}`,
    requestXml: body,
    plainXml: order.xml,
    status: result.status,
    responseXml: response?.body.toString('utf8') ?? null,
    plainResponseXml: plain,
    ms: result.ms,
    error: result.outcome === 'answered' ? null : result.error,
  });
  return result;
}

async function send(url: string, body: string, timeoutMs: number): Promise<Response> {
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers: { 'content-type': 'text/xml', accept: '*/*', pragma: 'no-cache', 'user-agent': 'Mozilla/4.0' },
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  });
  return { status: response.status, body: Buffer.from(await response.arrayBuffer()) };
}

function failure(error: unknown, status: number | null, ms: number): AttemptResult {
  if (error instanceof BadReply) return { outcome: 'unusable', status, ms, error: error.message };
  const { name, message, cause } = error as Error & { cause?: Error };
  if (name === 'TimeoutError')
    return { outcome: 'failed', status: null, ms, error: '超过时限未应答，连接已断开', timedOut: true };
  return { outcome: 'failed', status, ms, error: cause ? `${message}：${cause.message}` : message, timedOut: false };
}
