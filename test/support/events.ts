import { openDatabase } from '../../src/platform/database';
import { openEvents } from '../../src/platform/events';
import { createLog } from '../../src/platform/log';
import { cloneDatabase } from './database';

/** A database of its own and the events of one process, without a server. */
export async function openTestEvents() {
  const database = await cloneDatabase();
  const db = await openDatabase(database.url, createLog('silent'));
  const events = await openEvents(database.url, db, createLog('silent'));
  return {
    db,
    events,
    close: async () => {
      await events.close();
      await db.close();
      await database.drop();
    },
  };
}
