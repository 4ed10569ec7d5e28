import { openDatabase } from '../../../src/platform/database';
import { openEvents } from '../../../src/platform/events';
import { createLog } from '../../../src/platform/log';
import { book, type Wanted } from '../../../src/services/appointments/booking';
import { holdTogether } from '../../../src/services/appointments/hold-together';

/** What a booker is told: in JSON, so moments are text. */
export type Order = { databaseUrl: string; wanted: (Omit<Wanted, 'at'> & { at: string })[] };

// A process that books for a crowd, all at once, half of them as the page does, and says so each time one got a place. It is killed in the middle of it.
process.once('message', async ({ databaseUrl, wanted }: Order) => {
  const log = createLog('silent', false);
  const db = await openDatabase(databaseUrl, log);
  const events = await openEvents(databaseUrl, db, log);
  const settings = { get: <T>(_key: string, otherwise: T) => otherwise, set: async () => {} };
  process.send!('started');
  await Promise.allSettled(
    wanted.map(async ({ at, ...rest }, n) => {
      const one = { ...rest, at: new Date(at) };
      const { code } =
        n % 2 === 0
          ? await db.transaction((tx) => book(tx, one, { settings }))
          : await holdTogether(one, { db, events, settings });
      process.send!({ key: one.key, code });
    }),
  );
  await events.close();
  await db.close();
  process.disconnect();
});
