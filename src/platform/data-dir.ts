import { randomBytes } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type FolderLock, lockFolder } from './folder-lock';
import { StartupError } from './startup-error';

const marker = 'weiban.json';
const layout = 1;

export type DataDir = {
  path: string;
  /**
   * Holds the folder for this process alone; needed by whoever runs the embedded database in it. Processes that share a database
   * elsewhere may share the folder too.
   * @throws StartupError that names the process which holds it
   */
  lock(): Promise<FolderLock>;
};

/**
 * Opens the folder of everything this installation keeps on disk, making it when it is not there.
 * @throws StartupError when it is another program's, of a later version, or cannot be written
 */
export async function openDataDir(folder: string): Promise<DataDir> {
  const dataDir = path.resolve(folder);
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await checkMarker(dataDir);
    await checkWritable(dataDir);
  } catch (error) {
    throw explainFault(error, dataDir);
  }
  return { path: dataDir, lock: () => lockFolder(dataDir) };
}

/** A random secret kept in the folder, made at the first call. */
export async function generatedSecret(dataDir: string, name: string): Promise<string> {
  const file = path.join(dataDir, name);
  const kept = await readFile(file, 'utf8').catch(() => '');
  if (kept.trim() !== '') return kept.trim();
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flush: true });
  try {
    // Whole or not at all, and the first of several processes wins.
    if (kept === '') await rm(file, { force: true });
    await link(draft, file).catch(ifThere);
  } finally {
    await rm(draft, { force: true });
  }
  return (await readFile(file, 'utf8')).trim();
}

/** Writes the file whole or not at all. */
export async function keepJson(file: string, content: object): Promise<void> {
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(content)}\n`, { mode: 0o600, flush: true });
  await rename(draft, file);
}

async function checkMarker(dataDir: string): Promise<void> {
  const file = path.join(dataDir, marker);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) {
    const others = (await readdir(dataDir)).filter((name) => name !== 'lost+found');
    if (others.length > 0)
      throw new StartupError(
        `${dataDir} 里有别的文件而没有 ${marker}，不像是微办的数据目录：请把 DATA_DIR 指向一个空目录或原来的数据目录`,
      );
    return keepJson(file, { product: 'weiban', layout });
  }
  const found = parse(text);
  if (found?.product !== 'weiban' || typeof found.layout !== 'number')
    throw new StartupError(`${file} 已损坏：请恢复备份，或把 DATA_DIR 指向一个空目录`);
  if (found.layout > layout)
    throw new StartupError(`${dataDir} 是更新版本的微办留下的数据：请升级程序，或换一个 DATA_DIR`);
}

async function checkWritable(dataDir: string): Promise<void> {
  const probe = path.join(dataDir, `.probe-${process.pid}`);
  await writeFile(probe, 'x'.repeat(4096));
  await rm(probe, { force: true });
}

function explainFault(error: unknown, dataDir: string): unknown {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const told: Record<string, string> = {
    EACCES: `没有权限读写数据目录 ${dataDir}：请修改它的权限，或换一个 DATA_DIR`,
    EPERM: `没有权限读写数据目录 ${dataDir}：请修改它的权限，或换一个 DATA_DIR`,
    EROFS: `数据目录 ${dataDir} 所在的磁盘是只读的：请换一个 DATA_DIR`,
    ENOSPC: `磁盘已满：请在 ${dataDir} 所在磁盘腾出空间后重试`,
    EDQUOT: `磁盘配额已用完：请在 ${dataDir} 所在磁盘腾出空间后重试`,
    EEXIST: `DATA_DIR（${dataDir}）是一个文件，应为目录`,
    ENOTDIR: `DATA_DIR（${dataDir}）的路径中有一段是文件，应为目录`,
  };
  return told[code] ? new StartupError(told[code]) : error;
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function ifThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
