import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureBuilt } from './lib/build.mjs';
import { runScript } from './lib/children.mjs';
import { withPostgres } from './lib/database.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { inRoot } from './lib/root.mjs';
import { Refusal, say } from './lib/say.mjs';
import { copyTree, freshDatabase, removeService } from './lib/scratch-tree.mjs';
import { startServer } from './lib/server.mjs';

// What `npm run new:service` writes, of every kind, and what docs/adding-a-service.md has its readers write, in a copy of the project: it passes the rules and the types, chats word for word,
// its pages open in a browser; and with its files gone the project is what it was, since a service edits no existing file.
const services = [
  { key: 'new-do', kind: 'do', title: '新办一件', sees: '您还没有办过' },
  { key: 'new-query', kind: 'query', title: '新查一项', sees: '示例事项甲' },
  { key: 'new-ask', kind: 'ask', title: '新问一句', sees: '示例事项丙' },
];
/** The one that is made by hand there, from nothing. */
const example = { key: 'lost', title: '最近登记的失物', sees: '最近登记的失物' };
const parts = ['src', 'migrations', 'scripts', 'templates', 'web', 'test', 'bench', 'docs'];
const settings = [
  '.gitignore',
  'biome.json',
  'tsconfig.json',
  'tsconfig.web.json',
  'jest.config.js',
  'vite.config.ts',
  'ormconfig.ts',
];

await runScript(async () => {
  await ensureInstalled();
  await ensureBuilt(['server']);
  const tree = mkdtempSync(path.join(tmpdir(), 'weiban-new-service-'));
  try {
    copyTree(tree, [...parts, ...settings]);
    const before = fingerprints(tree);
    for (const { key, kind, title } of services)
      run(tree, `建不了 ${kind} 类的服务`, ['scripts/new-service.mjs', key, '--kind', kind, '--title', title]);
    writeExample(tree);
    checkRules(tree);
    await withPostgres({ fast: true }, async (serverUrl) => {
      checkTests(tree, serverUrl);
      await checkPages(tree, await freshDatabase(serverUrl, 'new-service'));
    });
    for (const { key } of [...services, example]) remove(tree, key);
    compare(before, fingerprints(tree));
    say('新建的三类服务和文档里的例子都合规则、能编译、能对话、网页打得开；拿掉之后什么也没有变');
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
});

/** File by file, as a reader copies them: a path, a colon, and the block below. */
function writeExample(tree) {
  const text = readFileSync(inRoot('docs/adding-a-service.md'), 'utf8');
  const files = new Map(
    [...text.matchAll(/`([\w./-]+\.\w+)`[^\n`]*：\n\n```\w*\n([\s\S]*?\n)```/g)].map(([, file, code]) => [file, code]),
  );
  const [, list] = /```\n(src\/services\/lost[\s\S]*?)```/.exec(text) ?? [];
  const named = list?.match(/^\S+/gm) ?? [];
  const missing = [
    ...named.filter((file) => !files.has(file)),
    ...[...files.keys()].filter((file) => !named.includes(file)),
  ];
  if (named.length === 0 || missing.length > 0)
    throw new Refusal(`docs/adding-a-service.md 列出的文件与下面写出来的不同：${missing.join('、')}`);
  for (const [file, code] of files) {
    mkdirSync(path.dirname(path.join(tree, file)), { recursive: true });
    writeFileSync(path.join(tree, file), code, { flag: 'wx' });
  }
}

function checkRules(tree) {
  run(tree, '不合格式和规则', [
    'node_modules/@biomejs/biome/bin/biome',
    'ci',
    '--colors=off',
    '--diagnostic-level=warn',
    'src',
    'migrations',
    'web',
    'test',
  ]);
  run(tree, '类型不对', ['node_modules/typescript/bin/tsc', '--noEmit', '-p', '.']);
  run(tree, '网页的类型不对', ['node_modules/vue-tsc/bin/vue-tsc.js', '--noEmit', '-p', 'tsconfig.web.json']);
}

function checkTests(tree, serverUrl) {
  const files = [
    'test/architecture.test.ts',
    'test/chats.test.ts',
    ...services.map(({ key }) => `test/services/${key}`),
  ];
  const env = { NODE_ENV: 'test', TEST_DATABASE_URL: serverUrl };
  run(tree, '测试没有通过', ['node_modules/jest/bin/jest.js', ...files], env);
}

/** As a citizen opens them from the chat. */
async function checkPages(tree, databaseUrl) {
  run(tree, '服务端不能编译', ['scripts/build.mjs', 'server']);
  run(tree, '网页不能编译', ['node_modules/vite/bin/vite.js', 'build', '--mode', 'h5', '--logLevel', 'warn']);
  const env = { DATABASE_URL: databaseUrl, DATA_DIR: path.join(tree, 'data') };
  const server = await startServer(process.execPath, ['dist/src/main.js'], { cwd: tree, env, probe: '/healthz' });
  const { chromium } = await import('playwright-core');
  const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
    const faults = [];
    page.on('pageerror', ({ message }) => faults.push(message));
    for (const { key, title, sees } of [...services, example]) {
      const link = new URLSearchParams({
        account: 'demo',
        openid: 'citizen-of-check',
        url: `/h5/?account=demo#/${key}`,
      });
      await page.goto(`${server.url}/simulator/h5?${link}`);
      await page.getByRole('heading', { name: title }).first().waitFor();
      await page.getByText(sees).first().waitFor();
    }
    if (faults.length > 0) throw new Refusal(`网页出错：${faults.join('；')}`);
  } finally {
    await browser.close();
    await server.stop();
  }
}

/** What a service is, and its texts and tests. */
function remove(tree, key) {
  removeService(tree, key);
  for (const name of readdirSync(path.join(tree, 'templates')).filter((one) => one.startsWith(`${key}.`)))
    rmSync(path.join(tree, 'templates', name));
  rmSync(path.join(tree, 'test/chats', `${key}.chat`));
  rmSync(path.join(tree, 'test/services', key), { recursive: true, force: key === example.key });
}

function run(tree, fault, args, env = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: tree,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Refusal(`${fault}：\n${stdout}${stderr}`);
}

function fingerprints(tree) {
  const files = parts.flatMap((part) => readdirSync(path.join(tree, part), { recursive: true, withFileTypes: true }));
  const names = files
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name));
  const hash = (name) => createHash('sha256').update(readFileSync(name)).digest('hex');
  return new Map(names.map((name) => [path.relative(tree, name), hash(name)]));
}

function compare(before, after) {
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
    (name) => before.get(name) !== after.get(name),
  );
  if (changed.length > 0) throw new Refusal(`新建再拿掉之后，这些文件与原来不同：\n${changed.join('\n')}`);
}
