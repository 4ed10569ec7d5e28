import { startTestServer, type TestServer } from '../support/server';
import { addStaff, audited, type Client, request, signIn } from './client';

let server: TestServer;
let admin: Client;
let police: Client;
beforeAll(async () => {
  server = await startTestServer();
  admin = await signIn(server, 'admin');
  await addStaff(server, 'police-admin', 'admin', 'police');
  police = await signIn(server, 'police-admin');
});
afterAll(() => server?.stop());

const login = (username: string, password: string) => request(server, 'POST', '/login', { username, password });
const add = async (client: Client, username: string, more: object = {}) => {
  const answer = await client.send('POST', '/staff', { username, name: '新人', organisation: 'police', ...more });
  return { ...answer, password: (answer.body as { password: string }).password };
};
type Listed = { username: string; roles: { role: string; organisation: { key: string } | null }[] };
const list = async (client: Client, query = '') =>
  (await client.get(`/staff${query}`)).body as { items: Listed[]; next: string | null };
/** The clock goes on: what is signed out now does not touch who signs in a moment later. */
const later = () => {
  server.deps.clock.offset += 10;
};

test('someone new gets a password, has to change it before anything else, and then works', async () => {
  const { status, password } = await add(police, 'newcomer', {
    roles: [{ role: 'clerk', organisation: 'police-household' }],
  });
  expect(status).toBe(200);
  expect(password).toMatch(/^[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}$/);
  const client = await signIn(server, 'newcomer', password);
  expect((await client.get('/me')).body).toMatchObject({ passwordGiven: true, roles: ['clerk'] });
  expect(await client.get('/sessions')).toMatchObject({ status: 403, body: { error: { code: 'password-given' } } });
  expect((await client.send('POST', '/password', { password, fresh: 'short' })).status).toBe(422);
  expect((await client.send('POST', '/password', { password, fresh: password })).status).toBe(422);
  expect((await client.send('POST', '/password', { password, fresh: 'newcomer-2026' })).status).toBe(422);
  expect((await client.send('POST', '/password', { password: 'not it', fresh: 'a password of my own' })).status).toBe(
    422,
  );
  expect((await client.send('POST', '/password', { password, fresh: 'a password of my own' })).status).toBe(200);
  expect((await client.get('/sessions')).status).toBe(200);
  expect((await login('newcomer', password)).status).toBe(401);
  expect(await audited(server, 'staff.add')).toMatchObject([
    { subject: 'staff:newcomer', username: 'police-admin', detail: { roles: ['clerk@police-household'] } },
  ]);
  expect(await audited(server, 'password.change')).toMatchObject([{ username: 'newcomer' }]);
  expect(JSON.stringify(await server.deps.db.query('SELECT * FROM audit'))).not.toContain(password);
});

test("one's own new password ends what is signed in elsewhere", async () => {
  await addStaff(server, 'cautious', 'clerk', 'police');
  const here = await signIn(server, 'cautious');
  const there = await signIn(server, 'cautious');
  const body = { password: 'weiban-demo', fresh: 'quite another one' };
  expect((await here.send('POST', '/password', body)).status).toBe(200);
  expect((await there.get('/me')).status).toBe(401);
  expect((await here.get('/me')).status).toBe(200);
});

test('the list is searched and paged on the server, within the subtree', async () => {
  expect((await list(police)).items.map(({ username }) => username)).toEqual([
    'cautious',
    'clerk-police',
    'newcomer',
    'police-admin',
  ]);
  expect((await list(admin, '?search=窗口')).items.map(({ username }) => username)).toEqual([
    'clerk-hospital',
    'clerk-police',
  ]);
  expect((await list(admin, '?organisation=health')).items.map(({ username }) => username)).toEqual(['clerk-hospital']);
  expect((await list(admin, '?role=auditor')).items.map(({ username }) => username)).toEqual(['auditor']);
  expect((await list(admin, '?organisation=nowhere')).items).toEqual([]);
  const seen: string[] = [];
  for (let next: string | null = '', page = ''; next !== null; page = `&after=${next}`) {
    const answer: { items: Listed[]; next: string | null } = await list(admin, `?limit=3${page}`);
    seen.push(...answer.items.map(({ username }) => username));
    next = answer.next;
  }
  expect(seen).toEqual([...seen].sort());
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen).toContain('clerk-hospital');
  expect((await police.get('/staff/clerk-hospital')).status).toBe(404);
  expect((await admin.get('/staff/police-admin')).body).toMatchObject({
    name: 'police-admin',
    organisation: { key: 'police' },
    sessions: [expect.objectContaining({ address: expect.any(String) })],
  });
});

