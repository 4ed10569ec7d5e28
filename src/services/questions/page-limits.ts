import type { ServiceDeps } from '../../dialogue/service';
import type { Cache, Limiter } from '../../platform/cache';
import { UserError } from '../../platform/errors';

/** A mobile network puts many phones behind one address, and each open page looks again every 20 seconds; who tries out links needs far more. */
const perMinute = 600;

/** @throws UserError 429 */
export async function admit(address: string, { cache }: Pick<ServiceDeps, 'cache'>): Promise<void> {
  const limiter = limiters.get(cache) ?? cache.limiter('questions-page', perMinute, 60);
  limiters.set(cache, limiter);
  const wait = await limiter.consume(address);
  if (wait > 0) throw new UserError(429, 'too-many', `操作太频繁了，请 ${wait} 秒后再试`);
}

const limiters = new WeakMap<Cache, Limiter>();
