import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { generatedSecret, openDataDir } from '../../src/platform/data-dir';
import { StartupError } from '../../src/platform/startup-error';
import { holdInAnotherProcess } from './holder';

let folder: string;

beforeEach(async () => {
  folder = path.join(await mkdtemp(path.join(tmpdir(), 'weiban-data-')), '数据 目录');
});

afterEach(async () => {
  await rm(path.dirname(folder), { recursive: true, force: true });
});

test('a folder that is not there is made, for its owner alone, and opens again', async () => {
  await openDataDir(folder);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect((await openDataDir(folder)).path).toBe(folder);
});

test('an empty folder is taken, also a fresh volume with its lost+found', async () => {
  await mkdir(path.join(folder, 'lost+found'), { recursive: true });
  await expect(openDataDir(folder)).resolves.toMatchObject({ path: folder });
});

test.each([
  ['a folder of another program', { 'letter.txt': 'Dear mother' }, '不像是微办的数据目录'],
  ['a broken marker', { 'weiban.json': '{"produ' }, '已损坏'],
  ['a marker of something else', { 'weiban.json': '{"product":"other","layout":1}' }, '已损坏'],
  ['data of a later version', { 'weiban.json': '{"product":"weiban","layout":99}' }, '更新版本'],
])('%s is refused in one line, and left as it was', async (_, files, line) => {
  await mkdir(folder);
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
  const refusal = await openDataDir(folder).catch((error) => error);
  expect(refusal).toBeInstanceOf(StartupError);
  expect(refusal.message).toContain(line);
  expect(refusal.message).not.toContain('\n');
  for (const [name, text] of Object.entries(files)) expect(await readFile(path.join(folder, name), 'utf8')).toBe(text);
});

test('a file in its place is refused', async () => {
  await writeFile(folder, '');
  await expect(openDataDir(folder)).rejects.toThrow('是一个文件');
  await expect(openDataDir(path.join(folder, 'deeper'))).rejects.toThrow('有一段是文件');
});

test('while one process holds it another is told who and where', async () => {
  const holder = await holdInAnotherProcess(folder, 'lock');
  const dataDir = await openDataDir(folder);
  await expect(dataDir.lock()).rejects.toThrow(`另一个微办正在使用该目录（进程 ${holder.pid}，http://127.0.0.1:4321）`);
  await holder.end('SIGTERM');
  await (await dataDir.lock()).release();
});

test('what a killed process held is free, and goes to one only', async () => {
  const holder = await holdInAnotherProcess(folder, 'lock');
  await holder.end('SIGKILL');
  const dataDir = await openDataDir(folder);
  const tries = await Promise.allSettled([dataDir.lock(), dataDir.lock(), dataDir.lock()]);
  expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test.each([
  ['of a number that another process got later', JSON.stringify({ pid: process.pid, birth: 'an earlier boot 12345' })],
  ['of which only the name was written', ''],
  ['that is broken', '{"pid":'],
])('a lock %s holds nobody off', async (_, content) => {
  const dataDir = await openDataDir(folder);
  await writeFile(path.join(folder, 'weiban.lock'), content);
  await (await dataDir.lock()).release();
});

test('a generated secret is the same for all who ask at once, and later', async () => {
  const { path: dataDir } = await openDataDir(folder);
  const asked = await Promise.all(Array.from({ length: 8 }, () => generatedSecret(dataDir, 'secret')));
  expect(new Set(asked).size).toBe(1);
  expect(asked[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(await generatedSecret(dataDir, 'secret')).toBe(asked[0]);
  expect((await stat(path.join(dataDir, 'secret'))).mode & 0o777).toBe(0o600);
});
