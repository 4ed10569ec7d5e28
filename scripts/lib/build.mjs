import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { npm, runLogged } from './children.mjs';
import { inRoot, root } from './root.mjs';
import { inTurn } from './turn.mjs';

const parts = {
  server: {
    sources: ['src', 'migrations', 'scripts', 'ormconfig.ts', '.swcrc', 'package-lock.json'],
    result: 'dist/src/main.js',
    build: buildServer,
  },
  web: {
    sources: ['web', 'vite.config.ts', 'package-lock.json'],
    result: 'dist/web',
    build: buildWeb,
  },
};

/** Builds what is missing or older than its sources. @param {('server' | 'web')[]} names */
export async function ensureBuilt(names = ['server', 'web']) {
  for (const name of names) if (!isFresh(name)) await build(name, { unlessFresh: true });
}

/** Builds one part, unless another process has just done so. */
export async function build(name, { unlessFresh = false } = {}) {
  await inTurn('build', async () => {
    if (unlessFresh && isFresh(name)) return;
    rmSync(stampOf(name), { force: true });
    const seen = fingerprint(parts[name].sources);
    await parts[name].build();
    writeFileSync(stampOf(name), seen);
  });
}

/** Whether there is something to run, however old. */
export const isBuilt = (name) => existsSync(inRoot(parts[name].result));

export function isFresh(name) {
  const { sources } = parts[name];
  if (!isBuilt(name) || !existsSync(stampOf(name))) return false;
  return readFileSync(stampOf(name), 'utf8') === fingerprint(sources);
}

async function buildServer() {
  // What has no source any more must go, or a removed migration would still be found by its folder.
  for (const old of ['src', 'migrations', 'scripts', 'bench', 'ormconfig.js', 'ormconfig.js.map'])
    rmSync(inRoot('dist', old), { recursive: true, force: true });
  const swc = inRoot('node_modules', '@swc', 'cli', 'bin', 'swc.js');
  const sources = ['src', 'migrations', 'ormconfig.ts', 'scripts'].filter((source) => existsSync(inRoot(source)));
  await runLogged('编译服务端', process.execPath, [swc, ...sources, '-d', 'dist', '--extensions', '.ts'], {
    log: inRoot('dist', 'logs', 'build-server.log'),
  });
  for (const file of filesUnder('src').filter((name) => !name.endsWith('.ts'))) {
    mkdirSync(path.dirname(inRoot('dist', file)), { recursive: true });
    copyFileSync(inRoot(file), inRoot('dist', file));
  }
}

async function buildWeb() {
  if (!existsSync(inRoot('vite.config.ts'))) return;
  const [command, args] = npm('run', 'build:web');
  await runLogged('编译网页', command, args, { log: inRoot('dist', 'logs', 'build-web.log') });
}

/** Changes whenever a file does, by its size and time: quick enough to be asked at every start. */
function fingerprint(sources) {
  const hash = createHash('sha256').update(process.version);
  for (const file of sources.flatMap(filesUnder).filter((name) => !/^scripts.*\.mjs$/.test(name))) {
    const { size, mtimeMs } = statSync(inRoot(file));
    hash.update(`${file}\0${size}\0${mtimeMs}\0`);
  }
  return hash.digest('hex');
}

function filesUnder(source) {
  const full = inRoot(source);
  if (!existsSync(full)) return [];
  if (!statSync(full).isDirectory()) return [source];
  return readdirSync(full, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath ?? entry.path, entry.name)))
    .sort();
}

const stampOf = (name) => inRoot('dist', `.${name}.stamp`);
