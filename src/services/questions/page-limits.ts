import type { ServiceDeps } from '../../dialogue/service';
import type { Cache, Limiter } from '../../platform/cache';
import { UserError } from '../../platform/errors';

/** A mobile network puts many phones behind one address, and each open page looks again every 20 seconds; who tries out links needs far more. */
const pagesPerMinute = 600;
/** Of one citizen, whose phone shows up to 30 pictures at once but sends one after another. */
const uploadsInTenMinutes = 40;

/** @throws UserError 429 */
export const admit = (address: string, { cache }: Pick<ServiceDeps, 'cache'>): Promise<void> =>
  take(limitersOf(cache).pages, address);

/** @throws UserError 429 */
export const admitUpload = (owner: string, { cache }: Pick<ServiceDeps, 'cache'>): Promise<void> =>
  take(limitersOf(cache).uploads, owner);

async function take(limiter: Limiter, key: string): Promise<void> {
  const wait = await limiter.consume(key);
  if (wait > 0) throw new UserError(429, 'too-many', `操作太频繁了，请 ${wait} 秒后再试`);
}

type Limiters = { pages: Limiter; uploads: Limiter };
const limiters = new WeakMap<Cache, Limiters>();

function limitersOf(cache: Cache): Limiters {
  const known = limiters.get(cache) ?? {
    pages: cache.limiter('questions-page', pagesPerMinute, 60),
    uploads: cache.limiter('questions-upload', uploadsInTenMinutes, 600),
  };
  limiters.set(cache, known);
  return known;
}
