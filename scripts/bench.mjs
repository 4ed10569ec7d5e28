import { readdirSync } from 'node:fs';
import { ensureBuilt } from './lib/build.mjs';
import { runScript, runShown } from './lib/children.mjs';
import { withPostgres } from './lib/database.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { inRoot } from './lib/root.mjs';
import { checkNodeVersion, Refusal } from './lib/say.mjs';

// `npm run bench <name> …`: runs bench/<name>.ts against a durable PostgreSQL of its own, given as DATABASE_URL.
const [name = '', ...rest] = process.argv.slice(2);
await runScript(async () => {
  checkNodeVersion();
  const names = readdirSync(inRoot('bench')).flatMap((file) => /^(.+)\.ts$/.exec(file)?.[1] ?? []);
  if (!names.includes(name)) throw new Refusal(`用法：npm run bench <名称>，名称可以是 ${names.join('、')}`);
  const file = inRoot('bench', `${name}.ts`);
  await ensureInstalled();
  await ensureBuilt(['server']);
  process.exitCode = await withPostgres({}, (databaseUrl) =>
    runShown(process.execPath, ['--import', 'tsx', file, ...rest], { env: { DATABASE_URL: databaseUrl } }),
  );
});
