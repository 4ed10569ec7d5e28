import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureBuilt } from './lib/build.mjs';
import { runScript } from './lib/children.mjs';
import { withPostgres } from './lib/database.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { Refusal, say } from './lib/say.mjs';
import { copyTree, freshDatabase, removeService, serviceKeys } from './lib/scratch-tree.mjs';
import { startServer } from './lib/server.mjs';

// A service is a folder: with each one taken away in turn (its folder, migrations and pages), the rest must compile,
// start and chat.
const asked = process.argv.slice(2);

await runScript(async () => {
  await ensureInstalled();
  await ensureBuilt(['server']);
  const keys = serviceKeys().filter((key) => asked.length === 0 || asked.includes(key));
  await withPostgres({ fast: true }, async (serverUrl) => {
    for (const key of keys) await checkWithout(key, serverUrl);
  });
});

async function checkWithout(key, serverUrl) {
  const tree = mkdtempSync(path.join(tmpdir(), `weiban-without-${key}-`));
  try {
    copyTree(tree, ['src', 'migrations', 'scripts', 'templates', 'web', 'ormconfig.ts', 'tsconfig.json']);
    removeService(tree, key);
    compile(tree, key);
    await chat(tree, key, await freshDatabase(serverUrl, `without-${key}`));
    say(`去掉服务 ${key}：其余能编译、启动、对话`);
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

function compile(tree, key) {
  writeFileSync(
    path.join(tree, 'tsconfig.check.json'),
    JSON.stringify({ extends: './tsconfig.json', include: ['src', 'migrations', 'scripts', 'ormconfig.ts'] }),
  );
  for (const args of [
    ['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.check.json'],
    ['scripts/build.mjs', 'server'],
  ]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: tree, encoding: 'utf8' });
    if (status !== 0) throw new Refusal(`去掉服务 ${key} 后不能编译：\n${stdout}${stderr}`);
  }
}

async function chat(tree, key, databaseUrl) {
  const env = { DATABASE_URL: databaseUrl, DATA_DIR: path.join(tree, 'data') };
  // Not /readyz, which misses the pages here, and the services when none is left.
  const server = await startServer(process.execPath, ['dist/src/main.js'], { cwd: tree, env, probe: '/healthz' });
  try {
    for (const text of ['帮助', '你好', '今天天气怎么样']) {
      const response = await fetch(`${server.url}/simulator/chats/demo/citizen-of-check`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ text }),
      });
      const answer = await response.json();
      if (answer.status !== 200 || !answer.replies?.length)
        throw new Refusal(`去掉服务 ${key} 后，「${text}」没有得到回复：${JSON.stringify(answer)}\n${server.output()}`);
    }
  } finally {
    await server.stop();
  }
}
