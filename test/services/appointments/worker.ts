import { readConfig } from '../../../src/config';
import { buildDeps } from '../../../src/deps';
import { freePlaces } from '../../../src/services/appointments/jobs';
import { workOnImports } from '../../../src/services/appointments/schedules/import-work';
import { usualEnv } from '../../support/server';

/** What a worker is told: in JSON, so the moment is text. */
export type Shift = { databaseUrl: string; secretKey: string; at: string };

// A process that does what stops and imports have left to do, and ends; it is killed in the middle of it.
process.once('message', async ({ databaseUrl, secretKey, at }: Shift) => {
  const deps = await buildDeps({ ...readConfig(usualEnv), databaseUrl, secretKey, ownUrl: 'http://127.0.0.1:9' });
  const now = new Date(at);
  const service = { ...deps.serviceDeps, clock: { now: () => now, millis: () => now.getTime() } };
  process.send!('started');
  await Promise.all([freePlaces(service), workOnImports(service)]);
  await deps.close();
  process.disconnect();
});
