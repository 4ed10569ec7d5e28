import type { ServiceDeps } from '../../src/dialogue/service';
import { openDatabase } from '../../src/platform/database';
import { createLog } from '../../src/platform/log';
import { freePlaces } from '../../src/services/appointments/jobs';
import { encryption } from './city';

/** The service's own job, by a clock that is five minutes ahead. Nobody is told: nothing is to leave this machine. */
export async function passFiveMinutes(databaseUrl: string): Promise<void> {
  const db = await openDatabase(databaseUrl, createLog('silent', false));
  const at = Date.now() + 5 * 60_000 + 1000;
  const deps = {
    db,
    encryption,
    clock: { now: () => new Date(at), millis: () => at },
    settings: { get: <T>(_key: string, otherwise: T) => otherwise, set: async () => {} },
    delivery: { enqueue: async () => undefined },
    publicUrl: 'http://127.0.0.1',
  };
  try {
    await freePlaces(deps as unknown as ServiceDeps);
  } finally {
    await db.close();
  }
}
