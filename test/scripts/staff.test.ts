import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { audited, request, signIn } from '../console/client';
import { cloneDatabase } from '../support/database';
import { startTestServer, type TestServer, testSecretKey } from '../support/server';

jest.setTimeout(60_000);

let server: TestServer;
let dataDir: string;
beforeAll(async () => {
  server = await startTestServer();
  dataDir = await mkdtemp(path.join(tmpdir(), 'weiban-staff-'));
});
afterAll(async () => {
  await server?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

/** `npm run staff -- …` as a process of its own, beside the running server. */
async function staff(
  args: string[],
  input = '',
  databaseUrl = server.databaseUrl,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [path.join(__dirname, '../../scripts/run.mjs'), 'staff', ...args], {
    env: { PATH, HOME, DATA_DIR: dataDir, DATABASE_URL: databaseUrl, SECRET_KEY: testSecretKey },
  });
  const told = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text) => {
      told[name] += text;
    });
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, ...told };
}

const chen = ['add', 'chen', '--name', '陈晓', '--organisation', 'police', '--role', 'operator,reviewer'];

test('someone is added, signs in, changes their password and is disabled, and each leaves its trace', async () => {
  expect(await staff(chen, 'correct horse battery\n')).toMatchObject({ code: 0, stderr: '' });
  const chens = await signIn(server, 'chen', 'correct horse battery');
  expect((await chens.get('/me')).body).toMatchObject({
    username: 'chen',
    name: '陈晓',
    organisation: '示例市公安局',
    roles: expect.arrayContaining(['operator', 'reviewer']),
  });
  expect(await audited(server, 'staff.add')).toMatchObject([
    { subject: 'staff:chen', username: null, detail: { organisation: 'police', roles: ['operator', 'reviewer'] } },
  ]);

  expect((await staff(['password', 'chen'], 'another long password\n')).code).toBe(0);
  expect((await chens.send('POST', '/logout', {})).status).toBe(401);
  const again = await signIn(server, 'chen', 'another long password');
  expect(await audited(server, 'staff.password')).toHaveLength(1);

  expect((await staff(['disable', 'chen'])).code).toBe(0);
  expect((await again.send('POST', '/logout', {})).status).toBe(401);
  expect(await audited(server, 'staff.disable')).toHaveLength(1);
  expect((await staff(['list'])).stdout).toMatch(/^chen\t陈晓\t示例市公安局（police）\toperator、reviewer\t已停用$/m);
  expect(await staff(chen, 'correct horse battery\n')).toMatchObject({ code: 1, stderr: '用户名 chen 已有人在用\n' });

  const trail = JSON.stringify(await server.deps.db.query('SELECT * FROM audit'));
  for (const password of ['correct horse', 'another long']) expect(trail).not.toContain(password);
});

test('an organisation is added below another one, and staff to it', async () => {
  const add = ['organisation', 'add', 'education', '--parent', 'city', '--kind', 'bureau', '--title', '示例市教育局'];
  expect((await staff(add)).code).toBe(0);
  expect(await audited(server, 'organisation.add')).toMatchObject([
    { subject: 'organisation:education', username: null, detail: { parent: 'city', kind: 'bureau' } },
  ]);
  expect(await staff(add)).toMatchObject({ code: 1, stderr: '已有组织 education\n' });
  expect((await staff(['organisation', 'list'])).stdout).toContain('  education\t示例市教育局\tbureau\n');
  const li = ['add', 'li', '--name', '李明', '--organisation', 'education', '--role', 'operator'];
  expect((await staff(li, 'a password of length\n')).code).toBe(0);
  expect((await request(server, 'POST', '/login', { username: 'li', password: 'a password of length' })).status).toBe(
    200,
  );
});

test('the first commands of docs/going-live.md, on a database that has nobody yet', async () => {
  const guide = await readFile(path.join(__dirname, '../../docs/going-live.md'), 'utf8');
  const commands = [...guide.matchAll(/^docker compose exec web1 node dist\/scripts\/staff\.js (add .+)$/gm)];
  expect(commands.length).toBeGreaterThan(1);
  const fresh = await cloneDatabase();
  try {
    for (const [, command] of commands)
      expect(await staff(command!.split(' '), 'correct horse battery\n', fresh.url)).toMatchObject({
        code: 0,
        stderr: '',
      });
    const { stdout } = await staff(['list'], '', fresh.url);
    for (const role of ['admin', 'auditor']) expect(stdout).toMatch(new RegExp(`^\\S+\t\\S+\t\\S+\t${role}$`, 'm'));
  } finally {
    await fresh.drop();
  }
});

test('what is wrong is told in words, and nothing is changed', async () => {
  const before = await server.deps.db.query('SELECT count(*) FROM staff');
  const wang = ['add', 'wang', '--name', '王', '--organisation', 'police', '--role', 'operator'];
  const wrong: [string[], string, string][] = [
    [wang, 'short\n', '口令至少 12 个字符'],
    [wang.with(-1, 'boss'), 'a password of length\n', '没有这样的角色：boss'],
    [wang.with(5, 'nowhere'), 'a password of length\n', '没有组织 nowhere'],
    [['password', 'nobody'], 'a password of length\n', '找不到人员 nobody'],
  ];
  for (const [args, input, words] of wrong) {
    const { code, stderr } = await staff(args, input);
    expect([code, stderr]).toEqual([1, expect.stringContaining(words)]);
    expect(stderr).not.toMatch(/^\s+at /m);
  }
  expect(await server.deps.db.query('SELECT count(*) FROM staff')).toEqual(before);
});
