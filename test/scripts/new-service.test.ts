import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';

// What it writes is checked by scripts/check-new-service.mjs; here is what it refuses, before it has written anything.

const root = path.join(__dirname, '../..');
const written = () =>
  ['src/services', 'migrations', 'templates', 'web/h5/services', 'test/chats'].flatMap((place) =>
    readdirSync(path.join(root, place)),
  );

test.each([
  [[], /^用法：/],
  [['one', 'two'], /^用法：/],
  [['one', '--colour', 'red'], /^选项写得不对。用法：/],
  [['Lost'], /小写英文、数字和连字符/],
  [['delete'], /另有意思/],
  [['lost-utils'], /另有意思/],
  [['cases'], /已经有了：src\/services\/cases/],
  [['me'], /地址 \/me 已经被 src\/h5\//],
  [['guides-overview'], /地址 \/guides-overview 已经被 src\/services\/guides\/pages\.ts 用了/],
  [['contact'], /菜单自己的键/],
  [['lost', '--kind', 'see'], /do 是微办事，query 是微查询/],
  [['lost', '--title', `失物'`], /2 到 12 个汉字、字母或数字/],
  [['lost', '--title', '12'], /2 到 12 个汉字、字母或数字/],
  [['lost', '--title', '预约'], /「预约」已经是 src\/services\/appointments\/index\.ts 的关键词/],
  [['lost', '--title', '预约', '--kind', 'do'], /「预约」已经是/],
  [['lost', '--title', '护照费用'], /「护照费用」已经是 src\/services\/fees\/rules\.yaml 的关键词/],
  [['personal', '--kind', 'do'], /另有意思/],
  [['lost', '--title', '取消'], /「取消」已经是 src\/dialogue\/commands\.ts 的关键词/],
])('npm run new:service -- %j is refused in one line, with nothing written', (args, line) => {
  const before = written();
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/new-service.mjs', ...args], {
    cwd: root,
    encoding: 'utf8',
  });
  expect({ status, stdout, stderr: stderr.trimEnd().split('\n') }).toEqual({
    status: 1,
    stdout: '',
    stderr: [expect.stringMatching(line)],
  });
  expect(written()).toEqual(before);
});
