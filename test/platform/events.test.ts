import { type Database, openDatabase } from '../../src/platform/database';
import { type Events, openEvents } from '../../src/platform/events';
import { createLog } from '../../src/platform/log';
import { cloneDatabase } from '../support/database';
import { signal } from '../support/signal';

let database: Awaited<ReturnType<typeof cloneDatabase>>;
let db: Database;
let events: Events;
beforeAll(async () => {
  database = await cloneDatabase();
  db = await openDatabase(database.url, createLog('silent'));
  events = await openEvents(database.url, db, createLog('silent'));
});
afterAll(async () => {
  await events?.close();
  await db?.close();
  await database?.drop();
});

test('what could not be read is read again until it can be', async () => {
  let times = 0;
  const worked = signal();
  await events.follow('unlucky', async () => {
    times++;
    if (times === 2 || times === 3) throw new Error('the database is busy');
    if (times === 4) worked.happens();
  });
  await events.publish('unlucky', null);
  await worked.happened;
  expect(times).toBe(4);
});

test('a reading under way when something changes is followed by another, and never runs beside it', async () => {
  const [begun, goOn, over] = [signal(), signal(), signal()];
  let stored = 'old';
  let kept = '';
  let atOnce = 0;
  const most: number[] = [];
  await events.follow('slow', async () => {
    most.push(++atOnce);
    const seen = stored;
    if (seen === 'newer') {
      begun.happens();
      await goOn.happened;
    }
    kept = seen;
    atOnce--;
    if (seen === 'newest') over.happens();
  });
  expect(kept).toBe('old');
  stored = 'newer';
  await events.publish('slow', null);
  await begun.happened;
  stored = 'newest';
  await events.publish('slow', null);
  // Only once this has come back has the one before it been heard.
  const heard = signal();
  events.subscribe('after that', heard.happens);
  await events.publish('after that', null);
  await heard.happened;
  goOn.happens();
  await over.happened;
  expect(kept).toBe('newest');
  expect(new Set(most)).toEqual(new Set([1]));
});

test('what changes during the first reading is read as well; a first reading that fails is said at once', async () => {
  let stored = 'old';
  let kept = '';
  const over = signal();
  await events.follow('early', async () => {
    const seen = stored;
    if (seen === 'old') {
      stored = 'new';
      const heard = signal();
      events.subscribe('early', heard.happens);
      await events.publish('early', null);
      await heard.happened;
    }
    kept = seen;
    if (seen === 'new') over.happens();
  });
  await over.happened;
  expect(kept).toBe('new');
  await expect(events.follow('broken', () => Promise.reject(new Error('no such table')))).rejects.toThrow(
    'no such table',
  );
});
