import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
  retry,
} from 'cockatiel';
import type { Account } from '../../people/accounts';
import { elapsed } from '../../platform/clock';
import type { Log } from '../../platform/log';
import type { Metrics } from '../../platform/metrics';
import { platformError, redact, WechatError } from './error';
import { exchange, type HttpAnswer, HttpFault } from './http';
import { parsePlatformJson } from './json';

export type PlatformRequest = {
  /** path below the platform's host, with its query but without the token: `/cgi-bin/menu/get` */
  path: string;
  method: 'GET' | 'POST';
  body?: string | FormData;
  /** a JSON body as it is sent, or a file */
  contentType?: string;
  token?: string;
  /** asking twice does no harm: it only reads, or puts the same thing in the same place */
  repeatable: boolean;
  timeoutMs?: number;
  maxBytes?: number;
};

export type Caller = (account: Account, request: PlatformRequest) => Promise<HttpAnswer & { json: unknown }>;

export type CallerOptions = {
  log: Log;
  metrics: Metrics;
  /** `https://api.weixin.qq.com`, or the simulator */
  apiUrl: string;
  timeoutMs?: number;
  /** how long a circuit stays open */
  pauseMs?: number;
};

/** After so many failures in a row of the way there (not refusals) the account's calls are not tried for a while. */
const failuresInARow = 5;

/**
 * One call of the platform with everything around it except the token's life: time limit, bounded answer, repeats where they do no
 * harm, a circuit per account, metrics per API and code. Whatever goes wrong comes out as a WechatError without secrets.
 */
export function createCaller({ log, metrics, apiUrl, timeoutMs = 6000, pauseMs = 10_000 }: CallerOptions): Caller {
  const circuits = new Map<number, CircuitBreakerPolicy>();
  const again = retry(
    handleWhen(
      (error) => error instanceof WechatError && ['busy', 'transient', 'unknown-outcome'].includes(error.kind),
    ),
    { maxAttempts: 2, backoff: new ExponentialBackoff({ initialDelay: 100, maxDelay: 1000 }) },
  );

  return (account, request) => {
    const once = () => throughCircuit(account, () => measured(account, request));
    return request.repeatable ? again.execute(once) : once();
  };

  async function throughCircuit<T>(account: Account, act: () => Promise<T>): Promise<T> {
    let circuit = circuits.get(account.id);
    if (!circuit) {
      circuit = newCircuit(account);
      circuits.set(account.id, circuit);
    }
    try {
      return await circuit.execute(act);
    } catch (error) {
      if (!(error instanceof BrokenCircuitError)) throw error;
      throw new WechatError('circuit-open', 'paused', '微信平台接连没有应答，暂停调用，稍后自动恢复');
    }
  }

  function newCircuit(account: Account): CircuitBreakerPolicy {
    const circuit = circuitBreaker(
      handleWhen(
        (error) => error instanceof WechatError && ['busy', 'transient', 'unknown-outcome'].includes(error.kind),
      ),
      { halfOpenAfter: pauseMs, breaker: new ConsecutiveBreaker(failuresInARow) },
    );
    circuit.onBreak(() =>
      log.warn({ account: account.key }, 'the platform does not answer: calls of this account pause'),
    );
    circuit.onReset(() => log.info({ account: account.key }, 'the platform answers again'));
    return circuit;
  }

  async function measured(account: Account, request: PlatformRequest) {
    const api = apiName(request.path);
    const started = elapsed();
    try {
      const answer = await call(account, request);
      metrics.wechatCalls.inc({ api, code: '0' });
      return answer;
    } catch (error) {
      const fault = error as WechatError;
      metrics.wechatCalls.inc({ api, code: fault.code });
      log.debug({ account: account.key, api, code: fault.code, detail: fault.detail }, 'call to the platform failed');
      throw fault;
    } finally {
      metrics.wechatSeconds.observe({ api }, (elapsed() - started) / 1000);
    }
  }

  async function call(account: Account, request: PlatformRequest) {
    const secrets = [account.secret, request.token];
    let answer: HttpAnswer;
    try {
      answer = await exchange({
        url: address(request),
        method: request.method,
        headers: { accept: 'application/json', ...(request.contentType && { 'content-type': request.contentType }) },
        body: request.body,
        timeoutMs: request.timeoutMs ?? timeoutMs,
        maxBytes: request.maxBytes ?? 4 * 1024 * 1024,
      });
    } catch (error) {
      throw wayFault(error as HttpFault, secrets);
    }
    const json = readJson(answer, secrets);
    const errcode = errcodeOf(json);
    if (errcode) throw platformError(errcode, redact(errmsgOf(json), secrets));
    return { ...answer, json };
  }

  function address({ path, token }: PlatformRequest): string {
    if (!token) return apiUrl + path;
    return `${apiUrl}${path}${path.includes('?') ? '&' : '?'}access_token=${encodeURIComponent(token)}`;
  }
}

/** `/cgi-bin/message/custom/send?x=y` → `message/custom/send`: few enough to be a metric's label */
function apiName(path: string): string {
  return path.split('?', 1)[0]!.replace(/^\/(cgi-bin\/)?/, '');
}

function wayFault(fault: HttpFault, secrets: (string | undefined)[]): WechatError {
  const detail = redact(fault.message, secrets);
  if (!fault.sent) return new WechatError('unreachable', 'transient', '连不上微信平台', detail);
  if (fault.reason === 'too-large') return new WechatError('too-large', 'refused', '微信平台返回的内容过大', detail);
  return new WechatError(fault.reason, 'unknown-outcome', '微信平台没有在时限内应答，不知是否已生效', detail);
}

/** The JSON of an answer; undefined for a file. A gateway's error page is no answer of the platform's. */
function readJson(answer: HttpAnswer, secrets: (string | undefined)[]): unknown {
  if (answer.status !== 200)
    throw new WechatError(`http-${answer.status}`, 'unknown-outcome', `微信平台应答异常（HTTP ${answer.status}）`);
  // JSON comes labelled as JSON, as plain text, as HTML or not at all; a file as none of these.
  if (answer.contentType !== '' && !/json|text\/(plain|html)/i.test(answer.contentType)) return undefined;
  const text = answer.body.toString('utf8');
  try {
    return parsePlatformJson(text);
  } catch {
    throw new WechatError('not-json', 'unknown-outcome', '微信平台的应答读不懂', redact(text.slice(0, 200), secrets));
  }
}

function errcodeOf(json: unknown): number {
  return typeof json === 'object' && json !== null && 'errcode' in json ? Number(json.errcode) : 0;
}

function errmsgOf(json: unknown): string {
  return typeof json === 'object' && json !== null && 'errmsg' in json ? String(json.errmsg).slice(0, 500) : '';
}
