import { existsSync } from 'node:fs';
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
  const file = inRoot('bench', `${name}.ts`);
  if (!existsSync(file))
    throw new Refusal(`用法：npm run bench <名称>，名称为 bench/ 中的文件（没有 ${name || '给出名称'}）`);
  await ensureInstalled();
  await ensureBuilt(['server']);
  process.exitCode = await withPostgres({}, (databaseUrl) =>
    runShown(process.execPath, ['--import', 'tsx', file, ...rest], { env: { DATABASE_URL: databaseUrl } }),
  );
});
