import { once } from 'node:events';
import { eventStreams, say } from '../../src/platform/http/event-streams';
import { startTestServer, type TestServer } from '../support/server';
import { addStaff, type Client, signIn } from './client';

let server: TestServer;
let other: TestServer;
const open: AbortController[] = [];

beforeAll(async () => {
  server = await startTestServer();
  other = await startTestServer({ databaseUrl: server.databaseUrl });
  await addStaff(server, 'police-clerk', 'clerk', 'police-household');
  await addStaff(server, 'hospital-clerk', 'clerk', 'hospital-first-desk');
});
afterEach(() => {
  for (const one of open.splice(0)) one.abort();
});
afterAll(async () => {
  await other?.stop();
  await server?.stop();
});

type Told = { id: number; topic: string; data: unknown };

/** What one page is told, as it comes. */
async function listen(client: Client, at: TestServer, after?: number): Promise<Told[]> {
  const controller = new AbortController();
  open.push(controller);
  const response = await fetch(`${at.url}/api/console/events`, {
    headers: {
      authorization: `Bearer ${client.token}`,
      ...(after !== undefined && { 'last-event-id': String(after) }),
    },
    signal: controller.signal,
  });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const told: Told[] = [];
  void read(response, told);
  return told;
}

async function read(response: Response, told: Told[]): Promise<void> {
  let rest = '';
  try {
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + chunk).split('\n\n');
      rest = parts.pop()!;
      for (const part of parts) {
        const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(part)?.[1];
        const topic = field('event');
        if (topic) told.push({ id: Number(field('id')), topic, data: JSON.parse(field('data')!) });
      }
    }
  } catch (error) {
    // Hung up by the test itself.
    if ((error as Error).name !== 'AbortError') throw error;
  }
}

const happen = async (at: TestServer, organisation: string, n: number) => {
  const { db, live } = at.deps;
  const [row] = await db.query<{ path: string }>('SELECT path FROM organisations WHERE key = $1', [organisation]);
  await db.transaction((tx) =>
    live.publish(tx, { topic: 'question', path: row!.path, roles: ['clerk', 'supervisor'], data: { n } }),
  );
};

test('what happens in one process is told by every other, to those whom it concerns alone', async () => {
  const police = await listen(await signIn(server, 'police-clerk'), server);
  const hospital = await listen(await signIn(server, 'hospital-clerk'), server);
  const operator = await listen(await signIn(server, 'operator'), server);
  const supervisor = await listen(await signIn(server, 'supervisor'), server);
  await happen(other, 'police-household', 1);
  await happen(server, 'hospital-first-desk', 2);
  await until(() => supervisor.length === 2 && police.length === 1 && hospital.length === 1);
  expect(police).toMatchObject([{ topic: 'question', data: { n: 1 } }]);
  expect(hospital).toMatchObject([{ topic: 'question', data: { n: 2 } }]);
  expect(operator).toEqual([]);
});

test('a page that was away is told what it missed, in order, once', async () => {
  const client = await signIn(server, 'police-clerk');
  const first = await listen(client, server);
  await happen(server, 'police-household', 3);
  await until(() => first.length === 1);
  open.pop()!.abort();
  for (const n of [4, 5, 6]) await happen(other, 'police-household', n);
  await happen(other, 'hospital-first-desk', 7);
  const again = await listen(client, other, first[0]!.id);
  await happen(other, 'police-household', 8);
  await until(() => again.some(({ data }) => (data as { n: number }).n === 8));
  const after = again.filter(({ id }) => id > first[0]!.id).map(({ data }) => (data as { n: number }).n);
  expect(after).toEqual([4, 5, 6, 8]);
  expect(new Set(again.map(({ id }) => id)).size).toBe(again.length);
});

test('what is undone is not told, and too long ago means reading everything again', async () => {
  const client = await signIn(server, 'police-clerk');
  const told = await listen(client, server);
  const { db, live } = server.deps;
  const [row] = await db.query<{ path: string }>(`SELECT path FROM organisations WHERE key = 'police-household'`);
  const undone = db.transaction(async (tx) => {
    await live.publish(tx, { topic: 'question', path: row!.path, roles: ['clerk'], data: { n: 9 } });
    throw new Error('undone');
  });
  await expect(undone).rejects.toThrow('undone');
  await happen(server, 'police-household', 10);
  await until(() => told.length > 0);
  expect(told).toMatchObject([{ data: { n: 10 } }]);

  server.deps.clock.offset = 25 * 3600_000;
  await live.sweep.run();
  server.deps.clock.offset = 0;
  await happen(server, 'police-household', 11);
  expect(await live.since(told[0]!.id - 1)).toBeUndefined();
  const late = await listen(client, server, 1);
  await until(() => late.some(({ topic }) => topic === 'reset'));
});

test('of one who keeps opening pages the oldest makes way, the others lose nothing, and whoever takes nothing is let go', async () => {
  const greedy = await signIn(server, 'hospital-clerk');
  const police = await listen(await signIn(server, 'police-clerk'), server);
  const first = await fetch(`${server.url}/api/console/events`, {
    headers: { authorization: `Bearer ${greedy.token}` },
  });
  const firstEnds = expect(first.text()).rejects.toThrow();
  const pages: Told[][] = [];
  for (let page = 0; page < 20; page++) pages.push(await listen(greedy, server));
  await firstEnds;
  await happen(server, 'police-household', 12);
  await happen(server, 'hospital-first-desk', 13);
  await until(() => police.length === 1 && pages.every(({ length }) => length === 1));

  const openStream = eventStreams(21, '打开的页面太多');
  const silent = openStream('somebody');
  for (let n = 0; n < 2000; n++) say(silent, `data: ${'x'.repeat(1000)}\n\n`);
  expect(silent.destroyed).toBe(true);
  await once(silent, 'close');
  for (let page = 0; page < 50; page++) openStream('somebody');
  openStream('another');
  expect(() => openStream('a third')).toThrow('打开的页面太多');
});

test('nobody who is not signed in is told anything', async () => {
  expect((await fetch(`${server.url}/api/console/events`)).status).toBe(401);
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
