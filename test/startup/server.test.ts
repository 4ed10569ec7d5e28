import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { endAll, type Started, startWeiban } from './weiban';

jest.setTimeout(60_000);

let place: string;
let dataDir: string;

beforeAll(async () => {
  place = await mkdtemp(path.join(tmpdir(), 'weiban-start-'));
  dataDir = path.join(place, '数据 目录');
});

afterAll(async () => {
  await endAll();
  await rm(place, { recursive: true, force: true });
});

describe('one folder through a first start, a second beside it, a kill, a recovery and an end', () => {
  let server: Started;

  test('from an empty folder: serves, says where, and chats', async () => {
    server = await start({ DATA_DIR: dataDir });
    expect(server.stderr()).toBe('');
    for (const path of ['/phone/', '/console/', '/wechat/demo'])
      expect(server.stdout()).toContain(`${server.url}${path}`);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    expect(await say(server, '身份证丢了咋办')).toMatchObject({ status: 200 });
  });

  test('a second start says that the first still runs, and leaves it alone', async () => {
    const told = await refused({ DATA_DIR: dataDir });
    expect(told).toBe(
      `另一个微办正在使用该目录（进程 ${server.pid}，${server.url}）：请先停止它，或换一个 DATA_DIR 和 PORT\n`,
    );
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  });

  test('after kill -9 the next start goes on where it was', async () => {
    const before = await chat(server);
    server.kill('SIGKILL');
    expect(await server.ended).toBe('SIGKILL');
    server = await start({ DATA_DIR: dataDir });
    expect(await chat(server)).toEqual(before);
  });

  test('Ctrl-C lets what is in flight finish, and ends the database too', async () => {
    const body = JSON.stringify({ text: '帮助' });
    const { socket, received } = await sendHead(server, Buffer.byteLength(body));
    server.kill('SIGINT');
    await closedToNew(server);
    socket.write(body);
    await once(socket, 'close');
    expect(received()).toContain('HTTP/1.1 200 OK');
    expect(received()).toContain('"replies":[{');
    const code = await server.ended;
    expect({ code, said: server.stderr() }).toEqual({ code: 0, said: '' });
    await expect(readFile(path.join(dataDir, 'postgres/postmaster.pid'))).rejects.toThrow('ENOENT');
  });
});

test('a port that is taken is told, and what was started for it ended', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  expect(await refused({ DATA_DIR: dataDir, PORT: String(port) })).toMatch(new RegExp(`^端口 ${port} 已被占用.*\n$`));
  await expect(readFile(path.join(dataDir, 'postgres/postmaster.pid'))).rejects.toThrow('ENOENT');
  other.close();
});

test('a folder of another program is told', async () => {
  const foreign = path.join(place, 'letters');
  await mkdir(foreign);
  await writeFile(path.join(foreign, 'letter.txt'), 'Dear mother');
  expect(await refused({ DATA_DIR: foreign })).toMatch(/^.*letters 里有别的文件.*DATA_DIR.*\n$/);
});

test.each([
  ['that nobody serves', 'postgres://weiban:secret@127.0.0.1:1/weiban'],
  ['whose host is not known', 'postgres://weiban:secret@host.invalid/weiban'],
])('a DATABASE_URL %s is told without its password', async (_, url) => {
  const told = await refused({ DATA_DIR: path.join(place, 'outside'), DATABASE_URL: url });
  expect(told).toMatch(/^.*DATABASE_URL.*\n$/);
  expect(told).not.toContain('secret');
});

test('a database with another password, or that does not exist, is told', async () => {
  for (const change of [
    (url: URL) => Object.assign(url, { password: 'wrong' }),
    (url: URL) => Object.assign(url, { pathname: '/nowhere' }),
  ]) {
    const url = change(new URL(process.env.TEST_DATABASE_URL!)).href;
    expect(await refused({ DATA_DIR: path.join(place, 'outside'), DATABASE_URL: url })).toMatch(/^.*DATABASE_URL.*\n$/);
  }
});

test('a Redis out of reach is told', async () => {
  const told = await refused({ DATA_DIR: dataDir, REDIS_URL: 'redis://127.0.0.1:1' });
  expect(told).toMatch(/^.*REDIS_URL.*\n$/);
});

test('settings that cannot be are told, all of them', async () => {
  const told = await refused({ DATA_DIR: dataDir, PORT: 'many', ROLES: 'boss' });
  expect(told).toMatch(/PORT/);
  expect(told).toMatch(/ROLES/);
  expect(told).not.toMatch(/\n {4}at /);
});

async function start(env: NodeJS.ProcessEnv): Promise<Started> {
  const server = await startWeiban(env);
  if (!server.url) throw new Error(`did not start:\n${server.stdout()}${server.stderr()}`);
  return server;
}

/** @returns what it said on standard error, having ended with an exit code that is not 0 */
async function refused(env: NodeJS.ProcessEnv): Promise<string> {
  const server = await startWeiban(env);
  expect(server.url).toBeUndefined();
  expect(await server.ended).toBe(1);
  return server.stderr();
}

async function say(server: Started, text: string): Promise<object> {
  const response = await fetch(`${server.url}/simulator/chats/demo/citizen-of-start`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text }),
  });
  return (await response.json()) as object;
}

async function chat(server: Started): Promise<unknown> {
  return (await fetch(`${server.url}/simulator/chats/demo/citizen-of-start`)).json();
}

/** Begins a citizen's message, of which the body is still to come. */
async function sendHead(server: Started, length: number) {
  const { hostname, port } = new URL(server.url!);
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.setEncoding('utf8').on('data', (data) => {
    text += data;
  });
  const head = [
    'POST /simulator/chats/demo/citizen-in-flight HTTP/1.1',
    `Host: ${hostname}`,
    `Content-Length: ${length}`,
  ];
  socket.write(`${head.join('\r\n')}\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n\r\n`);
  // The server has the head for sure when it asks for the body.
  while (!text.includes('100 Continue')) await once(socket, 'data');
  return { socket, received: () => text };
}

/** Until no new connection is taken, which is the first thing that stopping does. */
async function closedToNew(server: Started): Promise<void> {
  while (
    await fetch(`${server.url}/healthz`).then(
      () => true,
      () => false,
    )
  );
}
