import path from 'node:path';
import { createClock } from '../../../src/platform/clock';
import { openDatabase } from '../../../src/platform/database';
import { openEvents } from '../../../src/platform/events';
import { createLog } from '../../../src/platform/log';
import { cloneDatabase } from '../../support/database';

export const shipped = path.join(__dirname, '../../../src/services/guides');

/** What loading and searching need, on a database of its own. */
export async function openGuidesDatabase() {
  const database = await cloneDatabase();
  const log = createLog('silent');
  const db = await openDatabase(database.url, log);
  const events = await openEvents(database.url, db, log);
  return {
    db,
    events,
    clock: createClock(),
    close: async () => {
      await events.close();
      await db.close();
      await database.drop();
    },
  };
}
export type GuidesDatabase = Awaited<ReturnType<typeof openGuidesDatabase>>;
