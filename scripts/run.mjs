import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { ensureBuilt, isBuilt, isFresh } from './lib/build.mjs';
import { letSignalsThrough, runScript } from './lib/children.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { inRoot } from './lib/root.mjs';
import { checkNodeVersion, Refusal, say } from './lib/say.mjs';

// `node scripts/run.mjs <name> …`: runs scripts/<name>.ts, compiled.
const [name = '', ...rest] = process.argv.slice(2);
const program = inRoot('dist', 'scripts', `${name}.js`);
await runScript(async () => {
  checkNodeVersion();
  await prepare();
  letSignalsThrough();
  process.argv = [process.argv[0], program, ...rest];
  await import(pathToFileURL(program).href);
});

/**
 * In production a server may be running from this very folder: installing or building would take its files from under it. So what is
 * there is used as it is.
 */
async function prepare() {
  if (process.env.NODE_ENV === 'production' && isBuilt('server')) {
    if (!existsSync(program)) throw new Refusal(`已编译的旧程序里还没有 ${name}；停下服务后运行 npm run build 更新`);
    if (!isFresh('server')) say('提醒：dist 与源码不一致，这里用的是已编译的旧程序；停下服务后运行 npm run build 更新');
    return;
  }
  await ensureInstalled();
  await ensureBuilt(['server']);
}
