import { type ChildProcess, spawn } from 'node:child_process';
import { open, readFile, readlink, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { elapsed } from './clock';
import { type Cluster, explainFault, postgresEnvironment } from './postgres-cluster';
import { StartupError } from './startup-error';

/** A running PostgreSQL: the process whose end is the end of all of its others. */
export type Postmaster = { pid: number; port: number; signal(name: NodeJS.Signals): void; gone(): Promise<boolean> };

/** Starts PostgreSQL on a free port of this machine and waits until it takes connections. */
export async function launch(cluster: Cluster, fast: boolean, log: (line: string) => void): Promise<Postmaster> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const logFile = path.join(cluster.account.home, 'postgres.log');
    const { child, from } = await spawnPostgres(cluster, port, fast, logFile);
    const postmaster = ofChild(child, port);
    if (await becomesReady(cluster, postmaster, log)) return postmaster;
    const fault = await lastFault(logFile, from);
    // Another program took the port between our look and the bind; or the last one's shared memory is just being given up.
    const passing = /could not bind|could not create any TCP|shared memory block .* is still in use/.test(fault);
    if (!passing || attempt === 5) throw explainFault(fault.replace(/^.*?(FATAL|PANIC): {2}/, ''), cluster.folder);
    await pause(200);
  }
}

/** The PostgreSQL of this cluster that outlived the process that had started it. */
export async function findOrphan(cluster: Cluster): Promise<Postmaster | undefined> {
  const pidFile = path.join(cluster.folder, 'postmaster.pid');
  const lines = (await readFile(pidFile, 'utf8').catch(() => '')).split('\n');
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  if (!pid || !exists(pid)) return undefined;
  if (!(await runsIn(pid, cluster.folder))) {
    // After a reboot the number may belong to any program; PostgreSQL itself would give up at the sight of it.
    await rm(pidFile, { force: true });
    return undefined;
  }
  const orphan: Postmaster = {
    pid,
    port,
    signal: (name) => sendSignal(pid, name),
    // A zombie, where nobody reaps orphans, still has its number; but at its end PostgreSQL removes its pid file.
    gone: async () => !exists(pid) || !(await stat(pidFile).catch(() => undefined)),
  };
  return port && (await becomesReady(cluster, orphan)) ? orphan : undefined;
}

/** Ends it: sessions are cut off and everything is written out; by force only when that takes too long. */
export async function stopPostmaster(postmaster: Postmaster): Promise<void> {
  for (const [signal, millis] of [
    ['SIGINT', 5000],
    ['SIGQUIT', 2000],
    ['SIGKILL', 1000],
  ] as const) {
    postmaster.signal(signal);
    const until = elapsed() + millis;
    while (elapsed() < until) {
      if (await postmaster.gone()) return;
      await pause(20);
    }
  }
}

async function spawnPostgres(cluster: Cluster, port: number, fast: boolean, logFile: string) {
  const { prefix, ids, native } = cluster.account;
  const settings = { ...lasting, ...(fast && hasty), port };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const [command = '', ...rest] = [...prefix, path.join(native, 'bin', 'postgres'), '-D', cluster.folder, ...args];
  const tooLong = (await stat(logFile).catch(() => undefined))?.size ?? 0;
  const output = await open(logFile, tooLong > 10_000_000 ? 'w' : 'a', 0o600);
  try {
    const from = (await output.stat()).size;
    // Its output goes to a file, not a pipe: it must not trip over our end when we are killed.
    const stdio = ['ignore', output.fd, output.fd] as const;
    const child = spawn(command, rest, {
      ...ids,
      cwd: '/',
      env: postgresEnvironment(),
      detached: true,
      stdio: [...stdio],
    });
    child.unref();
    return { child, from };
  } finally {
    await output.close();
  }
}

const lasting = {
  listen_addresses: '127.0.0.1',
  // No socket file: its path may be 107 bytes long at most, which a data folder's may exceed.
  unix_socket_directories: '',
  max_connections: 100,
  shared_buffers: '128MB',
  timezone: 'UTC',
  log_timezone: 'UTC',
  fsync: 'on',
  synchronous_commit: 'on',
  // Nobody replicates from it.
  wal_level: 'minimal',
  max_wal_senders: 0,
  // A new log segment costs every commit that waits for it some 30 ms, a used one nothing: a morning's rush finds used ones.
  min_wal_size: '1GB',
  jit: 'off',
};

const hasty = { fsync: 'off', full_page_writes: 'off', autovacuum_naptime: '10min' };

function ofChild(child: ChildProcess, port: number): Postmaster {
  let ended = false;
  child.on('exit', () => {
    ended = true;
  });
  child.on('error', () => {
    ended = true;
  });
  const { pid = 0 } = child;
  return { pid, port, signal: (name) => pid && !ended && sendSignal(pid, name), gone: async () => ended };
}

/** @returns false when the process ended instead */
async function becomesReady(cluster: Cluster, postmaster: Postmaster, log?: (line: string) => void): Promise<boolean> {
  const start = elapsed();
  let told = start;
  for (;;) {
    const refusal = await tryConnecting(cluster, postmaster.port);
    if (!refusal) return true;
    if (await postmaster.gone()) return false;
    // Recovery after a crash takes as long as it takes; any other reason not to let us in does not pass.
    const patient = refusal === '57P03' ? 600_000 : 30_000;
    if (refusal === '28P01' || elapsed() - start > patient)
      throw new StartupError(`内置 PostgreSQL（进程 ${postmaster.pid}）没有响应（${refusal}）：请结束该进程后重试`);
    if (elapsed() - told > 5000) {
      told = elapsed();
      log?.('PostgreSQL 正在恢复数据…');
    }
    await pause(25);
  }
}

async function tryConnecting({ password }: Cluster, port: number): Promise<string | undefined> {
  const client = new Client({
    host: '127.0.0.1',
    port,
    user: 'weiban',
    password,
    database: 'postgres',
    connectionTimeoutMillis: 3000,
  });
  // One that is being shut down may cut us off after it let us in.
  client.on('error', () => {});
  try {
    await client.connect();
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  } finally {
    await client.end().catch(() => {});
  }
}

async function lastFault(logFile: string, from: number): Promise<string> {
  const text = (await readFile(logFile)).subarray(from).toString();
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.findLast((line) => /(FATAL|PANIC|could not bind): {0,2}/.test(line)) ?? lines.at(-1) ?? '';
}

async function runsIn(pid: number, folder: string): Promise<boolean> {
  // PostgreSQL works within its data folder, so this also holds when the folder has been moved under it.
  if (process.platform === 'linux') return (await readlink(`/proc/${pid}/cwd`).catch(() => '')) === folder;
  return true;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function sendSignal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
