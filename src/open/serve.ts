import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import type { OpenCaller, OpenRoute, ServiceDeps } from '../dialogue/service';
import { findApiKey, noteUse } from '../people/api-keys';
import { UserError } from '../platform/errors';
import { parseJson, readBytes } from '../platform/http/body';
import { checkInput } from '../platform/http/input';
import { admitAddress, admitKey } from './limits';
import { type Answer, once } from './once';
import { checkSignature, checkTime, hashOf, readSigned } from './signature';

export const openPrefix = '/api/open';
/** Five hundred rows are a third of it. */
const mostBytes = 1024 * 1024;

/** What one service has for back-office programs. */
export type OpenGroup = {
  prefix: string;
  title: string;
  service: string;
  routes: readonly OpenRoute[];
  deps: ServiceDeps;
  signed: true;
};

/** Serves all of them below `/api/open`; lets every other path through. */
export function openRoutes(groups: readonly OpenGroup[]): Middleware {
  const router = new Router({ prefix: openPrefix });
  for (const group of groups)
    for (const route of group.routes) router.register(route.path, [route.method], (ctx) => serve(ctx, route, group));
  const serving = router.routes() as unknown as Middleware;
  return async (ctx, next) => {
    if (!ctx.path.startsWith(`${openPrefix}/`)) return next();
    await serving(ctx, async () => {
      throw new UserError(404, 'not-found', '没有这个接口');
    });
  };
}

type Called = Context & { params: Record<string, string> };

async function serve(ctx: Called, route: OpenRoute, group: OpenGroup): Promise<void> {
  const { db, cache, clock, encryption } = group.deps;
  ctx.set('Cache-Control', 'no-store');
  await admitAddress(ctx.ip, cache);
  const signed = readSigned(ctx);
  checkTime(signed, clock);
  const found = await findApiKey(db, signed.keyId, encryption);
  if (!found) throw new UserError(401, 'unknown-key', '没有这个密钥，或已经停用');
  const { key, secret } = found;
  const bytes = await readBytes(ctx, mostBytes);
  const bodyHash = hashOf(bytes);
  checkSignature(ctx, signed, bodyHash, secret);
  await admitKey(key.id, cache);
  if (key.service !== group.service) throw new UserError(403, 'not-allowed', '这个密钥不能用于这个接口');
  await noteUse(db, key.id, { clock });
  const asked = {
    keyId: key.id,
    idempotencyKey: signed.idempotencyKey,
    requestHash: hashOf(Buffer.from(`${ctx.method} ${ctx.originalUrl} ${bodyHash}`)),
  };
  const body = () => (route.body ? checkInput(route.body, parseJson(ctx, bytes)) : undefined);
  const { status, text } = await once(asked, group.deps, (tx) => answer(ctx, route, { key, tx }, body(), group.deps));
  ctx.status = status;
  ctx.type = 'application/json';
  ctx.body = text;
}

async function answer(
  ctx: Called,
  route: OpenRoute,
  caller: OpenCaller,
  body: unknown,
  deps: ServiceDeps,
): Promise<Answer> {
  const output = await route.handler(
    {
      caller,
      body,
      params: checkInput(route.params, { ...ctx.params }),
      query: checkInput(route.query, { ...ctx.query }),
      address: ctx.ip,
      cookies: ctx.cookies,
      upload: noFiles,
      uploadParts: noFiles,
    },
    deps,
  );
  return { status: route.status, text: JSON.stringify(route.output.parse(output)) };
}

function noFiles(): never {
  throw new Error('no files come this way');
}
