import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { UserError } from '../errors';
import { readJson } from './body';
import { FileAnswer, sendFile } from './file-answer';
import { checkInput } from './input';
import type { Route } from './route';
import { storable } from './storable';
import { readUpload, readUploadParts } from './upload';

/** How a caller was known. A cookie is sent by the browser unasked, so changes made with one must prove where they come from. */
export type Identified<Caller> = { caller: Caller; by: 'cookie' | 'bearer' };

/** Routes mounted under one prefix, with how their callers are known. */
export type RouteGroup<Role extends string, Caller, Deps> = {
  prefix: string;
  /** heading in the API document */
  title: string;
  routes: readonly Route<Role, Caller, Deps>[];
  deps: Deps;
  /** where the pages that call these routes come from, besides the very host that is called */
  pagesAt?: string;
  identify(ctx: Context, deps: Deps): Promise<Identified<Caller> | undefined>;
  allows(caller: Caller, roles: readonly Role[]): boolean;
};

/** Puts a group of routes on the wire: role, then input, then the handler, then its output by contract. */
export function serveRoutes<Role extends string, Caller, Deps>(group: RouteGroup<Role, Caller, Deps>): Middleware {
  const router = new Router({ prefix: group.prefix });
  for (const route of group.routes) router.register(route.path, [route.method], (ctx) => answer(ctx, route, group));
  return router.routes() as unknown as Middleware;
}

async function answer<Role extends string, Caller, Deps>(
  ctx: Context & { params: Record<string, string> },
  route: Route<Role, Caller, Deps>,
  group: RouteGroup<Role, Caller, Deps>,
): Promise<void> {
  ctx.set('Cache-Control', 'no-store');
  // Also what is open to all: another site must not sign its visitors in here as someone of its choice.
  if (route.roles === 'public' && !isFromHere(ctx, group.pagesAt)) throw foreignRequest();
  const caller = route.roles === 'public' ? undefined : await admit(ctx, route.roles, group);
  const output = await route.handler(
    {
      caller,
      params: checkInput(route.params, asStorable(ctx.params)),
      query: checkInput(route.query, asStorable(ctx.query)),
      body: route.body && checkInput(route.body, await readJson(ctx)),
      address: ctx.ip,
      cookies: ctx.cookies,
      upload: () => readUpload(ctx, route.upload ?? nothing),
      uploadParts: () => readUploadParts(ctx, route.upload ?? nothing),
    },
    group.deps,
  );
  // Parsed, not only typed: a field that the contract does not name stays here.
  const checked = route.output.parse(output);
  if (checked instanceof FileAnswer) return sendFile(ctx, checked);
  ctx.body = checked;
  ctx.status = route.status;
}

const asStorable = (parts: object): unknown => JSON.parse(JSON.stringify(parts), storable);

const nothing = { mostBytes: 0, types: [] };

async function admit<Role extends string, Caller, Deps>(
  ctx: Context,
  roles: readonly Role[],
  { identify, allows, deps, pagesAt }: RouteGroup<Role, Caller, Deps>,
): Promise<Caller> {
  const known = await identify(ctx, deps);
  if (!known) throw new UserError(401, 'signed-out', '请先登录');
  if (known.by === 'cookie') refuseForeignChange(ctx, pagesAt);
  if (!allows(known.caller, roles)) throw new UserError(403, 'not-allowed', '您的角色没有这项权限');
  return known.caller;
}

/**
 * Another site can make a browser send our cookie with a form, but not with JSON or a header of its own (the browser asks us
 * first, and we never agree), and browsers say themselves when a request comes from elsewhere: in `Sec-Fetch-Site`, older ones in
 * `Origin` alone. SameSite would let other subdomains of the same city through; this does not.
 */
function refuseForeignChange(ctx: Context, pagesAt: string | undefined): void {
  const ours = isReading(ctx) || ctx.is('application/json') || ctx.get('x-requested-with') !== '';
  if (!ours || !isFromHere(ctx, pagesAt)) throw foreignRequest();
}

const isReading = ({ method }: Context) => method === 'GET' || method === 'HEAD';
const foreignRequest = () => new UserError(403, 'foreign-request', '请求不是从本页面发出的，已拒绝');

function isFromHere(ctx: Context, pagesAt: string | undefined): boolean {
  if (isReading(ctx)) return true;
  const site = ctx.get('sec-fetch-site');
  if (site !== '') return site === 'same-origin' || site === 'none';
  const origin = ctx.get('origin');
  // Programs say neither.
  return origin === '' || origin === pagesAt || hostOf(origin) === ctx.host;
}

/** `null`, of sandboxed pages, has none. */
const hostOf = (origin: string): string | undefined => (URL.canParse(origin) ? new URL(origin).host : undefined);
