import type { Config } from './config';
import { openAccounts } from './people/accounts';
import { openCache } from './platform/cache';
import { createClock } from './platform/clock';
import { openDatabase } from './platform/database';
import { openEvents } from './platform/events';
import { createFieldEncryption } from './platform/field-encryption';
import { createLog } from './platform/log';
import { createMetrics } from './platform/metrics';
import { openSettings } from './platform/settings';
import { followSharedClock } from './platform/shared-clock';

/** Everything that is given to everyone, built once a process. The database is migrated by then. */
export async function buildDeps(config: Config & { databaseUrl: string; secretKey: string }) {
  const log = createLog(config.logLevel);
  const clock = createClock();
  const metrics = createMetrics();
  const encryption = createFieldEncryption(config.secretKey);
  const db = await openDatabase(config.databaseUrl, log);
  const events = await openEvents(config.databaseUrl, db, log);
  if (config.simulator) await followSharedClock({ db, events, clock });
  const cache = await openCache(config.redisUrl, log);
  const settings = await openSettings({ db, events, clock });
  const accounts = await openAccounts({ db, events, encryption, clock });
  return {
    config,
    log,
    clock,
    metrics,
    encryption,
    db,
    events,
    cache,
    settings,
    accounts,
    close: async () => {
      await events.close();
      await cache.close();
      await db.close();
    },
  };
}

export type Deps = Awaited<ReturnType<typeof buildDeps>>;
