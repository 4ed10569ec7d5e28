import type { Cache, Limiter } from '../platform/cache';
import { UserError } from '../platform/errors';

/** Of one key: at 500 rows a call a million rows in a quarter of an hour. */
const callsPerMinute = 120;
/** Before anything is read or looked up. A data centre puts many programs behind one address. */
const callsPerMinuteOfAddress = 600;

/** @throws UserError 429 */
export const admitAddress = (address: string, cache: Cache): Promise<void> => take(limitersOf(cache).address, address);
/** After the signature, so that nobody uses up what is another's. @throws UserError 429 */
export const admitKey = (keyId: string, cache: Cache): Promise<void> => take(limitersOf(cache).key, keyId);

async function take(limiter: Limiter, of: string): Promise<void> {
  const wait = await limiter.consume(of);
  if (wait > 0) throw new UserError(429, 'too-many', `调用太频繁了，请 ${wait} 秒后再试`);
}

type Limiters = { key: Limiter; address: Limiter };
const limiters = new WeakMap<Cache, Limiters>();

function limitersOf(cache: Cache): Limiters {
  const known = limiters.get(cache) ?? {
    key: cache.limiter('open-key', callsPerMinute, 60),
    address: cache.limiter('open-address', callsPerMinuteOfAddress, 60),
  };
  limiters.set(cache, known);
  return known;
}
