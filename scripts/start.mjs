import { pathToFileURL } from 'node:url';
import { ensureBuilt } from './lib/build.mjs';
import { letSignalsThrough, runScript } from './lib/children.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { inRoot } from './lib/root.mjs';
import { checkNodeVersion } from './lib/say.mjs';

// `npm start` on a fresh clone: whatever is missing is installed and built, then the server runs in this same process.
await runScript(async () => {
  checkNodeVersion();
  await ensureInstalled();
  await ensureBuilt();
  letSignalsThrough();
  process.argv = [process.argv[0], inRoot('dist', 'src', 'main.js'), ...process.argv.slice(2)];
  await import(pathToFileURL(process.argv[1]).href);
});
