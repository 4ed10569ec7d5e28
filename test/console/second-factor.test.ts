import { Secret, TOTP } from 'otpauth';
import { hashPassword } from '../../src/console/passwords';
import { startSession } from '../../src/console/sessions';
import { setPassword } from '../../src/people/staff-changes';
import { startTestServer, type TestServer } from '../support/server';
import { addStaff, audited, type Client, request, signIn } from './client';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.stop());
// Each test starts as a code begins, so that none falls out of its half minute between the phone and the door.
beforeEach(() => {
  server.deps.clock.offset = 30_000 - (Date.now() % 30_000);
});

const password = 'weiban-demo';
const login = (username: string, code?: string) => request(server, 'POST', '/login', { username, password, code });
/** What the phone shows, `later` half minutes from now. */
const codeOf = (secret: string, later = 0) =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: server.deps.clock.millis() + later * 30_000 });

async function turnOn(client: Client): Promise<{ secret: string; recoveryCodes: string[] }> {
  const offered = await client.send('POST', '/second-factor', { password });
  const { secret, image } = offered.body as { secret: string; image: string };
  expect(image).toMatch(/^data:image\/png;base64,/);
  const confirmed = await client.send('POST', '/second-factor/confirm', { code: codeOf(secret, -1) });
  expect(confirmed.status).toBe(200);
  return { secret, ...(confirmed.body as { recoveryCodes: string[] }) };
}

test('set up with the phone, asked for at the door, and each code good once', async () => {
  await addStaff(server, 'careful', 'clerk', 'police');
  const client = await signIn(server, 'careful');
  expect((await client.send('POST', '/second-factor', { password: 'not it' })).status).toBe(422);
  expect((await client.send('POST', '/second-factor/confirm', { code: '000000' })).status).toBe(409);
  const { secret, recoveryCodes } = await turnOn(client);
  expect(new Set(recoveryCodes).size).toBe(8);
  expect((await client.send('POST', '/second-factor', { password })).status).toBe(409);
  expect((await client.get('/second-factor')).body).toEqual({ state: 'on', required: false, recoveryCodesLeft: 8 });

  expect(await login('careful')).toMatchObject({ status: 401, body: { error: { code: 'second-factor' } } });
  const code = codeOf(secret);
  const wrong = await login('careful', code === '000000' ? '000001' : '000000');
  expect(wrong).toMatchObject({ status: 401, body: { error: { code: 'wrong-code' } } });
  const used = codeOf(secret, -1);
  expect((await login('careful', used)).status).toBe(401);
  expect(await login('careful', code)).toMatchObject({ status: 200, body: { secondFactor: 'on' } });
  expect((await login('careful', code)).status).toBe(401);
  const next = codeOf(secret, 1);
  const both = await Promise.all([login('careful', next), login('careful', next)]);
  expect(both.map(({ status }) => status).sort()).toEqual([200, 401]);
});

test('a recovery code takes the place of the phone, once', async () => {
  await addStaff(server, 'unlucky', 'clerk', 'police');
  const client = await signIn(server, 'unlucky');
  const { recoveryCodes } = await turnOn(client);
  const [one, two] = recoveryCodes as [string, string];
  expect((await login('unlucky', one.toUpperCase().replaceAll('-', ' '))).status).toBe(200);
  expect((await login('unlucky', one)).status).toBe(401);
  expect((await client.get('/second-factor')).body).toMatchObject({ recoveryCodesLeft: 7 });
  expect((await client.send('POST', '/second-factor/recovery-codes', { password, code: one })).status).toBe(422);
  const three = recoveryCodes[2]!;
  const fresh = await client.send('POST', '/second-factor/recovery-codes', { password, code: three });
  expect((await login('unlucky', two)).status).toBe(401);
  expect((await login('unlucky', (fresh.body as { recoveryCodes: string[] }).recoveryCodes[0])).status).toBe(200);
  expect(await audited(server, 'session.start')).toContainEqual(
    expect.objectContaining({ username: 'unlucky', detail: { by: 'recovery' } }),
  );
});

test('it is turned off with password and code, and every step is in the trail', async () => {
  await addStaff(server, 'changing', 'clerk', 'police');
  const client = await signIn(server, 'changing');
  const elsewhere = await signIn(server, 'changing');
  const { secret } = await turnOn(client);
  expect((await elsewhere.get('/me')).status).toBe(401);
  const code = codeOf(secret);
  expect((await client.send('POST', '/second-factor/off', { password })).status).toBe(422);
  expect((await client.send('POST', '/second-factor/off', { password: 'not it', code })).status).toBe(422);
  expect((await client.send('POST', '/second-factor/off', { password, code: 'not it' })).status).toBe(422);
  expect((await login('changing')).status).toBe(401);
  expect((await client.send('POST', '/second-factor/off', { password, code })).status).toBe(200);
  expect((await login('changing')).status).toBe(200);
  for (const act of ['offer', 'on', 'off'])
    expect(await audited(server, `second-factor.${act}`)).toContainEqual(
      expect.objectContaining({ subject: 'staff:changing', username: 'changing' }),
    );
});

