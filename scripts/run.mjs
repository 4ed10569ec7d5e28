import { pathToFileURL } from 'node:url';
import { ensureBuilt } from './lib/build.mjs';
import { letSignalsThrough, runScript } from './lib/children.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { inRoot } from './lib/root.mjs';
import { checkNodeVersion } from './lib/say.mjs';

// `node scripts/run.mjs <name> …`: runs scripts/<name>.ts, compiled.
const [name = '', ...rest] = process.argv.slice(2);
await runScript(async () => {
  checkNodeVersion();
  await ensureInstalled();
  await ensureBuilt(['server']);
  letSignalsThrough();
  process.argv = [process.argv[0], inRoot('dist', 'scripts', `${name}.js`), ...rest];
  await import(pathToFileURL(process.argv[1]).href);
});
