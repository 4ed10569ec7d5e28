import { z } from 'zod';
import type { Account } from '../../people/accounts';
import type { Clock } from '../../platform/clock';
import type { Caller, PlatformRequest } from './caller';
import { platformError, WechatError } from './error';
import type { AccountFaults } from './faults';
import { PlatformApi } from './platform-api';
import type { Fetched, Tokens } from './tokens';

/** Calls in the name of an account: with its token, once more with a new one where the token was refused. */
export type AccountCalls = {
  /** The call's JSON, or the file that came instead. */
  call(account: Account, request: Ask): Promise<Answer>;
  post(account: Account, path: string, body: object, options?: Partial<Ask>): Promise<unknown>;
  /** The library's own calls. */
  api(account: Account, options?: { repeatable: boolean }): PlatformApi;
};

export type Ask = Omit<PlatformRequest, 'token'>;
export type Answer = Awaited<ReturnType<Caller>>;

export function createAccountCalls(caller: Caller, tokens: Tokens, faults: AccountFaults): AccountCalls {
  const call = async (account: Account, request: Ask): Promise<Answer> => {
    const token = await tokens.get(account);
    try {
      return await caller(account, { ...request, token });
    } catch (error) {
      if (!(error instanceof WechatError) || error.kind !== 'auth') return tell(account, error);
    }
    // The platform refuses before it acts, so that a send may be repeated as well.
    const fresh = await tokens.replace(account, token);
    return caller(account, { ...request, token: fresh }).catch((error: unknown) => tell(account, error));
  };

  async function tell(account: Account, error: unknown): Promise<never> {
    if (error instanceof WechatError && error.kind === 'fatal') await faults.report(account, error);
    throw error;
  }

  return {
    call,
    post: async (account, path, body, options) => {
      const json = JSON.stringify(body);
      const ask = { path, method: 'POST', body: json, contentType: 'application/json', repeatable: false } as const;
      return (await call(account, { ...ask, ...options })).json;
    },
    api: (account, { repeatable } = { repeatable: true }) =>
      new PlatformApi(account, async (request) => (await call(account, { ...request, repeatable })).json),
  };
}

const tokenAnswer = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });

/** After a fatal answer the token endpoint is left alone for a moment: it allows so many calls a minute. */
const restMillis = 15_000;

/**
 * Fetches an access token from `stable_token` in normal mode: the same token for everyone who asks, so that a second
 * installation (or another program of the city's) does not end ours. Never `force_refresh`, which is limited to 20 a day.
 */
export function createTokenFetch(caller: Caller, faults: AccountFaults, clock: Clock) {
  const resting = new Map<number, { secret: string; until: number; error: WechatError }>();
  return async (account: Account): Promise<Fetched> => {
    const rest = resting.get(account.id);
    if (rest && rest.secret === account.secret && clock.millis() < rest.until) throw rest.error;
    try {
      const fetched = await ask(account).catch((error: WechatError) => {
        // The endpoint's own 40001 speaks of the secret, and now and then of nothing: asked once more, never in a loop.
        if (error.kind === 'auth') return ask(account);
        throw error;
      });
      resting.delete(account.id);
      await faults.clear(account);
      return fetched;
    } catch (error) {
      const fault = error instanceof WechatError && error.kind === 'auth' ? secretRefused(error) : error;
      if (!(fault instanceof WechatError) || fault.kind !== 'fatal') throw fault;
      resting.set(account.id, { secret: account.secret, until: clock.millis() + restMillis, error: fault });
      await faults.report(account, fault);
      throw fault;
    }
  };

  async function ask(account: Account): Promise<Fetched> {
    const { json } = await caller(account, {
      path: '/cgi-bin/stable_token',
      method: 'POST',
      body: JSON.stringify({ grant_type: 'client_credential', appid: account.appid, secret: account.secret }),
      contentType: 'application/json',
      repeatable: true,
    });
    const { access_token, expires_in } = readAnswer(tokenAnswer, json);
    return { value: access_token, expiresIn: expires_in };
  }
}

const ticketAnswer = z.object({ ticket: z.string().min(1), expires_in: z.number().positive() });

/** Fetches the ticket that signs pages for the JS-SDK. */
export function createTicketFetch({ call }: AccountCalls) {
  return async (account: Account): Promise<Fetched> => {
    const path = '/cgi-bin/ticket/getticket?type=jsapi';
    const { json } = await call(account, { path, method: 'GET', repeatable: true });
    const { ticket, expires_in } = readAnswer(ticketAnswer, json);
    return { value: ticket, expiresIn: expires_in };
  };
}

function secretRefused({ code, detail }: WechatError): WechatError {
  return new WechatError(code, 'fatal', platformError(40125, '').message, detail);
}

/** An answer in the shape it should have. @throws WechatError where it has not; the call may have taken effect */
export function readAnswer<T>(shape: z.ZodType<T>, json: unknown): T {
  const parsed = shape.safeParse(json);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new WechatError('bad-answer', 'unknown-outcome', '微信平台的应答缺少所需内容', `at ${where}`);
}
