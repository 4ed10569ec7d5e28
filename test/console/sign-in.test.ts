import jwt from 'jsonwebtoken';
import { startTestServer, type TestServer } from '../support/server';
import { addStaff, audited, request, signIn } from './client';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.stop());
afterEach(() => {
  server.deps.clock.offset = 0;
});

const login = (username: string, password: string) => request(server, 'POST', '/login', { username, password });
const meWith = (token: string) => request(server, 'GET', '/me', undefined, { authorization: `Bearer ${token}` });

test('signing in gives a token, and a cookie that scripts cannot read and other sites cannot send', async () => {
  const { status, body, headers } = await login('operator', 'weiban-demo');
  expect(status).toBe(200);
  expect(body).toMatchObject({ username: 'operator', roles: ['operator'], organisation: '示例市' });
  const cookie = headers.get('set-cookie')!;
  expect(cookie).toMatch(/^weiban_console=.+; path=\/api\/console;.*samesite=strict; httponly/i);
  const withCookie = await request(server, 'GET', '/me', undefined, { cookie: cookie.split(';')[0]! });
  expect(withCookie).toMatchObject({ status: 200, body: { username: 'operator' } });
  expect(await audited(server, 'session.start')).toContainEqual(
    expect.objectContaining({ subject: 'staff:operator', username: 'operator' }),
  );
});

test('a wrong password and an unknown name get the same answer', async () => {
  const wrong = await login('reviewer', 'not it');
  const unknown = await login('nobody-of-this-name', 'not it');
  expect(wrong.status).toBe(401);
  expect(unknown).toMatchObject({ status: 401, body: wrong.body });
  expect(await audited(server, 'session.refused')).toMatchObject([{ subject: 'staff:reviewer', username: null }]);
});

test('after ten wrong tries the right password has to wait too; others are not held up', async () => {
  await addStaff(server, 'forgetful', 'clerk', 'police');
  for (let tries = 0; tries < 10; tries++) expect((await login('forgetful', `guess ${tries}`)).status).toBe(401);
  const { status, body } = await login('forgetful', 'weiban-demo');
  expect(status).toBe(429);
  expect((body as { error: { message: string } }).error.message).toMatch(/请 \d+ 分钟后再试/);
  expect((await login('supervisor', 'weiban-demo')).status).toBe(200);
});

test('many guesses at once count one by one', async () => {
  await addStaff(server, 'target', 'clerk', 'police');
  const answers = await Promise.all(Array.from({ length: 30 }, (_, index) => login('target', `guess ${index}`)));
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(10);
});

test('signing in right gives the tries back', async () => {
  for (let round = 0; round < 3; round++) {
    for (let tries = 0; tries < 6; tries++) await login('auditor', 'no');
    expect((await login('auditor', 'weiban-demo')).status).toBe(200);
  }
});

test('tokens that we did not sign are worth nothing', async () => {
  const { token } = await signIn(server, 'operator');
  const claims = jwt.decode(token) as object;
  const [head, body, signature] = token.split('.') as [string, string, string];
  const forged = [
    jwt.sign(claims, 'another key'),
    jwt.sign(claims, '', { algorithm: 'none' }),
    `${head}.${body}.`,
    `${head}.${Buffer.from(JSON.stringify({ ...claims, sub: '1' })).toString('base64url')}.${signature}`,
    jwt.sign(claims, server.deps.encryption.derive('something-else')),
    'x',
  ];
  for (const one of forged) expect((await meWith(one)).status).toBe(401);
});

test('signing out ends this session and no other', async () => {
  const here = await signIn(server, 'operator');
  const there = await signIn(server, 'operator');
  expect((await here.send('POST', '/logout', {})).status).toBe(200);
  expect((await here.get('/me')).status).toBe(401);
  expect((await there.get('/me')).status).toBe(200);
});

test('signing out everywhere ends all of them, and one can sign in again', async () => {
  const here = await signIn(server, 'reviewer');
  const there = await signIn(server, 'reviewer');
  await here.send('POST', '/logout', { everywhere: true });
  expect((await there.get('/me')).status).toBe(401);
  server.deps.clock.offset = 1;
  expect((await (await signIn(server, 'reviewer')).get('/me')).status).toBe(200);
});

test('someone who is disabled, or has lost a role, is so at once', async () => {
  await addStaff(server, 'leaving', 'auditor', 'city');
  const leaving = await signIn(server, 'leaving');
  expect((await leaving.get('/audit')).status).toBe(200);
  await server.deps.db.query(
    `DELETE FROM staff_roles WHERE staff_id = (SELECT id FROM staff WHERE username = 'leaving')`,
  );
  expect((await leaving.get('/audit')).status).toBe(403);
  await server.deps.db.query(`UPDATE staff SET disabled_at = now() WHERE username = 'leaving'`);
  expect((await leaving.get('/me')).status).toBe(401);
  expect((await login('leaving', 'weiban-demo')).status).toBe(401);
});

describe('a change made with the cookie', () => {
  const json = { 'content-type': 'application/json' };
  let cookie: string;
  beforeAll(async () => {
    cookie = (await login('admin', 'weiban-demo')).headers.get('set-cookie')!.split(';')[0]!;
  });

  test.each([
    ['from a form of another site', { 'content-type': 'application/x-www-form-urlencoded' }, 403],
    ['without a word of where it comes from', {}, 403],
    ['from another site, as the browser says', { ...json, 'sec-fetch-site': 'cross-site' }, 403],
    ['from another subdomain', { ...json, 'sec-fetch-site': 'same-site' }, 403],
    ['from another site, as an older browser says', { ...json, origin: 'https://evil.example' }, 403],
    ['from a page that has no origin', { ...json, origin: 'null' }, 403],
    ['from our page', { 'x-requested-with': 'weiban-console', 'sec-fetch-site': 'same-origin' }, 200],
    ['as JSON', json, 200],
  ])('%s', async (_where, headers, status) => {
    const answer = await request(server, 'POST', '/accounts/demo/end-rotation', undefined, { cookie, ...headers });
    expect(answer.status).toBe(status);
  });
});

test('another site signs nobody in, nor out', async () => {
  const demo = { username: 'operator', password: 'weiban-demo' };
  for (const [path, body] of [
    ['/login', demo],
    ['/refresh', {}],
  ] as const) {
    const foreign: Record<string, string>[] = [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }];
    for (const from of foreign)
      expect(await request(server, 'POST', path, body, from)).toMatchObject({
        status: 403,
        body: { error: { code: 'foreign-request' } },
      });
  }
  const ours = { origin: server.url };
  expect((await request(server, 'POST', '/login', demo, ours)).status).toBe(200);
});

test('bodies: too large, not JSON, broken JSON, another type', async () => {
  const json = { 'content-type': 'application/json' };
  expect((await request(server, 'POST', '/login', `{"username":"${'x'.repeat(300_000)}"}`, json)).status).toBe(413);
  expect((await request(server, 'POST', '/login', 'username=admin', { 'content-type': 'text/plain' })).status).toBe(
    400,
  );
  expect((await request(server, 'POST', '/login', '{', json)).status).toBe(400);
  const { status, body } = await request(server, 'POST', '/login', { username: 7 });
  expect({ status, body }).toEqual({
    status: 422,
    body: {
      error: {
        code: 'invalid-input',
        message: expect.any(String),
        fields: { username: '应为文字', password: '必填' },
      },
    },
  });
});
