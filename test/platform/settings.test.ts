import { setImmediate as turn } from 'node:timers/promises';
import { createClock } from '../../src/platform/clock';
import type { Database } from '../../src/platform/database';
import { openSettings } from '../../src/platform/settings';
import { openTestEvents } from '../support/events';
import { signal } from '../support/signal';

let house: Awaited<ReturnType<typeof openTestEvents>>;
beforeAll(async () => {
  house = await openTestEvents();
});
afterAll(() => house?.close());

test('what was set here is read here at once and stays, though an older reading ends after it', async () => {
  const { db, events } = house;
  let slow: { read: () => void; goOn: Promise<void> } | undefined;
  const sometimesSlow: Database = {
    ...db,
    query: async <Row extends object>(sql: string, parameters?: unknown[]) => {
      const rows = await db.query<Row>(sql, parameters);
      if (sql.startsWith('SELECT') && slow) {
        const { read, goOn } = slow;
        slow = undefined;
        read();
        await goOn;
      }
      return rows;
    },
  };
  const settings = await openSettings({ db: sometimesSlow, events, clock: createClock() });

  const [read, goOn] = [signal(), signal()];
  slow = { read: read.happens, goOn: goOn.happened };
  await events.publish('settings', { key: 'anything' });
  await read.happened;
  await settings.set('pace', 'brisk');
  expect(settings.get('pace', 'none')).toBe('brisk');
  goOn.happens();
  // The older reading has nothing left to wait for: it ends before the next turn of the event loop.
  await turn();
  expect(settings.get('pace', 'none')).toBe('brisk');
});
