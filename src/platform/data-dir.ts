import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { explainFileFault } from './file-fault';
import { type FolderLock, lockFolder } from './folder-lock';
import { keepJson } from './keep-json';
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
    throw explainFileFault(error, dataDir);
  }
  return { path: dataDir, lock: () => lockFolder(dataDir) };
}

/** A random secret kept in the folder, made at the first call. */
export async function generatedSecret(dataDir: string, name: string): Promise<string> {
  const file = path.join(dataDir, name);
  const kept = await readFile(file, 'utf8').catch(() => '');
  if (kept.trim() !== '') return kept.trim();
  const draft = `${file}.${process.pid}.${randomUUID()}`;
  try {
    await writeFile(draft, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flush: true });
    // Whole or not at all, and the first of several processes wins.
    await link(draft, file).catch(ifThere);
  } catch (error) {
    throw explainFileFault(error, dataDir);
  } finally {
    await rm(draft, { force: true });
  }
  const secret = (await readFile(file, 'utf8')).trim();
  if (secret === '') throw new StartupError(`${file} 是空的：请恢复备份，或换一个 DATA_DIR`);
  return secret;
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
  try {
    await writeFile(probe, Buffer.alloc(65_536));
  } finally {
    await rm(probe, { force: true });
  }
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
