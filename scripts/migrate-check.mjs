import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { ensureBuilt } from './lib/build.mjs';
import { runScript } from './lib/children.mjs';
import { withPostgres } from './lib/database.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { inRoot, root } from './lib/root.mjs';
import { Refusal, say } from './lib/say.mjs';

// Migrations up, down and up again, by TypeORM's own command line: nothing may stay behind, and both times up end at the same schema.
await runScript(async () => {
  await ensureInstalled();
  await ensureBuilt(['server']);
  const count = readdirSync(inRoot('migrations')).filter((name) => name.endsWith('.ts')).length;
  await withPostgres({ fast: true }, async (url) => {
    const before = await describeSchema(url);
    typeorm(url, 'migration:run');
    const first = await describeSchema(url);
    for (let left = count; left > 0; left--) typeorm(url, 'migration:revert');
    const left = (await describeSchema(url)).filter((line) => !before.includes(line) && !/ migrations\b/.test(line));
    if (left.length > 0) throw new Refusal(`迁移回退后仍留下：\n${left.join('\n')}`);
    typeorm(url, 'migration:run');
    const again = await describeSchema(url);
    const differing = [
      ...first.filter((line) => !again.includes(line)),
      ...again.filter((line) => !first.includes(line)),
    ];
    if (differing.length > 0) throw new Refusal(`重新迁移后的结构与第一次不同：\n${differing.join('\n')}`);
  });
  say(`${count} 个迁移：升级、回退、再升级，结果一致`);
});

function typeorm(url, command) {
  const args = ['--import', 'tsx', inRoot('node_modules/typeorm/cli.js'), '-d', 'ormconfig.ts', command];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    env: { ...process.env, DATABASE_URL: url },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Refusal(`typeorm ${command} 失败：\n${stdout}${stderr}`);
}

/** Every table's columns, index, constraint and routine outside PostgreSQL's own schemas, one a line. */
async function describeSchema(url) {
  const { Client } = createRequire(import.meta.url)('pg');
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query(`
      SELECT 'schema ' || nspname AS line FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
      UNION ALL
      SELECT concat_ws(' ', 'column', table_schema, table_name, column_name, udt_name, is_nullable, column_default)
        FROM information_schema.columns WHERE table_schema !~ '^pg_' AND table_schema <> 'information_schema'
      UNION ALL
      SELECT 'index ' || tablename || ' ' || indexdef FROM pg_indexes WHERE schemaname !~ '^pg_'
      UNION ALL
      SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(c.oid))
        FROM pg_constraint c JOIN pg_namespace n ON n.oid = connamespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
      UNION ALL
      SELECT concat_ws(' ', 'routine', nspname, proname, md5(pg_get_function_identity_arguments(p.oid) || prosrc))
        FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
      UNION ALL
      SELECT concat_ws(' ', 'trigger', tgrelid::regclass, tgname) FROM pg_trigger WHERE NOT tgisinternal
      ORDER BY 1`);
    return rows.map(({ line }) => line);
  } finally {
    await client.end();
  }
}
