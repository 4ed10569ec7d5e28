import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { Account } from '../../people/accounts';
import type { Clock } from '../../platform/clock';
import { signPage } from '../jssdk';
import { readAnswer } from './call-account';
import type { Caller } from './caller';
import type { Hosts } from './hosts';
import type { Tokens } from './tokens';

/** What wx.config wants of us. */
export type JsConfig = { appId: string; timestamp: number; nonceStr: string; signature: string };

/** So long after the first the second may come; later it is no double opening, and the code has been used. */
const behindMillis = 5000;

const answer = z.object({ openid: z.string().min(1), scope: z.string().optional() });

/** What pages inside WeChat need: who is looking, and the right to use the phone's camera and place. */
export function pageCalls({
  caller,
  tickets,
  hosts,
  clock,
}: {
  caller: Caller;
  tickets: Tokens;
  hosts: Hosts;
  clock: Clock;
}) {
  // WeChat opens a page's address twice at times, and a code works once: the second asks along with the first, or just behind it.
  const exchanges = new LRUCache<string, Promise<{ openid: string }>>({
    max: 10_000,
    perf: { now: () => clock.millis() },
    ttlResolution: 0,
  });

  return {
    /** The address that sends a browser inside WeChat through the silent authorisation and back to `redirect` with a code. */
    authorizeUrl(account: Account, redirect: string, state: string): string {
      const query = new URLSearchParams({
        appid: account.appid,
        redirect_uri: redirect,
        response_type: 'code',
        scope: 'snsapi_base',
        state,
      });
      return `${hosts.open}/connect/oauth2/authorize?${query}#wechat_redirect`;
    },

    /**
     * The citizen behind a code from WeChat.
     * @throws WechatError 40029 for a code that is none, 40163 for one already used: send the browser through `authorizeUrl` again
     */
    openidByCode: (account: Account, code: string): Promise<{ openid: string }> => once(account, code, exchangeCode),

    /** The same for the code of a mini-program's `wx.login`; `account` is the mini-program's. @throws WechatError likewise */
    openidByMiniProgramCode: (account: Account, code: string): Promise<{ openid: string }> =>
      once(account, code, exchangeMiniProgramCode),

    /** Signs a page for the JS-SDK; `url` as the browser has it, its `#` part does not count. */
    async jsConfig(account: Account, url: string): Promise<JsConfig> {
      const ticket = await tickets.get(account);
      const timestamp = Math.floor(clock.millis() / 1000);
      const nonce = randomBytes(8).toString('hex');
      return {
        appId: account.appid,
        timestamp,
        nonceStr: nonce,
        signature: signPage({ ticket, nonce, timestamp, url }),
      };
    },
  };

  function once(account: Account, code: string, exchangeWith: typeof exchangeCode): Promise<{ openid: string }> {
    const key = `${account.id}/${code}`;
    let exchange = exchanges.get(key);
    if (!exchange) {
      exchange = exchangeWith(account, code);
      exchanges.set(key, exchange);
      exchange.then(
        () => exchanges.set(key, exchange!, { ttl: behindMillis }),
        () => exchanges.delete(key),
      );
    }
    return exchange;
  }

  async function exchangeMiniProgramCode(account: Account, code: string): Promise<{ openid: string }> {
    const { appid, secret } = account;
    const query = new URLSearchParams({ appid, secret, js_code: code, grant_type: 'authorization_code' });
    const path = `/sns/jscode2session?${query}`;
    const { json } = await caller(account, { path, method: 'GET', repeatable: false });
    return { openid: readAnswer(answer, json).openid };
  }

  async function exchangeCode(account: Account, code: string): Promise<{ openid: string }> {
    const query = new URLSearchParams({
      appid: account.appid,
      secret: account.secret,
      code,
      grant_type: 'authorization_code',
    });
    const path = `/sns/oauth2/access_token?${query}`;
    const { json } = await caller(account, { path, method: 'GET', repeatable: false });
    return { openid: readAnswer(answer, json).openid };
  }
}
