import type { Context } from 'koa';
import readRaw from 'raw-body';
import { UserError } from '../errors';
import { storable } from './storable';

const limit = 256 * 1024;

/** The request's JSON body, bounded. Only `application/json` is read: another site's form cannot send that without asking first. */
export async function readJson(ctx: Context): Promise<unknown> {
  if (!ctx.is('application/json'))
    throw new UserError(400, 'not-json', '请求内容应为 JSON（Content-Type: application/json）');
  const text = await readText(ctx);
  try {
    return JSON.parse(text, storable);
  } catch {
    throw new UserError(400, 'bad-json', '请求内容不是正确的 JSON');
  }
}

async function readText(ctx: Context): Promise<string> {
  try {
    return await readRaw(ctx.req, { length: ctx.get('content-length') || undefined, limit, encoding: 'utf8' });
  } catch (error) {
    const { type } = error as readRaw.RawBodyError;
    // What is left unread would be taken for the next request on this connection.
    ctx.set('Connection', 'close');
    if (type === 'entity.too.large') throw new UserError(413, 'too-large', `请求内容不能超过 ${limit / 1024} KiB`);
    throw new UserError(400, 'incomplete', '请求内容没有传完');
  }
}
