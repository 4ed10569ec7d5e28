import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { explainFileFault } from './file-fault';
import { keepJson } from './keep-json';
import { StartupError } from './startup-error';

export type FolderLock = {
  /** Adds where this process can be reached, for whoever finds the folder taken. */
  announce(url: string): Promise<void>;
  release(): Promise<void>;
};

type Holder = { pid: number; birth: string; url?: string };

/** Longer than it takes to do away with a lock that was judged left behind. */
const settleMillis = 50;

/**
 * One process at a time in a folder. A process is known by its number and the moment of its birth, so neither a lock left by a killed
 * one nor a number given out again keeps anybody out.
 * @throws StartupError that names the holder
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const file = path.join(folder, 'weiban.lock');
  const self = { pid: process.pid, birth: await birthOf(process.pid), lock: randomUUID() };
  const own = JSON.stringify(self);
  for (let attempt = 0; attempt < 100; attempt++) {
    // Whoever judged the lock before ours as left behind may take ours for it, and a third gets in: only one that stays is ours.
    if (await create(file, own)) await pause(settleMillis);
    const seen = await read(file);
    if (seen === own) return lockOf(file, self);
    const holder = parse(seen);
    // Empty: its maker is just about to write it, or was killed there.
    if (!holder && attempt < 10) await pause(50);
    else if (holder && (await lives(holder))) throw refusal(holder);
    else await discard(file, seen);
  }
  throw new StartupError(`无法锁定数据目录：请删除 ${file} 后重试`);
}

function refusal({ pid, url }: Holder): StartupError {
  return new StartupError(
    `另一个微办正在使用该目录（进程 ${pid}${url ? `，${url}` : ''}）：请先停止它，或换一个 DATA_DIR 和 PORT`,
  );
}

function lockOf(file: string, self: Holder): FolderLock {
  return {
    announce: async (url) => {
      await keepJson(file, { ...self, url });
    },
    release: () => rm(file, { force: true }),
  };
}

async function create(file: string, own: string): Promise<boolean> {
  try {
    await writeFile(file, own, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw explainFileFault(error, path.dirname(file));
  }
}

/** Two starters may judge the same lock as left behind: only the one that it is taken from, unchanged, is done away with. */
async function discard(file: string, seen: string): Promise<void> {
  if ((await read(file)) !== seen) return;
  const aside = `${file}.${randomUUID()}.old`;
  try {
    await rename(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const taken = await read(aside);
  if (taken !== seen) await writeFile(file, taken, { flag: 'wx', mode: 0o600 }).catch(() => {});
  await rm(aside, { force: true });
}

async function lives({ pid, birth }: Holder): Promise<boolean> {
  return birth !== '' && (await birthOf(pid)) === birth;
}

/** When a process was born, as something to compare; empty when there is none. */
async function birthOf(pid: number): Promise<string> {
  if (process.platform !== 'linux') {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)]).catch(() => ({
      stdout: '',
    }));
    return stdout.trim();
  }
  const boot = await read('/proc/sys/kernel/random/boot_id');
  // The second field is the program's name in brackets, which may itself contain spaces and brackets.
  const fields = (await read(`/proc/${pid}/stat`)).split(') ').at(-1)?.split(' ') ?? [];
  const [state, ticks] = [fields[0], fields[19]];
  return ticks && state !== 'Z' && state !== 'X' ? `${boot.trim()} ${ticks}` : '';
}

async function read(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}

function parse(text: string): Holder | undefined {
  try {
    const { pid, birth, url } = JSON.parse(text);
    return Number.isInteger(pid) && typeof birth === 'string' ? { pid, birth, url } : undefined;
  } catch {
    return undefined;
  }
}
