import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runScript } from './lib/children.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { inRoot } from './lib/root.mjs';
import { checkNodeVersion, Refusal, say } from './lib/say.mjs';
import {
  camel,
  filesUnder,
  refuseBadKey,
  refuseBadTitle,
  refuseImportedName,
  refuseTakenKey,
  refuseTakenTitle,
} from './lib/service-names.mjs';

// `npm run new:service -- <key> [--kind do|query|ask] [--title 标题]`: a service that runs at once, from the templates in
// scripts/new-service/. It only adds files; nothing is written unless everything can be.

const usage = '用法：npm run new:service -- <名称> [--kind do|query|ask] [--title 标题]';
const kinds = {
  do: { parts: ['all', 'do'], note: '我办过的', signIn: ', signIn: true' },
  query: { parts: ['all', 'entries', 'query'], note: '查一查，当场有答案', signIn: '' },
  ask: { parts: ['all', 'entries', 'ask'], note: '常问的当场答，别的交给部门', signIn: '' },
};

await runScript(async () => {
  checkNodeVersion();
  const { key, kind, title } = readArguments(process.argv.slice(2));
  refuseTakenKey(key);
  refuseTakenTitle(title, kind);
  const files = filesOf(key, kind, title);
  refuseImportedName(key, files.find(({ file }) => file.endsWith(`/${key}/index.ts`)).text);
  for (const { file } of files) if (existsSync(inRoot(file))) throw new Refusal(`${file} 已经存在，换一个名称`);
  await ensureInstalled();
  for (const { file, text } of files) {
    mkdirSync(path.dirname(inRoot(file)), { recursive: true });
    writeFileSync(inRoot(file), text, { flag: 'wx' });
  }
  format(files.map(({ file }) => file));
  say(`新服务「${title}」（${key}）：`);
  for (const { file } of files) say(`  ${file}`);
  say(
    `接下来：npm start，打开手机页发「${title}」；npm test -- test/services/${key} test/chats.test.ts；说明见 docs/adding-a-service.md`,
  );
});

function readArguments(args) {
  let parsed;
  try {
    parsed = parseArgs({
      args,
      allowPositionals: true,
      options: { kind: { type: 'string', default: 'query' }, title: { type: 'string' } },
    });
  } catch {
    throw new Refusal(`选项写得不对。${usage}`);
  }
  const { positionals, values } = parsed;
  if (positionals.length !== 1) throw new Refusal(usage);
  const [key] = positionals;
  refuseBadKey(key);
  const { kind } = values;
  if (!Object.hasOwn(kinds, kind))
    throw new Refusal(`种类 ${kind} 不行：do 是微办事，query 是微查询（不写就是它），ask 是部门答疑`);
  const title = (values.title ?? key).normalize('NFKC').trim();
  if (values.title !== undefined) refuseBadTitle(title);
  return { key, kind, title };
}

function filesOf(key, kind, title) {
  const { parts, note, signIn } = kinds[kind];
  const name = camel(key);
  const values = {
    key,
    title,
    note,
    signIn,
    name,
    Name: name[0].toUpperCase() + name.slice(1),
    table: key.replaceAll('-', '_'),
    timestamp: nextTimestamp(),
  };
  const filled = (text) => text.replace(/__(\w+?)__/g, (all, word) => values[word] ?? all);
  return parts.flatMap((part) => {
    const from = `scripts/new-service/${part}`;
    return filesUnder(from).map((file) => ({
      file: filled(file.slice(from.length + 1).replace(/\.template$/, '')),
      text: filled(readFileSync(inRoot(file), 'utf8')),
    }));
  });
}

/** The next hundred behind the last migration. */
function nextTimestamp() {
  const last = Math.max(
    ...readdirSync(inRoot('migrations'))
      .map((name) => Number.parseInt(name, 10))
      .filter(Number.isFinite),
  );
  return String((Math.floor(last / 100) + 1) * 100);
}

/** Line breaks and the order of imports depend on the name and the title. */
function format(files) {
  const written = files.filter((file) => /\.(?:ts|vue)$/.test(file));
  const biome = inRoot('node_modules/@biomejs/biome/bin/biome');
  const args = [biome, 'check', '--write', '--colors=off', ...written];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: inRoot(), encoding: 'utf8' });
  if (status !== 0) throw new Refusal(`文件写好了，但没有通过格式检查：\n${stdout}${stderr}`);
}
