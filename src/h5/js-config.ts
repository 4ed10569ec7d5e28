import { z } from 'zod';
import { UserError } from '../platform/errors';
import type { H5Deps } from './deps';
import { route } from './route';

/** What a page inside WeChat needs before it may ask for the phone's camera, place or scanner. */
export const jsConfigRoutes = [
  route({
    method: 'get',
    path: '/js-config',
    summary: '市民：给本系统的一个网页签名，原样交给 wx.config',
    role: 'citizen',
    query: z.object({ url: z.string().max(2000).describe('网页现在的地址，# 后面的不算') }),
    output: z.object({ appId: z.string(), timestamp: z.number(), nonceStr: z.string(), signature: z.string() }),
    handler: ({ caller, query: { url } }, deps) => {
      mustBeOurs(url, deps);
      return deps.wechat.jsConfig(deps.accounts.byId(caller.accountId)!, url);
    },
  }),
];

/** Whoever has a signature may use the phone in the account's name: no other site is given one. */
function mustBeOurs(url: string, { publicUrl }: H5Deps): void {
  if (url.startsWith(publicUrl) && /^[/?#]|^$/.test(url.slice(publicUrl.length))) return;
  const expected = `应以 ${publicUrl}/ 开头`;
  throw new UserError(422, 'invalid-input', `只给本系统的网页签名：地址${expected}`, { url: expected });
}