test('neither secret nor recovery codes stand in the database in the clear', async () => {
  await addStaff(server, 'private', 'clerk', 'police');
  const { secret, recoveryCodes } = await turnOn(await signIn(server, 'private'));
  const stored = JSON.stringify([
    await server.deps.db.query('SELECT * FROM staff_second_factors'),
    await server.deps.db.query('SELECT * FROM staff_recovery_codes'),
    await server.deps.db.query('SELECT * FROM audit'),
  ]);
  for (const one of [secret, ...recoveryCodes]) expect(stored).not.toContain(one);
});

test('ten wrong codes lock the username as wrong passwords do', async () => {
  await addStaff(server, 'besieged', 'clerk', 'police');
  const { secret } = await turnOn(await signIn(server, 'besieged'));
  const wrong = ['000000', '000001', '000002'].find((one) => ![-1, 0, 1].some((at) => codeOf(secret, at) === one));
  for (let tries = 0; tries < 10; tries++) expect((await login('besieged', wrong)).status).toBe(401);
  expect((await login('besieged', codeOf(secret, 1))).status).toBe(429);
  expect(await audited(server, 'session.lock')).toMatchObject([{ subject: 'staff:besieged' }]);
});

describe('two at the same moment', () => {
  /** Until somebody waits for what a transaction holds. */
  const waitedFor = async () => {
    const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    while ((await server.deps.db.query(waiting)).length === 0);
  };

  test('a password that is reset while its owner is changing it is what it was reset to', async () => {
    await addStaff(server, 'overtaken', 'clerk', 'police');
    const client = await signIn(server, 'overtaken');
    const { asked } = await server.deps.db.transaction(async (tx) => {
      await setPassword(tx, 'overtaken', await hashPassword('given out anew'), server.deps.clock.now());
      const asked = client.send('POST', '/password', { password, fresh: 'chosen by the other' });
      await waitedFor();
      return { asked };
    });
    expect(await asked).toMatchObject({ status: 409, body: { error: { code: 'changed-meanwhile' } } });
    expect(
      await request(server, 'POST', '/login', { username: 'overtaken', password: 'given out anew' }),
    ).toMatchObject({
      status: 200,
    });
  });

  test('whoever signs in by the password alone as the code is turned on is sent away, or asked for it', async () => {
    await addStaff(server, 'doubled', 'clerk', 'police');
    const client = await signIn(server, 'doubled');
    const { secret } = (await client.send('POST', '/second-factor', { password })).body as { secret: string };
    const { db, clock } = server.deps;
    const [{ id } = { id: 0 }] = await db.query<{ id: number }>(`SELECT id FROM staff WHERE username = 'doubled'`);
    const { confirming, session } = await db.transaction(async (tx) => {
      await tx.query('SELECT 1 FROM staff WHERE id = $1 FOR SHARE', [id]);
      const confirming = client.send('POST', '/second-factor/confirm', { code: codeOf(secret, -1) });
      await waitedFor();
      const { session } = await startSession(tx, id, { address: '', agent: '' }, clock.now());
      return { confirming, session };
    });
    expect((await confirming).status).toBe(200);
    expect(await db.query('SELECT 1 FROM console_sessions WHERE id = $1 AND ended_at IS NULL', [session.id])).toEqual(
      [],
    );

    await db.query('UPDATE staff_second_factors SET confirmed_at = NULL WHERE staff_id = $1', [id]);
    const { entering } = await db.transaction(async (tx) => {
      await tx.query('SELECT 1 FROM staff WHERE id = $1 FOR NO KEY UPDATE', [id]);
      const entering = login('doubled');
      await waitedFor();
      await tx.query('UPDATE staff_second_factors SET confirmed_at = $2 WHERE staff_id = $1', [id, clock.now()]);
      return { entering };
    });
    expect(await entering).toMatchObject({ status: 401, body: { error: { code: 'second-factor' } } });
  });
});

describe('where it is required', () => {
  beforeAll(() => server.deps.settings.set('console.second-factor', 'required'));
  afterAll(() => server.deps.settings.set('console.second-factor', 'off'));

  test('who sees personal data sets it up before anything else', async () => {
    await addStaff(server, 'newcomer', 'operator', 'city');
    const client = await signIn(server, 'newcomer');
    expect((await client.get('/me')).body).toMatchObject({ secondFactor: 'needed' });
    for (const path of ['/accounts', '/sessions', '/health', '/events'])
      expect(await client.get(path)).toMatchObject({ status: 403, body: { error: { code: 'second-factor-needed' } } });
    const { secret } = await turnOn(client);
    expect((await client.get('/accounts')).status).toBe(200);
    expect((await client.send('POST', '/second-factor/off', { password, code: codeOf(secret) })).status).toBe(409);
  });

  test('others need none', async () => {
    const client = await signIn(server, 'auditor');
    expect((await client.get('/me')).body).toMatchObject({ secondFactor: 'off' });
    expect((await client.get('/audit')).status).toBe(200);
  });
});
