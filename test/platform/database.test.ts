import { type Database, openDatabase } from '../../src/platform/database';
import { createLog } from '../../src/platform/log';
import { cloneDatabase } from '../support/database';

let database: Awaited<ReturnType<typeof cloneDatabase>>;
let db: Database;
beforeAll(async () => {
  database = await cloneDatabase();
  db = await openDatabase(database.url, createLog('silent'));
  await db.query('CREATE TABLE kept (name text PRIMARY KEY)');
});
afterAll(async () => {
  await db?.close();
  await database?.drop();
});

const kept = async () =>
  (await db.query<{ name: string }>('SELECT name FROM kept ORDER BY name')).map(({ name }) => name);
const keep = 'INSERT INTO kept VALUES ($1)';

test('all of a transaction or none of it, and what waits for its end is done only then', async () => {
  const told: string[] = [];
  await db.transaction(async (tx) => {
    await tx.named('keep', keep, ['one']);
    tx.afterCommit(() => told.push('one'));
    expect(told).toEqual([]);
  });
  const failed = db.transaction(async (tx) => {
    await tx.query(keep, ['two']);
    tx.afterCommit(() => told.push('two'));
    throw new Error('on second thoughts');
  });
  await expect(failed).rejects.toThrow('on second thoughts');
  expect(await kept()).toEqual(['one']);
  expect(told).toEqual(['one']);
});

test('a statement whose failure nobody minded: what came before it is undone, so the transaction does not say it is done', async () => {
  const told: string[] = [];
  const swallowed = db.transaction(async (tx) => {
    await tx.query(keep, ['three']);
    await tx.query(keep, ['three']).catch(() => {});
    tx.afterCommit(() => told.push('three'));
  });
  await expect(swallowed).rejects.toThrow('rolled back');
  expect(await kept()).not.toContain('three');
  expect(told).toEqual([]);
  await db.transaction((tx) => tx.query(keep, ['four']));
  expect(await kept()).toContain('four');
});
