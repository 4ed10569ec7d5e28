import { createHash } from 'node:crypto';
import { type Citizen, citizenHash } from '../../src/people/citizen';
import { openSignOuts } from '../../src/people/sign-outs';
import type { Database } from '../../src/platform/database';
import { anyone, startTestServer, type TestServer } from '../support/server';
import { anonymous, clientOf, codeFor, signInCitizen, until } from './citizen-client';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ env: { ROLES: 'web' } });
});
afterAll(() => server?.stop());

test('WeChat sends the page back with a code and the state it gave, and the code signs in, by cookie and by token', async () => {
  const openid = anyone();
  const back = await codeFor(server, openid);
  expect(back.pathname).toBe('/h5/');
  expect(back.searchParams.get('state')).toBe('a-state-of-16-chars');
  const response = await fetch(`${server.url}/api/h5/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ account: 'demo', code: back.searchParams.get('code') }),
  });
  const { token } = (await response.json()) as { token: string };
  const cookie = response.headers.get('set-cookie')!;
  expect(cookie).toMatch(/path=\/api\/h5; .*samesite=lax; httponly/i);
  const ways: Record<string, string>[] = [{ authorization: `Bearer ${token}` }, { cookie: cookie.split(';')[0]! }];
  for (const headers of ways)
    expect(await clientOf(server, headers).get('/me')).toMatchObject({ status: 200, body: { account: 'demo' } });
});

test('a page opened twice at once signs in twice with the one code', async () => {
  const code = (await codeFor(server, anyone())).searchParams.get('code');
  const both = await Promise.all([1, 2].map(() => anonymous(server).post('/login', { account: 'demo', code })));
  expect(both.map(({ status }) => status)).toEqual([200, 200]);
});

test('a code that is none is told to come again, an account that is none is not there', async () => {
  expect(await anonymous(server).post('/login', { account: 'demo', code: 'none' })).toMatchObject({
    status: 409,
    body: { error: { code: 'code-refused', message: '微信授权已失效，请重新打开页面' } },
  });
  expect((await anonymous(server).post('/login', { account: 'nobody', code: 'x' })).status).toBe(404);
});

test('a mini-program signs in with the code of wx.login', async () => {
  const openid = anyone();
  const made = await fetch(`${server.url}/simulator/login-codes/demo/${openid}`, { method: 'POST' });
  const { code } = (await made.json()) as { code: string };
  const { body } = await anonymous(server).post<{ token: string }>('/login', {
    account: 'demo',
    code,
    client: 'mini-program',
  });
  const signedIn = clientOf(server, { authorization: `Bearer ${body.token}` });
  expect((await signedIn.get('/persons')).status).toBe(200);
});

test.each([
  ['nothing', {}],
  ['a token of nobody', { authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.' }],
])('%s lets nobody in', async (_what, headers) => {
  expect(await clientOf(server, headers as Record<string, string>).get('/me')).toMatchObject({
    status: 401,
    body: { error: { code: 'signed-out' } },
  });
});

test('one address tries no more codes that are refused than a minute allows; who signs in is not counted', async () => {
  await server.deps.settings.set('identity.sign-ins-per-address', 1);
  try {
    for (let n = 0; n < 3; n++) expect((await (await signInCitizen(server, anyone())).get('/me')).status).toBe(200);
    const tried = () => anonymous(server).post('/login', { account: 'demo', code: 'none' });
    expect((await tried()).status).toBe(409);
    expect(await tried()).toMatchObject({ status: 429, body: { error: { code: 'too-many' } } });
  } finally {
    await server.deps.settings.set('identity.sign-ins-per-address', 300);
  }
});

test('signing out ends every session until then, and none that begins after', async () => {
  const openid = anyone();
  const [page, other] = [await signInCitizen(server, openid), await signInCitizen(server, openid)];
  const stranger = await signInCitizen(server, anyone());
  expect((await page.post('/logout')).status).toBe(200);
  const again = await signInCitizen(server, openid);
  const statuses = [];
  for (const one of [page, other, again, stranger]) statuses.push((await one.get('/me')).status);
  expect(statuses).toEqual([401, 401, 200, 200]);
});

test("a page of ours is signed for the phone's camera and place, and no other", async () => {
  const citizen = await signInCitizen(server, anyone());
  const sign = (url: string) =>
    citizen.get<{ nonceStr: string; timestamp: number; signature: string }>(
      `/js-config?${new URLSearchParams({ url })}`,
    );
  const page = `${server.deps.config.publicUrl}/h5/?a=1`;
  const { status, body } = await sign(`${page}#/guides`);
  expect([status, body]).toEqual([
    200,
    { appId: 'wxdemo000000000001', nonceStr: body.nonceStr, timestamp: body.timestamp, signature: body.signature },
  ]);
  const [{ ticket }] = (await server.deps.db.query('SELECT ticket FROM simulator.tickets')) as [{ ticket: string }];
  const told = `jsapi_ticket=${ticket}&noncestr=${body.nonceStr}&timestamp=${body.timestamp}&url=${page}`;
  expect(body.signature).toBe(createHash('sha1').update(told).digest('hex'));
  for (const url of ['https://elsewhere.example/h5/', `${server.deps.config.publicUrl}.evil.example/`, '/h5/'])
    expect(await sign(url)).toMatchObject({
      status: 422,
      body: {
        error: { message: expect.stringContaining('只给本系统的网页签名'), fields: { url: expect.any(String) } },
      },
    });
  expect((await anonymous(server).get(`/js-config?${new URLSearchParams({ url: page })}`)).status).toBe(401);
});

test('a taken-back authorisation ends the sessions and the links that are out', async () => {
  const openid = anyone();
  const page = await signInCitizen(server, openid);
  const linkOf = async (citizen: typeof page) => (await citizen.get<{ path: string }>('/my/questions')).body.path;
  const link = await linkOf(page);
  expect((await anonymous(server).get(link)).status).toBe(200);
  await server.act(openid, { event: 'user_authorization_revoke' });
  await until(async () => (await page.get('/me')).status === 401);
  expect((await anonymous(server).get(link)).status).toBe(404);
  server.deps.clock.offset += 1000;
  const again = await signInCitizen(server, openid);
  expect((await anonymous(server).get(await linkOf(again))).status).toBe(200);
});

test('another process learns of each sign-out by itself, and of those it missed after a gap', async () => {
  const { db, events, encryption, clock, accounts } = server.deps;
  let readings = 0;
  const query: Database['query'] = (sql, values) => {
    readings++;
    return db.query(sql, values);
  };
  const other = await openSignOuts({ db: { ...db, query }, events, encryption, clock });
  const accountId = accounts.byKey('demo')!.id;
  const [out, gone, missed] = [anyone(), anyone(), anyone()].map((openid) => ({ accountId, openid })) as [
    Citizen,
    Citizen,
    Citizen,
  ];
  const signed = clock.millis() - 1;
  const holds = (citizen: Citizen) =>
    (['sessions', 'links'] as const).map((what) => other.holds(citizen, what, signed));
  await server.deps.signOuts.endSessions(out);
  await until(async () => !holds(out)[0]);
  await db.transaction((tx) => server.deps.signOuts.endEverything(tx, gone));
  await until(async () => !holds(gone)[0]);
  expect([out, gone, missed].map(holds)).toEqual([
    [false, true],
    [false, false],
    [true, true],
  ]);
  expect(readings).toBe(1);

  await db.query('INSERT INTO citizen_sign_outs (citizen_hash, at) VALUES ($1, $2)', [
    citizenHash(missed, encryption),
    clock.now(),
  ]);
  await db.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name = 'weiban-events' AND datname = current_database()`,
  );
  await until(async () => !holds(missed)[0]);
  expect([out, gone].map(holds)).toEqual([
    [false, true],
    [false, false],
  ]);
});

test('after half a day the page signs in anew', async () => {
  const citizen = await signInCitizen(server, anyone());
  expect((await citizen.get('/me')).status).toBe(200);
  server.deps.clock.offset += 12 * 3600_000 + 1000;
  expect((await citizen.get('/me')).status).toBe(401);
});
