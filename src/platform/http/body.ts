import type { Context } from 'koa';
import readRaw from 'raw-body';
import { UserError } from '../errors';
import { storable } from './storable';

const limit = 256 * 1024;

/** The request's JSON body, bounded. Only `application/json` is read: another site's form cannot send that without asking first. */
export async function readJson(ctx: Context): Promise<unknown> {
  mustBeJson(ctx);
  return parseJson(ctx, await readBytes(ctx, limit));
}

/** @throws UserError 400 for what was sent as something else or is none */
export function parseJson(ctx: Context, bytes: Buffer): unknown {
  mustBeJson(ctx);
  try {
    return JSON.parse(bytes.toString('utf8'), storable);
  } catch {
    throw new UserError(400, 'bad-json', '请求内容不是正确的 JSON');
  }
}

function mustBeJson(ctx: Context): void {
  if (!ctx.is('application/json'))
    throw new UserError(400, 'not-json', '请求内容应为 JSON（Content-Type: application/json）');
}

/** @throws UserError 400, 413 */
export async function readBytes(ctx: Context, limit: number): Promise<Buffer> {
  try {
    return await readRaw(ctx.req, { length: ctx.get('content-length') || undefined, limit });
  } catch (error) {
    const { type } = error as readRaw.RawBodyError;
    // What is left unread would be taken for the next request on this connection.
    ctx.set('Connection', 'close');
    if (type === 'entity.too.large') throw new UserError(413, 'too-large', `请求内容不能超过 ${limit / 1024} KiB`);
    throw new UserError(400, 'incomplete', '请求内容没有传完');
  }
}
