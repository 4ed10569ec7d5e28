import { readConfig } from '../../../src/config';
import { buildDeps } from '../../../src/deps';
import { workOnImports } from '../../../src/services/cases/imports/work';
import { usualEnv } from '../../support/server';

/** What it is told: in JSON, so the moment is text. */
export type Shift = { databaseUrl: string; secretKey: string; at: string };

// A process that works on the imports that wait, and ends; it is killed in the middle of it.
process.once('message', async ({ databaseUrl, secretKey, at }: Shift) => {
  const deps = await buildDeps({ ...readConfig(usualEnv), databaseUrl, secretKey, ownUrl: 'http://127.0.0.1:9' });
  const now = new Date(at);
  await workOnImports({ ...deps.serviceDeps, clock: { now: () => now, millis: () => now.getTime() } });
  await deps.close();
  process.disconnect();
});
