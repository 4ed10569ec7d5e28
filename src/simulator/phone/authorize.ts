import type { Context } from 'koa';
import { expectCitizen } from '../citizens';
import { issueCode } from '../oauth';
import type { Simulator } from '../types';

const cookie = 'simulator_citizen';
const scopes = new Set(['snsapi_base', 'snsapi_userinfo']);

/** Remembers who holds the phone, for the pages that ask for it. */
export function rememberCitizen(ctx: Context, account: string, openid: string) {
  ctx.cookies.set(cookie, Buffer.from(`${account}/${openid}`).toString('base64url'), {
    httpOnly: true,
    sameSite: 'lax',
    path: '/simulator',
    overwrite: true,
  });
}

/** Where the phone's browser goes: WeChat's own authorisation page is ours. */
export function browserUrl(sim: Simulator, url: string): string | undefined {
  if (url.startsWith('/') && !url.startsWith('//')) return url;
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return undefined;
  const target = new URL(url);
  if (target.hostname !== 'open.weixin.qq.com') return url;
  return `${sim.publicUrl}/simulator${target.pathname}${target.search}${target.hash}`;
}

/** `connect/oauth2/authorize`: back to the page with a code of the citizen whose phone this is. */
export async function authorize(sim: Simulator, ctx: Context) {
  const query = new URLSearchParams(ctx.querystring);
  const account = (await sim.accounts.list()).find(({ appid }) => appid === query.get('appid'));
  if (!account) return refuse(ctx, '10013', 'AppID 参数错误');
  const scope = query.get('scope') ?? '';
  if (query.get('response_type') !== 'code' || !scopes.has(scope))
    return refuse(ctx, '10005', 'Scope 参数错误或没有 Scope 权限');
  const redirect = query.get('redirect_uri') ?? '';
  if (!ownAddress(sim, ctx, redirect)) return refuse(ctx, '10003', 'redirect_uri 域名与后台配置不一致');
  const [key, openid] = Buffer.from(ctx.cookies.get(cookie) ?? '', 'base64url')
    .toString()
    .split(/\/(.*)/s);
  if (key !== account.key || !openid) return refuse(ctx, '10015', '请在手机页面中打开：还不知道您是该公众号的哪位市民');
  await expectCitizen(sim, account.key, openid);
  const code = await issueCode(sim, account.key, openid, scope);
  const target = new URL(redirect);
  target.searchParams.set('code', code);
  target.searchParams.set('state', query.get('state') ?? '');
  ctx.redirect(target.toString());
}

/** The account's owner enters the domains that codes may go to; here it is the service's own. */
function ownAddress(sim: Simulator, ctx: Context, redirect: string): boolean {
  if (!/^https?:\/\//i.test(redirect) || !URL.canParse(redirect)) return false;
  return [new URL(sim.publicUrl).hostname, ctx.hostname].includes(new URL(redirect).hostname);
}

function refuse(ctx: Context, code: string, reason: string) {
  ctx.status = 200;
  ctx.type = 'html';
  ctx.body = `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>错误</title><body style="font-family:sans-serif;text-align:center;padding-top:20vh"><p>${reason}</p><p>错误码：${code}</p></body></html>`;
}