test('roles are given within the subtree, each in its organisation, and take effect at once', async () => {
  const client = await signIn(server, 'newcomer', 'a password of my own');
  const roles = [
    { role: 'clerk', organisation: 'police-traffic' },
    { role: 'supervisor', organisation: 'police' },
  ];
  expect((await police.send('PUT', '/staff/newcomer/roles', { roles })).status).toBe(200);
  expect((await client.get('/sign-in-alarms')).status).toBe(200);
  expect(await audited(server, 'staff.roles')).toMatchObject([
    { detail: { before: ['clerk@police-household'], after: ['clerk@police-traffic', 'supervisor@police'] } },
  ]);
  const elsewhere = [{ role: 'clerk', organisation: 'health' }];
  expect((await police.send('PUT', '/staff/newcomer/roles', { roles: elsewhere })).status).toBe(404);
  expect(
    (await police.send('PUT', '/staff/newcomer/roles', { roles: [{ role: 'boss', organisation: 'police' }] })).status,
  ).toBe(422);
});

test('nobody gives themselves a role, and those who watch hold no other', async () => {
  const all = [{ role: 'supervisor', organisation: 'city' }];
  expect(await admin.send('PUT', '/staff/admin/roles', { roles: all })).toMatchObject({
    status: 403,
    body: { error: { code: 'yourself' } },
  });
  const mixes = [
    ['auditor', 'operator'],
    ['auditor', 'admin'],
    ['security', 'admin'],
  ];
  for (const mix of mixes) {
    const roles = mix.map((role) => ({ role, organisation: 'city' }));
    const { status, body } = await admin.send('PUT', '/staff/newcomer/roles', { roles });
    expect(status).toBe(409);
    expect((body as { error: { message: string } }).error.message).toContain('三员分立');
  }
});

test('a new password from an admin ends what is signed in, and lifts a lock', async () => {
  await addStaff(server, 'forgetful', 'clerk', 'police');
  const client = await signIn(server, 'forgetful');
  for (let tries = 0; tries < 10; tries++) await login('forgetful', `guess ${tries}`);
  const { password } = (await police.send('POST', '/staff/forgetful/password')).body as { password: string };
  expect((await client.get('/me')).status).toBe(401);
  later();
  expect((await login('forgetful', 'weiban-demo')).status).toBe(401);
  expect(await login('forgetful', password)).toMatchObject({ status: 200, body: { passwordGiven: true } });
});

test('someone is disabled, and comes back without the sessions of before', async () => {
  await addStaff(server, 'on-leave', 'clerk', 'police');
  const client = await signIn(server, 'on-leave');
  expect((await police.send('POST', '/staff/on-leave/disable')).status).toBe(200);
  expect((await client.get('/me')).status).toBe(401);
  expect((await login('on-leave', 'weiban-demo')).status).toBe(401);
  expect((await list(police, '?state=disabled')).items.map(({ username }) => username)).toEqual(['on-leave']);
  expect((await police.send('POST', '/staff/on-leave/password')).status).toBe(409);
  expect((await police.send('POST', '/staff/on-leave/enable')).status).toBe(200);
  expect((await client.get('/me')).status).toBe(401);
  later();
  expect((await login('on-leave', 'weiban-demo')).status).toBe(200);
});

test('someone is renamed and goes to another department of the same place, and to no other', async () => {
  expect((await police.send('PATCH', '/staff/newcomer', { name: '老人', organisation: 'police-traffic' })).status).toBe(
    200,
  );
  expect((await police.get('/staff/newcomer')).body).toMatchObject({
    name: '老人',
    organisation: { key: 'police-traffic', title: '交警支队' },
  });
  expect((await police.send('PATCH', '/staff/newcomer', { organisation: 'health' })).status).toBe(404);
  expect((await add(police, 'x', {})).status).toBe(422);
  expect((await add(police, 'newcomer')).status).toBe(409);
  expect((await add(police, 'another-one', { organisation: 'health' })).status).toBe(404);
});

test('where there is a security officer, the admin adds people and the officer gives the roles', async () => {
  await addStaff(server, 'guard', 'security', 'police');
  const guard = await signIn(server, 'guard');
  const roles = [{ role: 'clerk', organisation: 'police-household' }];
  expect(await add(police, 'fresh-face', { roles })).toMatchObject({
    status: 403,
    body: { error: { message: '这里设有安全管理员，这件事由安全管理员办理' } },
  });
  expect((await add(police, 'fresh-face')).status).toBe(200);
  expect((await add(guard, 'fresh-friend')).status).toBe(403);
  expect((await admin.send('PUT', '/staff/fresh-face/roles', { roles })).status).toBe(403);
  expect((await guard.send('PUT', '/staff/fresh-face/roles', { roles })).status).toBe(200);
  expect((await guard.send('POST', '/staff/fresh-face/password')).status).toBe(403);
  expect((await police.send('POST', '/staff/fresh-face/password')).status).toBe(200);
  // Nor does the admin get rid of the officer, or become them by a new password.
  expect((await police.send('POST', '/staff/guard/disable')).status).toBe(403);
  expect((await admin.send('POST', '/staff/guard/password')).status).toBe(403);
  expect((await guard.send('PUT', '/staff/guard/roles', { roles })).body).toMatchObject({
    error: { code: 'yourself' },
  });
  expect(
    (
      await admin.send('PUT', '/staff/clerk-hospital/roles', {
        roles: [{ role: 'clerk', organisation: 'hospital-first' }],
      })
    ).status,
  ).toBe(200);
});
