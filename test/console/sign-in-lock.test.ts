import { network } from '../../src/console/tries';
import { startTestServer, type TestServer } from '../support/server';
import { addStaff, audited, request, signIn } from './client';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await server.deps.settings.set('console.lock-address-after-failures', 10_000);
});
afterAll(() => server?.stop());
afterEach(() => advance(0));

const minute = 60_000;
const advance = (millis: number) => {
  server.deps.clock.offset = millis;
};
const login = (username: string, password = 'weiban-demo') => request(server, 'POST', '/login', { username, password });
async function guess(username: string, times: number): Promise<number[]> {
  const statuses: number[] = [];
  for (let tries = 0; tries < times; tries++) statuses.push((await login(username, `guess ${tries}`)).status);
  return statuses;
}

test('ten wrong passwords lock the username for a quarter of an hour, known or not', async () => {
  await addStaff(server, 'watched', 'clerk', 'police-household');
  const answers: unknown[] = [];
  for (const username of ['watched', 'no-such-person']) {
    expect(await guess(username, 10)).toEqual(Array(10).fill(401));
    advance(minute);
    const { status, body } = await login(username);
    answers.push({ status, body });
    advance(0);
  }
  expect(answers[0]).toMatchObject({ status: 429, body: { error: { code: 'too-many-tries', message: /请 14 分钟/ } } });
  expect(answers[1]).toEqual(answers[0]);
  advance(15 * minute + 2000);
  expect((await login('watched')).status).toBe(200);
});

test('a lock is in the trail, and shown to those in charge of that part alone', async () => {
  await addStaff(server, 'police-chief', 'supervisor', 'police');
  await addStaff(server, 'health-chief', 'supervisor', 'health');
  expect(await audited(server, 'session.lock')).toMatchObject([{ subject: 'staff:watched', username: null }]);
  const events = await server.deps.db.query(`SELECT roles, data FROM live_events WHERE topic = 'sign-in-alarm'`);
  expect(events).toEqual([{ roles: ['supervisor', 'security', 'admin'], data: { action: 'session.lock' } }]);
  const seen = async (username: string) => (await (await signIn(server, username)).get('/sign-in-alarms')).body;
  expect(await seen('police-chief')).toMatchObject({ items: [{ action: 'session.lock', subject: 'staff:watched' }] });
  expect(await seen('health-chief')).toEqual({ items: [], next: null });
});

test('nine are forgiven after a while, and after the right password', async () => {
  await addStaff(server, 'absent-minded', 'clerk', 'police');
  await guess('absent-minded', 9);
  advance(16 * minute);
  expect(await guess('absent-minded', 9)).toEqual(Array(9).fill(401));
  expect((await login('absent-minded')).status).toBe(200);
  expect(await guess('absent-minded', 9)).toEqual(Array(9).fill(401));
});

test('many at once count one by one', async () => {
  await addStaff(server, 'target', 'clerk', 'police');
  const answers = await Promise.all(Array.from({ length: 24 }, (_, index) => login('target', `guess ${index}`)));
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(10);
});

test('one address that tries one password on everybody is locked, whoever it asks for next; others are told', async () => {
  const { settings } = server.deps;
  await settings.set('console.lock-address-after-failures', 12);
  try {
    advance(60 * minute);
    for (let person = 0; person < 6; person++) expect((await login(`person-${person}`, 'Passw0rd')).status).toBe(401);
    // Someone with a password of their own does not have the others forgotten.
    expect((await login('reviewer')).status).toBe(200);
    for (let person = 6; person < 12; person++) expect((await login(`person-${person}`, 'Passw0rd')).status).toBe(401);
    expect(await login('reviewer')).toMatchObject({
      status: 429,
      body: { error: { message: '从您的网络地址登录失败次数过多，请 15 分钟后再试' } },
    });
    const [alarm] = await audited(server, 'session.lock-address');
    expect(alarm).toMatchObject({ subject: expect.stringMatching(/^address:/), detail: { until: expect.any(String) } });
    advance(76 * minute);
    expect((await login('reviewer')).status).toBe(200);
    const supervisor = await signIn(server, 'supervisor');
    expect((await supervisor.get('/sign-in-alarms?limit=1')).body).toMatchObject({
      items: [{ action: 'session.lock-address' }],
    });
  } finally {
    await settings.set('console.lock-address-after-failures', 10_000);
  }
});

test('knocking at a locked name does not lock its address out', async () => {
  const { settings } = server.deps;
  advance(120 * minute);
  await guess('knocked-at', 10);
  await settings.set('console.lock-address-after-failures', 20);
  try {
    expect(await guess('knocked-at', 30)).toEqual(Array(30).fill(429));
    expect((await login('reviewer')).status).toBe(200);
  } finally {
    await settings.set('console.lock-address-after-failures', 10_000);
  }
});

test('addresses of IPv6 are taken by their network, mapped ones as they are', () => {
  expect(network('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
  expect(network('2001:db8:1:2::9')).toBe('2001:db8:1:2::/64');
  expect(network('::1')).toBe('0:0:0:0::/64');
  expect(network('fe80::1%eth0')).toBe('fe80:0:0:0::/64');
  expect(network('::ffff:10.1.2.3')).toBe('10.1.2.3');
  expect(network('10.1.2.3')).toBe('10.1.2.3');
});

test('the numbers are settings', async () => {
  const { settings } = server.deps;
  await settings.set('console.lock-after-failures', 3);
  await settings.set('console.lock-minutes', 60);
  advance(200 * minute);
  expect(await guess('someone', 4)).toEqual([401, 401, 401, 429]);
  advance(259 * minute);
  expect((await login('someone')).status).toBe(429);
  advance(261 * minute);
  expect((await login('someone')).status).toBe(401);
});
