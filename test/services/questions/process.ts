import { readConfig } from '../../../src/config';
import { startServer } from '../../../src/server';
import { fireDue } from '../../../src/services/questions/fire';
import { usualEnv } from '../../support/server';

/** What a process is told: in JSON, so the moment is text. Without one it serves the console and nothing else. */
export type Order = { databaseUrl: string; secretKey: string; fireAt?: string };

// A process of its own on the database of a test, which is killed in the middle of what it does.
process.once('message', async ({ databaseUrl, secretKey, fireAt }: Order) => {
  const { deps, url, stop } = await startServer({
    ...readConfig({ ...usualEnv, ROLES: 'web' }),
    databaseUrl,
    secretKey,
  });
  process.send!({ url });
  if (fireAt === undefined) return;
  const now = new Date(fireAt);
  await fireDue({ ...deps.serviceDeps, clock: { now: () => now, millis: () => now.getTime() } });
  await stop();
  process.disconnect();
});
