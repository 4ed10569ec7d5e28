import { startTestServer, type TestServer } from '../support/server';
import { addStaff, audited, request, signIn } from './client';

let server: TestServer;
let other: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  other = await startTestServer({ databaseUrl: server.databaseUrl });
});
afterAll(async () => {
  await other?.stop();
  await server?.stop();
});
afterEach(() => advance(0));

const minute = 60_000;
const hour = 60 * minute;
const advance = (millis: number) => {
  for (const { deps } of [server, other]) deps.clock.offset = millis;
};

type Tokens = { token: string; refreshToken: string };
const login = async (username: string, headers: Record<string, string> = {}) => {
  const answer = await request(server, 'POST', '/login', { username, password: 'weiban-demo' }, headers);
  expect(answer.status).toBe(200);
  return { ...answer, ...(answer.body as Tokens) };
};
const refresh = async (refreshToken: string, at = server) => {
  const { status, body } = await request(at, 'POST', '/refresh', { refreshToken });
  return { status, ...(body as Tokens) };
};
const me = async (token: string) =>
  (await request(server, 'GET', '/me', undefined, { authorization: `Bearer ${token}` })).status;
const cookiesOf = (headers: Headers) =>
  Object.fromEntries(headers.getSetCookie().map((one) => [one.split('=')[0]!, one.slice(one.indexOf('=') + 1)]));

test('access lasts a quarter of an hour, and is renewed for as long as someone is there', async () => {
  let { token, refreshToken } = await login('operator');
  advance(15 * minute - 5000);
  expect(await me(token)).toBe(200);
  advance(15 * minute + 5000);
  expect(await me(token)).toBe(401);
  ({ token, refreshToken } = await refresh(refreshToken));
  expect(await me(token)).toBe(200);
  advance(8 * hour);
  expect((await refresh(refreshToken)).status).toBe(200);
});

test('left alone for eight hours it is over; after twelve it is in any case', async () => {
  const left = await login('operator');
  advance(8 * hour + 1000);
  expect(await refresh(left.refreshToken)).toMatchObject({ status: 401 });
  advance(0);
  let { refreshToken, token } = await login('operator');
  for (const hours of [5, 10]) {
    advance(hours * hour);
    ({ refreshToken } = await refresh(refreshToken));
  }
  advance(12 * hour - 5 * minute);
  ({ refreshToken, token } = await refresh(refreshToken));
  expect(await me(token)).toBe(200);
  advance(12 * hour + 1000);
  expect(await me(token)).toBe(401);
  expect((await refresh(refreshToken)).status).toBe(401);
});

