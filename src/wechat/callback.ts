import { hash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parse as parseQuery } from 'node:querystring';
import type { Inbound, Reply } from '../dialogue/message';
import type { Account, Accounts } from '../people/accounts';
import { type Clock, elapsed } from '../platform/clock';
import { isDatabaseDown, UserError } from '../platform/errors';
import type { Log } from '../platform/log';
import type { Metrics } from '../platform/metrics';
import { BodyError, readBody } from './body';
import { CryptoError, openSealed, prepareKey, type Secrets, verifySignature } from './crypto';
import { toInbound } from './inbound';
import { renderReply, SUCCESS, sealReply } from './reply';
import { decodeUtf8, parseEnvelope, parseXml, XmlError } from './xml';

export type CallbackDeps = { accounts: Accounts; clock: Clock; log: Log; metrics: Metrics };

/** What the dialogue makes of a message; `at` is the reply's CreateTime in seconds. */
export type Receive = (account: Account, inbound: Inbound) => Promise<{ reply: Reply; at: number }>;

/** A callback that is not answered: a status and one word, for the sender and for the metric. */
class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
  ) {
    super(reason);
  }
}

type Query = { signature: string; msgSignature: string; timestamp: string; nonce: string; echostr: string };

/**
 * GET and POST /wechat/:account. The only door for WeChat: the account's settings, never the query, say how it is locked.
 * A listener of Node's own: these are nearly all requests there are, and need nothing of what a framework prepares for each.
 */
export function wechatCallback(deps: CallbackDeps, receive: Receive) {
  const { accounts, clock, log, metrics } = deps;

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const started = elapsed();
    const { method } = request;
    let kind = method === 'GET' ? 'verify' : 'unread';
    let outcome = 'answered';
    try {
      const [path, query] = splitUrl(request.url!);
      const account = accounts.byKey(path.slice(callbackPath.length));
      if (!account) throw new Refusal(404, 'unknown-account');
      checkFreshness(account, query, clock);
      if (method === 'GET') return answerVerification(response, account, query);
      if (method !== 'POST') throw new Refusal(405, 'method');
      const opened = open(await readBody(request), account, query);
      kind = opened.inbound.type === 'event' ? `event:${opened.inbound.event}` : opened.inbound.type;
      const { reply, at } = await receive(account, opened.inbound);
      const answer = render(reply, at, account, opened);
      send(response, 200, answer, answer === SUCCESS ? PLAIN : XML);
      metrics.callbackSeconds.observe((elapsed() - started) / 1000);
    } catch (error) {
      const refusal = toRefusal(error, log);
      outcome = refusal.reason;
      log.debug({ reason: refusal.reason, status: refusal.status }, 'callback refused');
      // Whatever is left of the body is not waited for.
      if (!request.complete) response.setHeader('Connection', 'close');
      if (refusal.status === 405) response.setHeader('Allow', 'GET, POST');
      send(response, refusal.status, refusal.reason, PLAIN);
    } finally {
      metrics.countCallback(kind, outcome);
    }
  };
}

export const callbackPath = '/wechat/';

function answerVerification(response: ServerResponse, account: Account, query: Query): void {
  if (!account.tokens.some((token) => verifySignature(query.signature, token, query.timestamp, query.nonce))) {
    throw new Refusal(401, 'signature');
  }
  send(response, 200, query.echostr, PLAIN);
}

type Opened = { inbound: Inbound; secrets?: Secrets };

/** Verifies, decrypts and reads, each in the account's own mode. Throws Refusal, CryptoError or XmlError. */
function open(body: Buffer, account: Account, query: Query): Opened {
  const xml = decodeUtf8(body);
  const opened = account.mode === 'plain' ? openPlain(xml, account, query) : openSafe(xml, account, query);
  if (opened.inbound.to !== account.originalId) throw new Refusal(403, 'other-account');
  return opened;
}

function openPlain(xml: string, account: Account, { signature, timestamp, nonce }: Query): Opened {
  if (!account.tokens.some((token) => verifySignature(signature, token, timestamp, nonce)))
    throw new Refusal(401, 'signature');
  return { inbound: toInbound(parseXml(xml)) };
}

/** Safe and compat mode. Of compat's plaintext nothing is looked at: nothing signs it. */
function openSafe(xml: string, account: Account, { msgSignature, timestamp, nonce }: Query): Opened {
  const { toUserName, encrypt } = parseEnvelope(xml);
  if (encrypt === '') throw new Refusal(403, 'plaintext');
  const { message, secrets } = openSealed(
    { encrypt, signature: msgSignature, timestamp, nonce },
    secretsOf(account),
    account.appid,
  );
  const inbound = toInbound(parseXml(decodeUtf8(message)));
  if (toUserName !== inbound.to) throw new Refusal(403, 'other-account');
  return { inbound, secrets };
}

/** The bytes that leave. They depend on nothing but what is stored, so that a repeat gets the very same ones. */
function render(reply: Reply, at: number, account: Account, { inbound, secrets }: Opened): string {
  const xml = renderReply(reply, { to: inbound.openid, from: account.originalId, createTime: at });
  if (!secrets || xml === SUCCESS) return xml;
  // Not to be guessed without the key, and the same again for the same reply.
  const drawn = hash('sha256', `${account.aesKeys[0]}/${inbound.openid}/${inbound.dedupe}/${at}`, 'buffer');
  const nonce = String(1_000_000_000 + (drawn.readUInt32BE(16) % 1_000_000_000));
  return sealReply(xml, { secrets, appid: account.appid, timestamp: at, nonce, random: drawn.subarray(0, 16) });
}

function checkFreshness(account: Account, { timestamp }: Query, clock: Clock): void {
  const { freshnessSeconds } = account.settings;
  if (freshnessSeconds === undefined) return;
  if (!(Math.abs(clock.millis() / 1000 - Number(timestamp)) <= freshnessSeconds)) throw new Refusal(401, 'stale');
}

const prepared = new WeakMap<Account, Secrets[]>();

function secretsOf(account: Account): Secrets[] {
  let secrets = prepared.get(account);
  if (!secrets) {
    const keys = account.aesKeys.map(prepareKey);
    secrets = account.tokens.flatMap((token) => keys.map((key) => ({ token, key })));
    prepared.set(account, secrets);
  }
  return secrets;
}

function splitUrl(url: string): [path: string, query: Query] {
  const question = url.indexOf('?');
  const path = question < 0 ? url : url.slice(0, question);
  const read = parseQuery(question < 0 ? '' : url.slice(question + 1));
  const get = (name: string) => (typeof read[name] === 'string' ? read[name] : '');
  const query = {
    signature: get('signature'),
    msgSignature: get('msg_signature'),
    timestamp: get('timestamp'),
    nonce: get('nonce'),
    echostr: get('echostr'),
  };
  return [path, query];
}

function toRefusal(error: unknown, log: Log): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof XmlError) return new Refusal(400, error.code);
  if (error instanceof CryptoError)
    return new Refusal(error.code === 'signature' ? 401 : error.code === 'appid' ? 403 : 400, error.code);
  if (error instanceof BodyError) return new Refusal(bodyStatus[error.reason], error.reason);
  // 503 has WeChat repeat the callback.
  if (!(error instanceof UserError) && !isDatabaseDown(error)) log.error({ err: error }, 'a callback failed');
  return new Refusal(503, 'unavailable');
}

const bodyStatus = { 'too-large': 413, 'too-slow': 408, aborted: 400 };

const PLAIN = 'text/plain; charset=utf-8';
const XML = 'application/xml; charset=utf-8';

function send(response: ServerResponse, status: number, body: string, type: string): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) }).end(body);
}
