import { spawn } from 'node:child_process';
import { chown, mkdir, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { PostgresAccount } from './postgres-account';
import { StartupError } from './startup-error';

/** A folder with PostgreSQL's data, its superuser's password, and as whom it runs. */
export type Cluster = { account: PostgresAccount; folder: string; password: string };

const majorVersion = '18';
const bytesNeeded = 150 * 1024 * 1024;

/** Makes the cluster where there is none, whole or not at all: a start that was killed half-way leaves nothing to trip over. */
export async function createCluster(cluster: Cluster, fast: boolean, log: (line: string) => void): Promise<void> {
  const version = await readFile(path.join(cluster.folder, 'PG_VERSION'), 'utf8').catch(ifMissing);
  if (version?.trim() === majorVersion) return;
  if (version !== undefined)
    throw new StartupError(
      `${cluster.folder} 是 PostgreSQL ${version.trim()} 的数据，自带的是 ${majorVersion}：请先用旧版本导出，或换一个 DATA_DIR`,
    );
  await checkSpace(cluster.account.home);
  log('首次启动：创建内置 PostgreSQL 数据库…');
  const making = `${cluster.folder}.new`;
  const passwordFile = `${making}.password`;
  try {
    await rm(making, { recursive: true, force: true });
    await mkdir(making, { mode: 0o700 });
    await writeFile(passwordFile, cluster.password, { mode: 0o600 });
    await handOver(cluster.account, making, passwordFile);
    await initdb(cluster.account, making, passwordFile, fast);
    await rename(making, cluster.folder);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

async function initdb({ prefix, ids, native }: PostgresAccount, folder: string, passwordFile: string, fast: boolean) {
  // Sorting and letter classes by PostgreSQL's own Unicode tables: the same on every machine, whatever locales it has.
  const args = [
    '-D',
    folder,
    '-U',
    'weiban',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
  ];
  args.push(
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
    ...(fast ? ['--no-sync'] : []),
  );
  const [command = '', ...rest] = [...prefix, path.join(native, 'bin', 'initdb'), ...args];
  const child = spawn(command, rest, {
    ...ids,
    cwd: '/',
    env: postgresEnvironment(),
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    complaints += text;
  });
  const code = await new Promise((resolve, reject) => child.on('close', resolve).on('error', reject));
  if (code === 0) return;
  const fault =
    complaints.split('\n').find((line) => /error|fatal/i.test(line)) ?? complaints.trim().split('\n').at(-1) ?? '';
  throw explainFault(fault, folder);
}

/** What PostgreSQL said when it could not start, as one line that says what to do. */
export function explainFault(fault: string, where: string): StartupError {
  if (/No space left|Disk quota/i.test(fault))
    return new StartupError(`磁盘已满，数据库无法启动：请在 ${where} 所在磁盘腾出空间后重试`);
  if (/Read-only file system/i.test(fault)) return new StartupError(`${where} 所在的磁盘是只读的，请换一个 DATA_DIR`);
  if (/Permission denied|wrong ownership/i.test(fault))
    return new StartupError(`没有权限读写 ${where}：请用创建它的用户启动，或换一个 DATA_DIR（${fault.trim()}）`);
  return new StartupError(
    `内置 PostgreSQL 无法启动：${fault.trim() || '没有输出'}（日志在 ${path.dirname(where)} 的 postgres.log；也可设置 DATABASE_URL 使用已有的数据库）`,
  );
}

/** Nothing of the environment's (PGPORT, PGDATA, LD_LIBRARY_PATH…) may bend what we start. */
export function postgresEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };
}

async function handOver({ ids }: PostgresAccount, ...files: string[]): Promise<void> {
  if (ids.uid === undefined || ids.gid === undefined) return;
  for (const file of files) await chown(file, ids.uid, ids.gid);
}

async function checkSpace(folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < bytesNeeded) throw new StartupError(`磁盘空间不足：${folder} 所在磁盘至少需要 150 MB 空闲空间`);
}

function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw explainFault(error.message.replace(/EACCES:/, 'Permission denied:'), String(error.path));
}
