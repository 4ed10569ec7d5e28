import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Cache, openCache } from '../../src/platform/cache';
import { createLog, type Log } from '../../src/platform/log';
import { StartupError } from '../../src/platform/startup-error';
import { anyone, startTestServer } from '../support/server';

// A Redis of this file's own, which goes and comes. Nothing that must be right may depend on it.

let folder: string;
let port: number;
let redis: ChildProcess | undefined;
let url: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weiban-redis-'));
  port = await freePort();
  url = `redis://127.0.0.1:${port}`;
});
beforeEach(startRedis);
afterEach(endRedis);
afterAll(() => rm(folder, { recursive: true, force: true }));

async function startRedis(): Promise<void> {
  const args = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder].map(String);
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  redis = child;
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject).once('exit', () => reject(new Error(`redis-server: ${said}`)));
    child.stdout!.on('data', (chunk) => {
      said += chunk;
      if (said.includes('Ready to accept connections')) resolve();
    });
  });
}

async function endRedis(): Promise<void> {
  const child = redis;
  redis = undefined;
  if (!child) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

/** A log that remembers what it was told. */
function listening(): { log: Log; told: string[] } {
  const log = createLog('silent');
  const told: string[] = [];
  const keep = (...said: unknown[]) => void told.push(String(said.at(-1)));
  return { log: Object.assign(Object.create(log), { warn: keep, info: keep }), told };
}

test('one that is named and not there is told at start, in one line', async () => {
  await endRedis();
  const opening = openCache(url, createLog('silent'));
  await expect(opening).rejects.toThrow(StartupError);
  await expect(opening).rejects.toThrow(/^连不上 Redis：请检查 REDIS_URL.*$/);
});

test('gone and back: each process keeps what it needs meanwhile, then they share again; said once each', async () => {
  const { log, told } = listening();
  const [one, other] = [await openCache(url, log), await openCache(url, createLog('silent'))];
  try {
    await one.set('matter', '补领身份证', 60);
    expect([one.state(), await other.get('matter')]).toEqual(['redis', '补领身份证']);

    await endRedis();
    await until(() => one.state() === 'redis-unreachable' && other.state() === 'redis-unreachable');
    expect(await one.get('matter')).toBeUndefined();
    await one.set('matter', '换领身份证', 60);
    expect([await one.get('matter'), await other.get('matter')]).toEqual(['换领身份证', undefined]);
    await one.delete('matter');
    expect(await one.get('matter')).toBeUndefined();

    await startRedis();
    await until(() => one.state() === 'redis' && other.state() === 'redis');
    await one.set('matter', '居住证', 60);
    expect(await other.get('matter')).toBe('居住证');
    expect(told).toEqual([expect.stringContaining('Redis is out of reach'), 'Redis is back']);
  } finally {
    await Promise.all([one.close(), other.close()]);
  }
});

test('limits hold with Redis, without it, and for all processes together where there is one', async () => {
  const caches = [await openCache(url, createLog('silent')), await openCache(url, createLog('silent'))] as const;
  try {
    const [one, other] = caches;
    const limit = { name: 'sign-in', points: 3, seconds: 600 };
    const tries = async (who: Cache, key: string, times: number) => {
      const waits: number[] = [];
      for (let n = 0; n < times; n++) waits.push(await who.consume(limit, key));
      return waits.map((wait) => wait > 0);
    };
    expect(await tries(one, 'a', 2)).toEqual([false, false]);
    expect(await tries(other, 'a', 2)).toEqual([false, true]);

    await endRedis();
    await until(() => caches.every((cache) => cache.state() === 'redis-unreachable'));
    expect(await tries(one, 'b', 4)).toEqual([false, false, false, true]);

    await startRedis();
    await until(() => caches.every((cache) => cache.state() === 'redis'));
    expect(await tries(one, 'c', 3)).toEqual([false, false, false]);
    expect(await tries(other, 'c', 1)).toEqual([true]);

    await one.consume(limit, 'd');
    await other.giveBack(limit, 'd');
    expect(await tries(one, 'd', 4)).toEqual([false, false, false, true]);
  } finally {
    await Promise.all(caches.map((cache) => cache.close()));
  }
});

test('without REDIS_URL a process keeps to itself, said once', async () => {
  const { log, told } = listening();
  const cache = await openCache(undefined, log);
  await cache.set('a', '1', 60);
  expect([cache.state(), await cache.get('a'), await cache.get('b')]).toEqual(['in-process', '1', undefined]);
  const limit = { name: 'x', points: 1, seconds: 600 };
  expect(await cache.consume(limit, 'me')).toBe(0);
  expect(await cache.consume({ ...limit }, 'me')).toBeGreaterThan(0);
  expect(told).toHaveLength(1);
  await cache.close();
});

test('the server answers callbacks with Redis, without it and with it again, and is ready all the while', async () => {
  const server = await startTestServer({ env: { REDIS_URL: url, ROLES: 'web', LOG_LEVEL: 'silent' } });
  const redisSays = async () => {
    const response = await fetch(`${server.url}/readyz`);
    const { parts } = (await response.json()) as { parts: { name: string; ok: boolean; message: string }[] };
    const part = parts.find(({ name }) => name === 'redis')!;
    expect(part.ok).toBe(true);
    return part.message;
  };
  const answered = async () => (await server.say(anyone(), '帮助')).length === 1;
  try {
    expect([await redisSays(), await answered()]).toEqual(['正常', true]);
    await endRedis();
    expect(await answered()).toBe(true);
    await until(async () => /连不上/.test(await redisSays()));
    expect(await answered()).toBe(true);
    await startRedis();
    await until(async () => (await redisSays()) === '正常');
    expect(await answered()).toBe(true);
  } finally {
    await server.stop();
  }
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: found } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return found;
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}
