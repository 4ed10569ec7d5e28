import { setTimeout as pause } from 'node:timers/promises';
import type { Context, Middleware } from 'koa';
import { accountApis } from './apis/account';
import type { Api, Call, FileAnswer, JsonAnswer } from './apis/api';
import { customApis } from './apis/custom';
import { draftApis } from './apis/draft';
import { mediaApis } from './apis/media';
import { menuApis } from './apis/menu';
import { noticeApis } from './apis/notice';
import { qrcodeApis } from './apis/qrcode';
import { tagApis } from './apis/tag';
import { templateApis } from './apis/template';
import { tokenApis } from './apis/token';
import { userApis } from './apis/user';
import { compactJson } from './compact-json';
import { PlatformError } from './errcode';
import { drawFault, type Misfortune } from './faults';
import { oauthApis } from './oauth';
import { spendQuota } from './quota';
import { readBody } from './request-body';
import { recordSend } from './sends';
import { accountOfToken } from './tokens';
import type { SimulatedAccount, Simulator } from './types';

const apis: Record<string, Api> = {
  ...accountApis,
  ...customApis,
  ...draftApis,
  ...mediaApis,
  ...menuApis,
  ...noticeApis,
  ...qrcodeApis,
  ...tagApis,
  ...templateApis,
  ...userApis,
};
const openApis = { ...tokenApis, ...oauthApis };
const largestBody = 24 * 1024 * 1024;

type Request = Omit<Call, 'account'> & { method: string; path: string };
type Answer = FileAnswer | JsonAnswer;

/** The platform's own addresses: `/simulator/cgi-bin/*`, `/simulator/sns/*`, `/simulator/wxaapi/*`. */
export function platformApi(sim: Simulator): Middleware {
  return async (ctx, next) => {
    const path = /^\/simulator\/((?:cgi-bin|sns|wxaapi)\/.+?)\/?$/.exec(ctx.path)?.[1];
    if (!path || path === 'cgi-bin/showqrcode') return next();
    const raw = await readBody(ctx.req, largestBody);
    const query = new URLSearchParams(ctx.querystring);
    const request = {
      sim,
      method: ctx.method,
      path,
      query,
      raw,
      json: parse(raw),
      contentType: ctx.get('content-type'),
    };
    const account = Object.hasOwn(apis, path)
      ? await accountOfToken(sim, query.get('access_token')).catch(asFault)
      : undefined;
    const known = account instanceof PlatformError ? undefined : account;
    const fault = await drawFault(sim, 'api', path, known?.key);
    if (fault.latency > 0) await pause(fault.latency);
    if (fault.kind === 'drop') return drop(ctx);
    if (fault.kind === 'reorder') await sim.holds.hold('api', fault.ms);
    const answer = await answerOf(request, account, fault);
    sim.holds.passed('api');
    if (fault.kind === 'drop-after') return drop(ctx);
    write(ctx, answer);
  };
}

async function answerOf(
  request: Request,
  account: SimulatedAccount | PlatformError | undefined,
  fault: Misfortune,
): Promise<Answer> {
  const first = await run(request, account, fault);
  // The network brought the request twice: it takes effect twice, and the first answer is the one that arrives.
  if (fault.kind === 'repeat') await run(request, account, fault);
  return first;
}

async function run(
  request: Request,
  account: SimulatedAccount | PlatformError | undefined,
  fault: Misfortune,
): Promise<Answer> {
  const { sim, path, json } = request;
  let answer: Answer;
  try {
    answer = await handle(request, account, fault);
  } catch (error) {
    if (!(error instanceof PlatformError)) sim.log.error({ err: error, api: path }, 'the simulated platform failed');
    const told = error instanceof PlatformError ? error : new PlatformError(-1);
    answer = { json: told.body(sim.clock.now()), textPlain: path.startsWith('sns/') };
  }
  const openid = recipient(json);
  if (openid && account && !(account instanceof PlatformError) && 'json' in answer) {
    await recordSend(sim, account.key, openid, path.replace(/^cgi-bin\//, ''), json, compactJson(answer.json));
  }
  return answer;
}

async function handle(
  request: Request,
  account: SimulatedAccount | PlatformError | undefined,
  fault: Misfortune,
): Promise<Answer> {
  if (fault.kind === 'busy') throw new PlatformError(-1);
  if (fault.kind && /^-?\d+$/.test(fault.kind)) throw new PlatformError(Number(fault.kind));
  const open = Object.hasOwn(openApis, request.path) ? openApis[request.path] : undefined;
  const api = open ?? (Object.hasOwn(apis, request.path) ? apis[request.path] : undefined);
  if (!api) throw new PlatformError(40066);
  if (api.method === 'POST' && request.method !== 'POST') throw new PlatformError(43002);
  if (open) return open.run(request);
  if (account instanceof PlatformError || !account) throw account ?? new PlatformError(40001);
  const own = api as Api;
  await spendQuota(request.sim, account.key, request.path.replace(/^cgi-bin\//, ''), own.daily);
  return own.run({ ...request, account, fate: fault.kind });
}

function write(ctx: Context, answer: Answer) {
  ctx.status = 200;
  if ('file' in answer) {
    ctx.set('Content-Type', answer.contentType);
    if (answer.filename)
      ctx.set('Content-Disposition', `attachment; filename="${encodeURIComponent(answer.filename)}"`);
    ctx.body = answer.file;
    return;
  }
  ctx.set('Content-Type', answer.textPlain ? 'text/plain' : 'application/json; encoding=utf-8');
  ctx.body = Buffer.from(compactJson(answer.json));
}

/** The connection breaks and nobody says why. */
function drop(ctx: Context) {
  ctx.respond = false;
  ctx.req.socket.destroy();
}

function parse(raw: Buffer): unknown {
  try {
    return JSON.parse(raw.toString('utf8'));
  } catch {
    return undefined;
  }
}

function recipient(json: unknown): string | undefined {
  const to = typeof json === 'object' && json !== null && 'touser' in json ? json.touser : undefined;
  return typeof to === 'string' ? to : undefined;
}

function asFault(error: unknown): PlatformError {
  if (error instanceof PlatformError) return error;
  throw error;
}
