import type { Context } from 'koa';
import readRaw from 'raw-body';
import { UserError } from '../errors';

/** One file as the whole body of a request. */
export type Upload = {
  mostBytes: number;
  /** beginnings of the Content-Type, `image/` */
  types: readonly string[];
};

/** Bodies that are arriving are held in memory; what comes beyond this is asked to come again. */
const mostAtOnce = 16;
const millisForOne = 60_000;
let arriving = 0;

/**
 * The body as it came; what it is has still to be looked into. A handler asks for it when it knows that it wants it, so that
 * whoever may not send anything has nothing read from them.
 * @throws UserError 413, 422, 503
 */
export async function readUpload(ctx: Context, { mostBytes, types }: Upload): Promise<Buffer> {
  const limit = `${Math.floor(mostBytes / 1024 / 1024)} MB`;
  try {
    const type = ctx.get('content-type').toLowerCase();
    if (![...types, 'application/octet-stream'].some((one) => type.startsWith(one)))
      throw new UserError(422, 'wrong-type', '请求内容应为文件本身，Content-Type 如 image/jpeg');
    if (Number(ctx.get('content-length')) > mostBytes) throw tooLarge(limit);
    if (arriving >= mostAtOnce) throw new UserError(503, 'busy', '现在传文件的人太多，请过一会儿再试');
    arriving += 1;
    try {
      return await inTime(ctx, readRaw(ctx.req, { limit: mostBytes }));
    } finally {
      arriving -= 1;
    }
  } catch (error) {
    // What is left unread would be taken for the next request on this connection.
    ctx.set('Connection', 'close');
    if (error instanceof UserError) throw error;
    if ((error as readRaw.RawBodyError).type === 'entity.too.large') throw tooLarge(limit);
    throw new UserError(400, 'incomplete', '文件没有传完，请重试');
  }
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
