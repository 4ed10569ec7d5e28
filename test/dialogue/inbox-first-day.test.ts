import { keepMonths } from '../../src/dialogue/inbox/months';
import * as sql from '../../src/dialogue/inbox/statements';
import { createClock } from '../../src/platform/clock';
import { type Database, openDatabase } from '../../src/platform/database';
import { createLog } from '../../src/platform/log';
import { cloneDatabase } from '../support/database';

// A plan that was made while the inbox was empty (the first day, the first of every month) is kept while it fills.

let database: Awaited<ReturnType<typeof cloneDatabase>>;
let db: Database;

beforeAll(async () => {
  database = await cloneDatabase();
  db = await openDatabase(database.url, createLog('silent'));
  const settings = { get: <T>(_: string, otherwise: T) => otherwise, set: async () => {} };
  await keepMonths({ db, clock: createClock(), settings });
});

afterAll(async () => {
  await db?.close();
  await database?.drop();
});

test('a look-up prepared on empty tables goes by primary key alone', async () => {
  const client = await db.inboxPool.connect();
  try {
    await client.query('SET plan_cache_mode = force_generic_plan');
    await client.query(`PREPARE look_up AS ${sql.load}`);
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN EXECUTE look_up ('[]')`);
    const readers = rows.map((row) => row['QUERY PLAN']).filter((line) => /\bon (inbox|sessions)/.test(line));
    expect(readers.length).toBeGreaterThan(3);
    for (const reader of readers) expect(reader).toMatch(/Index Scan using \w+_pkey on /);
  } finally {
    client.release(true);
  }
});
