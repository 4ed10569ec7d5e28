import type { Context } from 'koa';
import readRaw from 'raw-body';
import { UserError } from '../errors';

/** One file as the whole body of a request. */
export type Upload = {
  mostBytes: number;
  /** beginnings of the Content-Type, `image/` */
  types: readonly string[];
};

/** Bodies are held in memory until they have been answered; what comes beyond this is asked to come again. */
export const mostBytesAtOnce = 128 * 1024 * 1024;
const millisForOne = 60_000;
let held = 0;

/**
 * The body as it came; what it is has still to be looked into. A handler asks for it when it knows that it wants it, so that
 * whoever may not send anything has nothing read from them.
 * @throws UserError 413, 422, 503
 */
export async function readUpload(ctx: Context, { mostBytes, types }: Upload): Promise<Buffer> {
  const limit = told(mostBytes);
  try {
    mustBeOf(ctx, types);
    // Who does not say how much is coming is counted with the most that it can be.
    const length = ctx.get('content-length');
    const bytes = length === '' ? mostBytes : Number(length);
    if (bytes > mostBytes) throw tooLarge(limit);
    if (held + bytes > mostBytesAtOnce) throw new UserError(503, 'busy', '现在传文件的人太多，请过一会儿再试');
    // Who has hung up already would never give it back.
    if (ctx.res.closed) throw new UserError(400, 'incomplete', '文件没有传完，请重试');
    held += bytes;
    ctx.res.once('close', () => {
      held -= bytes;
    });
    return await inTime(ctx, readRaw(ctx.req, { limit: mostBytes, length: length === '' ? undefined : bytes }));
  } catch (error) {
    // What is left unread would be taken for the next request on this connection.
    ctx.set('Connection', 'close');
    if (error instanceof UserError) throw error;
    if ((error as readRaw.RawBodyError).type === 'entity.too.large') throw tooLarge(limit);
    throw new UserError(400, 'incomplete', '文件没有传完，请重试');
  }
}

/**
 * The same piece by piece, for files that are too large to be held; how long it may take is the server's `requestTimeout`.
 * @throws UserError 400, 413, 422
 */
export async function* readUploadParts(ctx: Context, { mostBytes, types }: Upload): AsyncGenerator<Buffer> {
  let bytes = Number(ctx.get('content-length') || 0);
  try {
    mustBeOf(ctx, types);
    if (bytes > mostBytes) throw tooLarge(told(mostBytes));
    bytes = 0;
    for await (const part of ctx.req as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > mostBytes) throw tooLarge(told(mostBytes));
      yield part;
    }
    if (!ctx.req.complete) throw new UserError(400, 'incomplete', '文件没有传完，请重试');
  } catch (error) {
    ctx.set('Connection', 'close');
    if ((error as { code?: string }).code === 'ECONNRESET')
      throw new UserError(400, 'incomplete', '文件没有传完，请重试');
    throw error;
  }
}

const told = (bytes: number) => `${Math.floor(bytes / 1024 / 1024)} MB`;

function mustBeOf(ctx: Context, types: readonly string[]): void {
  const type = ctx.get('content-type').toLowerCase();
  if (![...types, 'application/octet-stream'].some((one) => type.startsWith(one)))
    throw new UserError(422, 'wrong-type', '请求内容应为文件本身，Content-Type 如 image/jpeg');
}

/** Who sends a byte a minute must not keep a place. */
async function inTime(ctx: Context, body: Promise<Buffer>): Promise<Buffer> {
  const timer = setTimeout(() => ctx.req.destroy(), millisForOne);
  try {
    return await body;
  } finally {
    clearTimeout(timer);
  }
}

const tooLarge = (limit: string) => new UserError(413, 'too-large', `文件不能超过 ${limit}`);
