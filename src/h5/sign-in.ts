import { z } from 'zod';
import { notFound, UserError } from '../platform/errors';
import { admit } from '../platform/limits';
import type { H5Deps } from './deps';
import { route } from './route';
import { setCookie, signCitizen } from './session';

const account = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, '没有这个公众号');
const signedIn = z.object({ account: z.string(), title: z.string() });

/** Codes that WeChat refuses, a minute: each is a call to it. Who signs in is not counted: many phones share an address. Setting `identity.sign-ins-per-address`. */
const perAddress = 300;

/** How a page comes to know whose phone it is on. */
export const signInRoutes = [
  route({
    method: 'get',
    path: '/authorize',
    summary: '市民：取得微信授权页的地址；state 由页面生成，回来时核对',
    role: 'public',
    query: z.object({ account, state: z.string().regex(/^[\w-]{16,64}$/, '应为 16 到 64 位字母、数字') }),
    output: z.object({ url: z.string() }),
    handler: ({ query }, deps) => {
      const redirect = `${deps.publicUrl}/h5/?account=${query.account}`;
      return { url: deps.wechat.authorizeUrl(required(query.account, deps), redirect, query.state) };
    },
  }),
  route({
    method: 'post',
    path: '/login',
    summary: '市民：用微信给的 code 登录，网页用授权回来的，小程序用 wx.login 的；cookie 与 token 任用其一',
    role: 'public',
    body: z.object({
      account,
      code: z.string().min(1).max(200),
      client: z.enum(['page', 'mini-program']).default('page'),
    }),
    output: z.object({ token: z.string() }),
    handler: async ({ body, cookies, address }, deps) => {
      const found = required(body.account, deps);
      const { openid } = await countingRefused(address, deps, () =>
        deps.wechat.citizenOf(found, body.code, body.client),
      );
      const token = signCitizen({ accountId: found.id, openid }, deps);
      setCookie(cookies, token, deps);
      return { token };
    },
  }),
  route({
    method: 'get',
    path: '/me',
    summary: '市民：登录的是哪个公众号',
    role: 'citizen',
    output: signedIn,
    handler: ({ caller }, deps) => {
      const { key, title } = deps.accounts.byId(caller.accountId)!;
      return { account: key, title };
    },
  }),
  route({
    method: 'post',
    path: '/logout',
    summary: '市民：退出登录，在别处登录的也退出',
    role: 'citizen',
    body: z.object({}),
    output: z.object({ done: z.literal(true) }),
    handler: async ({ caller, cookies }, deps) => {
      await deps.signOuts.endSessions(caller);
      setCookie(cookies, null, deps);
      return { done: true as const };
    },
  }),
];

/** Counted beforehand, or many at once would all be let through. @throws UserError 429 */
async function countingRefused<T>(address: string, { cache, serviceDeps }: H5Deps, ask: () => Promise<T>): Promise<T> {
  const points = serviceDeps.settings.get('identity.sign-ins-per-address', perAddress);
  const limit = { name: 'h5.sign-in', points, seconds: 60 };
  await admit(limit, address, cache);
  let refused = false;
  try {
    return await ask();
  } catch (error) {
    refused = error instanceof UserError && error.status < 500;
    throw error;
  } finally {
    if (!refused) await cache.giveBack(limit, address);
  }
}

function required(key: string, { accounts }: H5Deps) {
  const found = accounts.byKey(key);
  if (!found) throw notFound('这个公众号');
  return found;
}
