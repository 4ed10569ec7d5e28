import { startTestServer, type TestServer } from '../support/server';
import { addStaff, audited, request, signIn } from './client';

// Each server stands for an address of its own: what one address may try is counted apart from what is counted here.
const servers: TestServer[] = [];
beforeAll(async () => {
  servers.push(await startTestServer());
  for (let more = 0; more < 2; more++) servers.push(await startTestServer({ databaseUrl: servers[0]!.databaseUrl }));
});
afterAll(async () => {
  for (const server of servers.toReversed()) await server.stop();
});
afterEach(() => advance(0));

const minute = 60_000;
const advance = (millis: number) => {
  for (const { deps } of servers) deps.clock.offset = millis;
};
const login = (at: number, username: string, password = 'weiban-demo') =>
  request(servers[at]!, 'POST', '/login', { username, password });
async function guess(at: number, username: string, times: number): Promise<number[]> {
  const statuses: number[] = [];
  for (let tries = 0; tries < times; tries++) statuses.push((await login(at, username, `guess ${tries}`)).status);
  return statuses;
}

test('ten wrong passwords from several addresses lock the username for a quarter of an hour, known or not', async () => {
  await addStaff(servers[0]!, 'watched', 'clerk', 'police-household');
  const answers: unknown[] = [];
  for (const username of ['watched', 'no-such-person']) {
    expect(await guess(0, username, 5)).toEqual(Array(5).fill(401));
    expect(await guess(1, username, 5)).toEqual(Array(5).fill(401));
    advance(minute);
    const { status, body } = await login(2, username);
    answers.push({ status, body });
    advance(0);
  }
  expect(answers[0]).toMatchObject({ status: 429, body: { error: { code: 'too-many-tries', message: /请 14 分钟/ } } });
  expect(answers[1]).toEqual(answers[0]);
  advance(15 * minute + 2000);
  expect((await login(2, 'watched')).status).toBe(200);
});

test('a lock is in the trail, and shown to those in charge of that part alone', async () => {
  const [server] = servers as [TestServer];
  await addStaff(server, 'police-chief', 'supervisor', 'police');
  await addStaff(server, 'health-chief', 'supervisor', 'health');
  expect(await audited(server, 'session.lock')).toMatchObject([{ subject: 'staff:watched', username: null }]);
  const events = await server.deps.db.query(`SELECT roles, data FROM live_events WHERE topic = 'sign-in-alarm'`);
  expect(events).toEqual([{ roles: ['supervisor', 'admin'], data: { action: 'session.lock' } }]);
  const seen = async (username: string) => (await (await signIn(server, username)).get('/sign-in-alarms')).body;
  expect(await seen('police-chief')).toMatchObject({ items: [{ action: 'session.lock', subject: 'staff:watched' }] });
  expect(await seen('health-chief')).toEqual({ items: [], next: null });
});

test('nine are forgiven after a while, and after the right password', async () => {
  await addStaff(servers[0]!, 'absent-minded', 'clerk', 'police');
  await guess(0, 'absent-minded', 9);
  advance(16 * minute);
  expect(await guess(1, 'absent-minded', 9)).toEqual(Array(9).fill(401));
  expect((await login(2, 'absent-minded')).status).toBe(200);
  expect(await guess(2, 'absent-minded', 9)).toEqual(Array(9).fill(401));
});

test('many at once from everywhere count one by one', async () => {
  await addStaff(servers[0]!, 'target', 'clerk', 'police');
  const answers = await Promise.all(
    Array.from({ length: 24 }, (_, index) => login(index % 3, 'target', `guess ${index}`)),
  );
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(10);
});

test('the numbers are settings', async () => {
  const { settings } = servers[0]!.deps;
  await settings.set('console.lock-after-failures', 3);
  await settings.set('console.lock-minutes', 60);
  expect(await guess(0, 'someone', 4)).toEqual([401, 401, 401, 429]);
  advance(59 * minute);
  expect((await login(0, 'someone')).status).toBe(429);
  advance(61 * minute);
  expect((await login(0, 'someone')).status).toBe(401);
});
