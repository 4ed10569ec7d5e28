import { LRUCache } from 'lru-cache';
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible';
import { createClient } from 'redis';
import type { Log } from './log';
import { StartupError } from './startup-error';

/**
 * What may be lost at any time: caches and rate limits. With Redis all processes share it; without, or while Redis is away,
 * each process keeps its own (said once in the log). Nothing that must be right may depend on it.
 */
export type Cache = {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string, seconds: number): Promise<void>;
  delete(key: string): Promise<void>;
  /** Counts one more for the key. @returns the seconds to wait, 0 when let through */
  consume(limit: Limit, key: string): Promise<number>;
  /** Counts one less: it was none of those that are limited. */
  giveBack(limit: Limit, key: string): Promise<void>;
  state(): 'redis' | 'in-process' | 'redis-unreachable';
  close(): Promise<void>;
};

/** At most `points` within `seconds` for one key. */
export type Limit = { name: string; points: number; seconds: number };

/** @param aloneAt how loud it is said that there is no Redis: where nobody expects one it is no news */
export async function openCache(url: string | undefined, log: Log, aloneAt: 'info' | 'debug' = 'info'): Promise<Cache> {
  const own = new LRUCache<string, string>({ max: 10_000 });
  const redis = url ? connect(url, log) : undefined;
  if (redis) {
    await Promise.race([redis.ready, new Promise((resolve) => setTimeout(resolve, 2000).unref())]);
    // Needed for nothing, but who names one at start means one that is there. Later it may come and go.
    if (!redis.client.isReady) {
      redis.client.destroy();
      throw new StartupError('连不上 Redis：请检查 REDIS_URL（形如 redis://主机:6379），不用 Redis 时去掉这个变量');
    }
  } else log[aloneAt]('no REDIS_URL: this process keeps caches and limits for itself');

  // Each keeps its counts for itself, so one for each limit there is.
  const limiters = new Map<string, RateLimiterAbstract>();
  const limiterOf = (limit: Limit): RateLimiterAbstract => {
    const which = `${limit.name}/${limit.points}/${limit.seconds}`;
    const known = limiters.get(which) ?? createLimiter(limit, redis?.client);
    limiters.set(which, known);
    return known;
  };

  const withRedis = async <T>(ask: (client: Client) => Promise<T>, otherwise: () => T): Promise<T> => {
    if (!redis?.client.isReady) return otherwise();
    try {
      return await ask(redis.client);
    } catch {
      // the client's own error event has logged it
      return otherwise();
    }
  };

  return {
    get: (key) =>
      withRedis(
        async (client) => (await client.get(`weiban:${key}`)) ?? undefined,
        () => own.get(key),
      ),
    set: (key, value, seconds) =>
      withRedis(
        async (client) =>
          void (await client.set(`weiban:${key}`, value, { expiration: { type: 'EX', value: seconds } })),
        () => void own.set(key, value, { ttl: seconds * 1000 }),
      ),
    delete: (key) =>
      withRedis(
        async (client) => void (await client.del(`weiban:${key}`)),
        () => void own.delete(key),
      ),
    consume: (limit, key) =>
      limiterOf(limit)
        .consume(key)
        .then(
          () => 0,
          (refused: { msBeforeNext?: number }) => {
            if (refused.msBeforeNext === undefined) throw refused;
            return Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
          },
        ),
    giveBack: async (limit, key) => void (await limiterOf(limit).reward(key)),
    state: () => (redis ? (redis.client.isReady ? 'redis' : 'redis-unreachable') : 'in-process'),
    close: async () => {
      redis?.client.destroy();
    },
  };
}

function createLimiter({ name, points, seconds }: Limit, client: Client | undefined): RateLimiterAbstract {
  const memory = new RateLimiterMemory({ keyPrefix: `limit:${name}`, points, duration: seconds });
  if (!client) return memory;
  return new RateLimiterRedis({
    storeClient: client,
    useRedisPackage: true,
    rejectIfRedisNotReady: true,
    insuranceLimiter: memory,
    keyPrefix: `weiban:limit:${name}`,
    points,
    duration: seconds,
  });
}

type Client = ReturnType<typeof connect>['client'];

function connect(url: string, log: Log) {
  const client = createClient({
    url,
    disableOfflineQueue: true,
    socket: { connectTimeout: 2000, reconnectStrategy: (tries) => Math.min(5000, 100 * 2 ** tries) },
  });
  let told = false;
  client.on('error', (error: Error) => {
    if (!told)
      log.warn({ error: error.message }, 'Redis is out of reach: each process keeps caches and limits for itself');
    told = true;
  });
  client.on('ready', () => {
    if (told) log.info('Redis is back');
    told = false;
  });
  const ready = client.connect().catch(() => undefined);
  return { client, ready };
}
