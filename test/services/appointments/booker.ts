import { openDatabase } from '../../../src/platform/database';
import { createLog } from '../../../src/platform/log';
import { book, type Wanted } from '../../../src/services/appointments/booking';

/** What a booker is told: in JSON, so moments are text. */
export type Order = { databaseUrl: string; wanted: (Omit<Wanted, 'at'> & { at: string })[] };

// A process that books for a crowd, all at once, and says so each time one got a place. It is killed in the middle of it.
process.once('message', async ({ databaseUrl, wanted }: Order) => {
  const db = await openDatabase(databaseUrl, createLog('silent', false));
  const settings = { get: <T>(_key: string, otherwise: T) => otherwise, set: async () => {} };
  process.send!('started');
  await Promise.allSettled(
    wanted.map(async ({ at, ...one }) => {
      const { code } = await db.transaction((tx) => book(tx, { ...one, at: new Date(at) }, { settings }));
      process.send!({ key: one.key, code });
    }),
  );
  await db.close();
  process.disconnect();
});
