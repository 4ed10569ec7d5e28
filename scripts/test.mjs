import { ensureBuilt } from './lib/build.mjs';
import { runScript, runShown } from './lib/children.mjs';
import { withPostgres } from './lib/database.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { ensureRedisServer, startRedis } from './lib/redis.mjs';
import { inRoot } from './lib/root.mjs';
import { checkNodeVersion } from './lib/say.mjs';

// `npm test [-- jest's arguments]`: with a PostgreSQL and a Redis of its own, on free ports, that are gone afterwards.
await runScript(async () => {
  checkNodeVersion();
  await ensureRedisServer();
  await ensureInstalled();
  await ensureBuilt();
  process.exitCode = await withPostgres({ fast: true }, async (databaseUrl, folder) => {
    const redis = await startRedis(folder);
    try {
      const env = { NODE_ENV: 'test', TEST_DATABASE_URL: databaseUrl, TEST_REDIS_URL: redis.url };
      return await runShown(process.execPath, [inRoot('node_modules/jest/bin/jest.js'), ...process.argv.slice(2)], {
        env,
      });
    } finally {
      await redis.stop();
    }
  });
});
