import { randomUUID } from 'node:crypto';
import type { Middleware } from 'koa';
import { elapsed } from '../clock';
import type { Log } from '../log';

/** Gives each request an id (a proxy's, where it has one), and a line in the log. Paths only: queries carry codes and signatures. */
export function requestLog(log: Log): Middleware {
  return async (ctx, next) => {
    const given = ctx.get('x-request-id');
    const id = /^[\w-]{8,64}$/.test(given) ? given : randomUUID();
    const started = elapsed();
    ctx.state.requestId = id;
    ctx.set('X-Request-Id', id);
    try {
      await next();
    } finally {
      const line = {
        requestId: id,
        method: ctx.method,
        path: loggedPath(ctx.path),
        status: ctx.status,
        ms: Math.round(elapsed() - started),
      };
      if (ctx.status >= 500) log.error(line, 'request');
      else log.debug(line, 'request');
    }
  };
}

/** A path as it may stand in a log: a long segment is a signed link, which opens to whoever reads it there. */
export const loggedPath = (path: string): string => path.replace(/[^/]{41,}/g, '…');