test('two that exchange the same token at once both go on, also in two processes', async () => {
  const first = await login('operator');
  const answers = await Promise.all([
    refresh(first.refreshToken),
    refresh(first.refreshToken, other),
    refresh(first.refreshToken),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  for (const { token } of answers) expect(await me(token)).toBe(200);
  advance(20_000);
  expect((await refresh(answers[1]!.refreshToken)).status).toBe(200);
});

test('a token that was exchanged already ends the session, for whoever holds it, and those in charge are told', async () => {
  await addStaff(server, 'robbed', 'clerk', 'police-household');
  const stolen = await login('robbed');
  const own = await refresh(stolen.refreshToken);
  advance(11_000);
  expect((await refresh(stolen.refreshToken)).status).toBe(401);
  expect(await me(own.token)).toBe(401);
  expect((await refresh(own.refreshToken)).status).toBe(401);
  expect(await audited(server, 'session.reuse')).toMatchObject([{ subject: 'staff:robbed' }]);
  const supervisor = await signIn(server, 'supervisor');
  expect((await supervisor.get('/sign-in-alarms')).body).toMatchObject({
    items: [{ action: 'session.reuse', subject: 'staff:robbed' }],
  });
});

test('one exchanged long ago is known too; one that we did not make harms nobody', async () => {
  const first = await login('operator');
  let last = first as Tokens;
  for (let times = 0; times < 5; times++) last = await refresh(last.refreshToken);
  const [session] = first.refreshToken.split('.');
  for (const made of [
    `${session}.0.${'A'.repeat(43)}`,
    `${session}.999999.${'A'.repeat(43)}`,
    `${session}.0.x`,
    '',
    '…',
  ])
    expect((await refresh(made)).status).toBe(401);
  expect(await me(last.token)).toBe(200);
  expect((await refresh(first.refreshToken)).status).toBe(401);
  expect(await me(last.token)).toBe(401);
});

test('our page has its refresh token in a cookie of that one address, and nowhere else', async () => {
  const page = { 'x-requested-with': 'weiban-console' };
  const { body, headers } = await login('operator', page);
  expect(body).not.toHaveProperty('refreshToken');
  const cookie = cookiesOf(headers).weiban_console_refresh!;
  expect(cookie).toMatch(/; path=\/api\/console\/refresh;.*samesite=strict; httponly/i);
  const renewed = await request(
    server,
    'POST',
    '/refresh',
    {},
    { cookie: `weiban_console_refresh=${cookie.split(';')[0]}` },
  );
  expect(renewed).toMatchObject({ status: 200, body: { token: expect.any(String) } });
  expect(renewed.body).not.toHaveProperty('refreshToken');
  const set = cookiesOf(renewed.headers);
  expect(set.weiban_console_refresh).not.toBe(cookie);
  const known = await request(server, 'GET', '/me', undefined, {
    cookie: `weiban_console=${set.weiban_console!.split(';')[0]}`,
  });
  expect(known.status).toBe(200);
  const refused = await request(server, 'POST', '/refresh', {});
  expect(refused).toMatchObject({ status: 401, body: { error: { code: 'signed-out' } } });
});

test('everyone sees their own sessions, with the device, and ends one of them', async () => {
  await addStaff(server, 'busy', 'clerk', 'police');
  const agent =
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36';
  const away = await login('busy', { 'user-agent': agent });
  advance(1000);
  const here = await signIn(server, 'busy');
  const { body } = await here.get('/sessions');
  expect(body).toMatchObject({
    items: [{ current: true }, { current: false, agent: 'Chrome 131 · Windows', address: expect.any(String) }],
    next: null,
  });
  const [, one] = (body as { items: { id: string }[] }).items;
  const firstPage = (await here.get('/sessions?limit=1')).body as { next: string };
  expect((await here.get(`/sessions?limit=1&after=${firstPage.next}`)).body).toMatchObject({
    items: [{ id: one!.id }],
  });

  const stranger = await signIn(server, 'operator');
  expect((await stranger.send('DELETE', `/sessions/${one!.id}`)).status).toBe(404);
  expect((await here.send('DELETE', `/sessions/${one!.id}`)).status).toBe(200);
  expect(await me(away.token)).toBe(401);
  expect((await refresh(away.refreshToken)).status).toBe(401);
  expect((await here.send('DELETE', `/sessions/${one!.id}`)).status).toBe(404);
  expect((await here.get('/sessions')).body).toMatchObject({ items: [{ current: true }] });
  expect(await audited(server, 'session.end')).toMatchObject([{ username: 'busy', detail: { session: one!.id } }]);
});

test('signing out ends it for good: neither token is worth anything, nor does a new password leave them', async () => {
  const one = await login('reviewer');
  const bearer = { authorization: `Bearer ${one.token}` };
  const out = await request(server, 'POST', '/logout', {}, bearer);
  expect(cookiesOf(out.headers)).toMatchObject({
    weiban_console: expect.stringMatching(/^;.*expires=Thu, 01 Jan 1970/),
    weiban_console_refresh: expect.stringMatching(/^; path=\/api\/console\/refresh; expires=Thu, 01 Jan 1970/),
  });
  expect((await refresh(one.refreshToken)).status).toBe(401);

  const two = await login('reviewer');
  await server.deps.db.query(`UPDATE staff SET signed_out_at = $1 WHERE username = 'reviewer'`, [
    new Date(server.deps.clock.millis() + 1),
  ]);
  expect((await refresh(two.refreshToken)).status).toBe(401);
});
