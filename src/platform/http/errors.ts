import type { Middleware } from 'koa';
import { isDatabaseDown, UserError } from '../errors';
import type { Log } from '../log';
import { loggedPath } from './request-log';

type ErrorBody = { code: string; message: string; fields?: Record<string, string> };

/**
 * Tells faults as `{ "error": { code, message, fields? } }`. The caller's own are told in full; ours are logged and told
 * as a plain sentence, so that no stack and no SQL ever leaves.
 */
export function jsonErrors(log: Log): Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      const [status, body] = tell(error);
      const path = loggedPath(ctx.path);
      // That we are busy, or somebody else's program is away, was said on purpose: where it was thrown helps nobody.
      if (error instanceof UserError && status >= 500) log.warn({ error: error.message, path }, 'request refused');
      else if (status >= 500)
        log.error({ error: (error as Error)?.message, stack: (error as Error)?.stack, path }, 'request failed');
      ctx.status = status;
      ctx.body = { error: body };
    }
  };
}

function tell(error: unknown): [number, ErrorBody] {
  if (error instanceof UserError) {
    const { status, code, message, fields } = error;
    return [status, fields ? { code, message, fields } : { code, message }];
  }
  if (isDatabaseDown(error)) return [503, { code: 'unavailable', message: '服务暂时不可用，请稍后再试' }];
  return [500, { code: 'internal', message: '服务出错了，我们已经记下，请稍后再试' }];
}
