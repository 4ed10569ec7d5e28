import { Secret, TOTP } from 'otpauth';
import { startTestServer, type TestServer } from '../support/server';
import { addStaff, audited, type Client, request, signIn } from './client';

let server: TestServer;
let admin: Client;
beforeAll(async () => {
  server = await startTestServer();
  admin = await signIn(server, 'admin');
});
afterAll(() => server?.stop());

const login = (username: string, password = 'weiban-demo') => request(server, 'POST', '/login', { username, password });
async function turnOn(client: Client): Promise<void> {
  const { secret } = (await client.send('POST', '/second-factor', { password: 'weiban-demo' })).body as {
    secret: string;
  };
  const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: server.deps.clock.millis() });
  expect((await client.send('POST', '/second-factor/confirm', { code })).status).toBe(200);
}

test('an admin unlocks a username; it is in the trail', async () => {
  await addStaff(server, 'locked', 'clerk', 'police');
  for (let tries = 0; tries < 10; tries++) await login('locked', `guess ${tries}`);
  expect((await login('locked')).status).toBe(429);
  expect((await admin.send('POST', '/staff/locked/unlock')).status).toBe(200);
  expect((await login('locked')).status).toBe(200);
  expect(await audited(server, 'staff.unlock')).toMatchObject([
    { subject: 'staff:locked', username: 'admin', detail: { locked: true } },
  ]);
});

test('an admin resets a lost second factor: sessions end, and the password is enough until a new one is set up', async () => {
  await addStaff(server, 'phoneless', 'clerk', 'police');
  const client = await signIn(server, 'phoneless');
  expect((await admin.send('DELETE', '/staff/phoneless/second-factor')).status).toBe(409);
  await turnOn(client);
  expect((await login('phoneless')).status).toBe(401);
  expect((await admin.send('DELETE', '/staff/phoneless/second-factor')).status).toBe(200);
  expect((await client.get('/me')).status).toBe(401);
  server.deps.clock.offset += 1;
  expect((await login('phoneless')).status).toBe(200);
  expect(await audited(server, 'staff.reset-factor')).toMatchObject([
    { subject: 'staff:phoneless', username: 'admin' },
  ]);
});

test('an admin ends all sessions of somebody', async () => {
  await addStaff(server, 'stolen-from', 'clerk', 'police');
  const client = await signIn(server, 'stolen-from');
  expect((await admin.send('DELETE', '/staff/stolen-from/sessions')).status).toBe(200);
  expect((await client.get('/me')).status).toBe(401);
  expect(await audited(server, 'staff.end-sessions')).toMatchObject([{ subject: 'staff:stolen-from' }]);
});

test('nobody does it to themselves, to those elsewhere, or to those who are more than they', async () => {
  await addStaff(server, 'police-admin', 'admin', 'police');
  await addStaff(server, 'nurse', 'clerk', 'hospital-first');
  await addStaff(server, 'visitor', 'clerk', 'police');
  await server.deps.db.query(
    `INSERT INTO staff_roles SELECT s.id, 'supervisor', o.id FROM staff s, organisations o WHERE s.username = 'visitor' AND o.key = 'city'`,
  );
  const policeAdmin = await signIn(server, 'police-admin');
  expect((await admin.send('DELETE', '/staff/admin/sessions')).body).toMatchObject({ error: { code: 'yourself' } });
  expect((await policeAdmin.send('DELETE', '/staff/nurse/sessions')).status).toBe(404);
  expect(await policeAdmin.send('DELETE', '/staff/visitor/sessions')).toMatchObject({
    status: 403,
    body: { error: { code: 'out-of-reach' } },
  });
  expect((await admin.send('DELETE', '/staff/visitor/sessions')).status).toBe(200);
});

test('who may set the rules: the admin of the whole, and once there is one, the security officer instead', async () => {
  const { body: rules } = await admin.get('/sign-in-rules');
  expect(rules).toEqual({
    secondFactor: 'off',
    lockAfterFailures: 10,
    lockAddressAfterFailures: 60,
    lockWindowMinutes: 15,
    lockMinutes: 15,
  });
  const policeAdmin = await signIn(server, 'police-admin');
  expect((await policeAdmin.send('PUT', '/sign-in-rules', rules)).status).toBe(403);
  const stricter = { ...(rules as object), lockAfterFailures: 5 };
  expect((await admin.send('PUT', '/sign-in-rules', { ...stricter, lockMinutes: 0 })).status).toBe(422);
  expect((await admin.send('PUT', '/sign-in-rules', stricter)).status).toBe(200);
  expect(await audited(server, 'sign-in-rules.change')).toMatchObject([
    { username: 'admin', detail: { before: rules, after: stricter } },
  ]);

  await addStaff(server, 'guard', 'security', 'city');
  expect(await admin.send('PUT', '/sign-in-rules', rules)).toMatchObject({
    status: 403,
    body: { error: { message: '这里设有安全管理员，这件事由安全管理员办理' } },
  });
  const guard = await signIn(server, 'guard');
  expect((await guard.send('PUT', '/sign-in-rules', rules)).status).toBe(200);
  expect((await admin.send('DELETE', '/staff/guard/sessions')).status).toBe(403);
  expect((await admin.send('DELETE', '/staff/phoneless/second-factor')).status).toBe(403);
  expect((await guard.send('DELETE', '/staff/phoneless/second-factor')).status).toBe(409);
});
