import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { openDataDir } from '../../src/platform/data-dir';
import { startEmbeddedPostgres } from '../../src/platform/embedded-postgres';
import { holdInAnotherProcess } from './holder';

// Longer than the 107 bytes that a socket's path may have.
const longName = '一个名字很长、带 空格的数据目录'.repeat(3);
let folder: string;

beforeAll(async () => {
  folder = path.join(await mkdtemp(path.join(tmpdir(), 'weiban-postgres-')), longName);
});

afterAll(async () => {
  await rm(path.dirname(folder), { recursive: true, force: true });
});

test('starts from nothing, over the remains of a start that was cut off', async () => {
  await openDataDir(folder);
  await mkdir(path.join(folder, 'postgres.new'));
  await writeFile(path.join(folder, 'postgres.new', 'PG_VERSION'), '18');
  const postgres = await startEmbeddedPostgres({ dataDir: folder, fast: true });
  const [row] = await ask(
    postgres.url,
    `SELECT upper('état') AS upper, current_setting('TimeZone') AS zone, current_database() AS database`,
  );
  expect(row).toEqual({ upper: 'ÉTAT', zone: 'UTC', database: 'weiban' });
  await ask(postgres.url, `CREATE TABLE kept AS SELECT '办事' AS word`);
  await postgres.stop();
  expect(await postmasterPid()).toBeUndefined();
});

test('one left running by a killed process is taken over, and stopped with us', async () => {
  const holder = await holdInAnotherProcess(folder, 'postgres');
  await ask(holder.url, `INSERT INTO kept VALUES ('查询')`);
  const orphan = await postmasterPid();
  await holder.end('SIGKILL');
  const postgres = await startEmbeddedPostgres({ dataDir: folder, fast: true });
  expect(postgres.url).toBe(holder.url);
  expect(await postmasterPid()).toBe(orphan);
  expect(await ask(postgres.url, 'SELECT word FROM kept')).toEqual([{ word: '办事' }, { word: '查询' }]);
  await postgres.stop();
  expect(await postmasterPid()).toBeUndefined();
});

test('one that was killed too is recovered, also when its number went to another process', async () => {
  const holder = await holdInAnotherProcess(folder, 'postgres');
  await ask(holder.url, `INSERT INTO kept VALUES ('答疑')`);
  const pid = (await postmasterPid())!;
  process.kill(Number(pid), 'SIGKILL');
  await holder.end('SIGKILL');
  const pidFile = path.join(folder, 'postgres', 'postmaster.pid');
  await writeFile(pidFile, (await readFile(pidFile, 'utf8')).replace(pid, String(process.pid)));
  const postgres = await startEmbeddedPostgres({ dataDir: folder, fast: true });
  expect(await ask(postgres.url, 'SELECT word FROM kept')).toContainEqual({ word: '答疑' });
  await postgres.stop();
});

if (process.getuid?.() === 0) {
  test('as root, where user namespaces are refused, an ordinary user runs it', async () => {
    const place = await mkdtemp(path.join(tmpdir(), 'weiban-refused-'));
    try {
      await writeFile(path.join(place, 'unshare'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
      const dataDir = path.join(place, 'data');
      await chmod(place, 0o755);
      const holder = await holdInAnotherProcess(dataDir, 'postgres', { PATH: `${place}:${process.env.PATH}` });
      expect(await ask(holder.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
      expect((await stat(path.join(dataDir, 'postgres'))).uid).not.toBe(0);
      await holder.end('SIGTERM');
    } finally {
      await rm(place, { recursive: true, force: true });
    }
  });
}

test('data of another PostgreSQL are refused in one line', async () => {
  await writeFile(path.join(folder, 'postgres', 'PG_VERSION'), '15\n');
  await expect(startEmbeddedPostgres({ dataDir: folder })).rejects.toThrow(/是 PostgreSQL 15 的数据，自带的是 18/);
});

async function ask(url: string, sql: string): Promise<object[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

async function postmasterPid(): Promise<string | undefined> {
  const text = await readFile(path.join(folder, 'postgres', 'postmaster.pid'), 'utf8').catch(() => undefined);
  return text?.split('\n')[0];
}
