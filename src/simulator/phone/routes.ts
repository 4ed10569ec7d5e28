import Router from '@koa/router';
import type { Context } from 'koa';
import { toBuffer } from 'qrcode';
import { z } from 'zod';
import { expectCitizen, findCitizen, makeCitizen } from '../citizens';
import { addFault, clearFaults, faultForm, listFaults } from '../faults';
import { findMedia } from '../media-store';
import { menuFor } from '../menus';
import { listMessages, markRead } from '../messages';
import { issueCode } from '../oauth';
import { readBody } from '../request-body';
import { listSends } from '../sends';
import { addTemplate, listTemplates } from '../templates';
import { findTrace, listTraces } from '../traces';
import type { SimulatedAccount, Simulator } from '../types';
import { act } from './act';
import { readAct } from './act-forms';
import { authorize, browserUrl, rememberCitizen } from './authorize';
import { listCitizens } from './citizen-list';
import { serveLive } from './live';
import { check, PhoneError } from './phone-error';

const largestBody = 16 * 1024 * 1024;
const page = z.object({
  before: z.coerce.number().int().positive().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
const shortPage = page.extend({ limit: z.coerce.number().int().min(1).max(200).default(20) });
const templateForm = z.strictObject({
  templateId: z.string().min(1).max(64),
  kind: z.enum(['template', 'once', 'long-term']),
  title: z.string().min(1),
  content: z.string().min(1),
});

/** What the phone page and the tests use; none of it exists on the real platform. */
export function phoneRoutes(sim: Simulator, openStreams: Set<() => void>): Router {
  const router = new Router({ prefix: '/simulator' });
  const account = (ctx: Context) => namedAccount(sim, String(ctx.params.account));

  router.get('/accounts', async (ctx) => {
    const accounts = await sim.accounts.list();
    ctx.body = {
      accounts: accounts.map(({ key, title, mode, originalId, appid }) => ({ key, title, mode, originalId, appid })),
    };
  });
  router.get('/citizens/:account', async (ctx) => {
    ctx.body = { citizens: await listCitizens(sim, (await account(ctx)).key) };
  });
  router.post('/citizens/:account', async (ctx) => {
    const { name } = check(z.strictObject({ name: z.string().trim().max(32).optional() }), (await json(ctx)) ?? {});
    const { openid, name: given } = await makeCitizen(sim, (await account(ctx)).key, name);
    ctx.body = { openid, name: given };
  });

  router.get('/chats/:account/:openid', async (ctx) => {
    const { key } = await account(ctx);
    const openid = String(ctx.params.openid);
    const asked = check(page, ctx.query);
    const messages = await listMessages(sim, key, openid, asked);
    if (!asked.before) await markRead(sim, key, openid);
    ctx.body = { messages, following: (await findCitizen(sim, key, openid))?.following ?? false };
  });
  router.post('/chats/:account/:openid', async (ctx) => {
    const openid = check(z.string().min(1).max(64), ctx.params.openid);
    const order = readAct(await json(ctx));
    ctx.body = await act({ sim, account: await account(ctx), openid }, order);
  });

  router.get('/menus/:account', async (ctx) => {
    const openid = typeof ctx.query.openid === 'string' ? ctx.query.openid : undefined;
    ctx.body = { menu: await menuFor(sim, (await account(ctx)).key, openid) };
  });
  router.get('/templates/:account', async (ctx) => {
    ctx.body = { templates: await listTemplates(sim, (await account(ctx)).key) };
  });
  router.post('/templates/:account', async (ctx) => {
    const { templateId, ...rest } = check(templateForm, await json(ctx));
    await addTemplate(sim, (await account(ctx)).key, { template_id: templateId, ...rest });
    ctx.body = { templateId };
  });

  router.get('/traces/:account/:openid', async (ctx) => {
    ctx.body = {
      traces: await listTraces(sim, (await account(ctx)).key, String(ctx.params.openid), check(shortPage, ctx.query)),
    };
  });
  router.get('/traces/:account/:openid/:id', async (ctx) => {
    const id = check(z.coerce.number().int().positive(), ctx.params.id);
    const trace = await findTrace(sim, (await account(ctx)).key, String(ctx.params.openid), id);
    if (!trace) throw new PhoneError(404, '没有这条回调记录');
    ctx.body = trace;
  });
  router.get('/sends/:account/:openid', async (ctx) => {
    ctx.body = {
      sends: await listSends(sim, (await account(ctx)).key, String(ctx.params.openid), check(shortPage, ctx.query)),
    };
  });

  router.get('/clock', (ctx) => {
    ctx.body = clock(sim);
  });
  router.post('/clock', async (ctx) => {
    const { advance } = check(
      z.strictObject({ advance: z.number().min(-315_360_000).max(315_360_000) }),
      await json(ctx),
    );
    await sim.advance(advance);
    ctx.body = clock(sim);
  });
  router.get('/faults', async (ctx) => {
    ctx.body = { faults: await listFaults(sim) };
  });
  router.post('/faults', async (ctx) => {
    ctx.body = await addFault(sim, check(faultForm, await json(ctx)));
  });
  router.delete('/faults', async (ctx) => {
    await clearFaults(sim);
    ctx.status = 204;
  });

  router.get('/live', async (ctx) => {
    const { account: key, openid } = check(
      z.object({ account: z.string(), openid: z.string().min(1).optional() }),
      ctx.query,
    );
    serveLive(sim, ctx, (await namedAccount(sim, key)).key, openid, openStreams);
  });
  router.get('/h5', async (ctx) => {
    const asked = check(
      z.object({ account: z.string(), openid: z.string().min(1), url: z.string().min(1) }),
      ctx.query,
    );
    const { key } = await namedAccount(sim, asked.account);
    const target = browserUrl(sim, asked.url);
    if (!target) throw new PhoneError(400, 'url：须为 http(s) 地址或本站路径');
    await expectCitizen(sim, key, asked.openid);
    rememberCitizen(ctx, key, asked.openid);
    ctx.redirect(target);
  });
  // What a mini-program's `wx.login` gives: WeChat makes the code on the phone.
  router.post('/login-codes/:account/:openid', async (ctx) => {
    const { key } = await account(ctx);
    const openid = check(z.string().min(1).max(64), ctx.params.openid);
    await expectCitizen(sim, key, openid);
    ctx.body = { code: await issueCode(sim, key, openid, 'login') };
  });
  router.get('/connect/oauth2/authorize', (ctx) => authorize(sim, ctx));
  router.get('/media/:id', async (ctx) => {
    const media = await findMedia(sim, String(ctx.params.id));
    if (!media?.bytes) throw new PhoneError(404, '没有这个文件，或已过期');
    ctx.set({
      'Content-Type': media.content_type,
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'private, max-age=3600',
    });
    ctx.body = media.bytes;
  });
  router.get('/cgi-bin/showqrcode', async (ctx) => {
    const [code] = await sim.db.query<{ url: string; expires_at: Date | null }>(
      'SELECT url, expires_at FROM simulator.qr_codes WHERE ticket = $1',
      [String(ctx.query.ticket ?? '')],
    );
    if (!code || (code.expires_at && code.expires_at <= sim.clock.now()))
      throw new PhoneError(404, '没有这个二维码，或已过期');
    ctx.type = 'image/png';
    ctx.body = await toBuffer(code.url, { width: 430, margin: 2 });
  });
  return router;
}

const clock = ({ clock }: Simulator) => ({ now: clock.now().toISOString(), offset: clock.offset / 1000 });

async function namedAccount(sim: Simulator, key: string): Promise<SimulatedAccount> {
  const account = await sim.accounts.byKey(key);
  if (!account) throw new PhoneError(404, `没有这个公众号：${key}`);
  return account;
}

async function json(ctx: Context): Promise<unknown> {
  const body = await readBody(ctx.req, largestBody);
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new PhoneError(400, '请求体不是合法的 JSON');
  }
}
