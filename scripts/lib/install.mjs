import { existsSync, readFileSync } from 'node:fs';
import { npm, runLogged } from './children.mjs';
import { inRoot } from './root.mjs';
import { inTurn } from './turn.mjs';

/** Installs the dependencies when they are missing or not those of package-lock.json. */
export async function ensureInstalled() {
  if (isInstalled()) return;
  await inTurn('install', async () => {
    if (isInstalled()) return;
    // Building needs the development dependencies, whatever NODE_ENV says.
    const [command, args] = npm('ci', '--include=dev', '--no-audit', '--no-fund');
    await runLogged('安装依赖', command, args, { log: inRoot('dist', 'logs', 'install.log') });
  });
}

/** npm writes node_modules/.package-lock.json when it has finished, so an install that was cut off does not look complete. */
function isInstalled() {
  const wanted = readJson('package-lock.json')?.packages;
  const present = readJson('node_modules', '.package-lock.json')?.packages;
  if (!wanted || !present) return false;
  const { dependencies, devDependencies } = wanted[''];
  const direct = Object.keys({ ...dependencies, ...devDependencies });
  return (
    direct.every((name) => existsSync(inRoot('node_modules', name, 'package.json'))) &&
    Object.entries(wanted).every(([place, { version, optional }]) => {
      const found = present[place];
      return place === '' || (found ? found.version === version : optional);
    })
  );
}

function readJson(...parts) {
  try {
    return JSON.parse(readFileSync(inRoot(...parts), 'utf8'));
  } catch {
    return undefined;
  }
}
