import type { Cache, Limit } from './cache';
import { UserError } from './errors';

/** Lets one more through. @throws UserError 429 in words of the caller's, with the seconds to wait */
export async function admit(
  limit: Limit,
  key: string,
  cache: Cache,
  say = (seconds: number) => `操作太频繁了，请 ${seconds} 秒后再试`,
): Promise<void> {
  const wait = await cache.consume(limit, key);
  if (wait > 0) throw new UserError(429, 'too-many', say(wait));
}
