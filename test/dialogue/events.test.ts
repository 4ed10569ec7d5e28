import { splitText } from '../../src/dialogue/split';
import { anyone, startTestServer, type TestServer } from '../support/server';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.stop());

const notices = () =>
  server.deps.db.query<{ kind: string; message: string }>('SELECT kind, message FROM account_notices');

test('a verification that ran out is told to the admins until it is renewed', async () => {
  const platform = anyone();
  await server.act(platform, { event: 'verify_expired', fields: { ExpiredTime: 1767225600 } });
  expect(await notices()).toEqual([
    { kind: 'verification', message: '公众号认证已于 2026-01-01 过期，部分接口会停用，请到公众平台重新认证' },
  ]);
  const signIn = await fetch(`${server.url}/api/console/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password: 'weiban-demo' }),
  });
  const { token } = (await signIn.json()) as { token: string };
  const accounts = await fetch(`${server.url}/api/console/accounts`, { headers: { authorization: `Bearer ${token}` } });
  expect(await accounts.text()).toContain('公众号认证已于 2026-01-01 过期');
  await server.act(platform, { event: 'qualification_verify_success', fields: { ExpiredTime: 1798761600 } });
  expect(await notices()).toEqual([]);
});

test('an event that nobody knows yet is stored and acknowledged in silence', async () => {
  const openid = anyone();
  expect(await server.act(openid, { event: 'something_invented_later', fields: { Detail: 'x' } })).toMatchObject({
    status: 200,
    replies: [],
  });
  const rows = await server.deps.db.query('SELECT kind, status, reply FROM inbox WHERE openid = $1', [openid]);
  expect(rows).toEqual([{ kind: 'event:unknown', status: 'answered', reply: { type: 'none' } }]);
});

test('following, leaving and coming back are known to the session, and leaving closes the windows', async () => {
  const openid = anyone();
  await server.act(openid, { event: 'subscribe' });
  await server.say(openid, '帮助');
  await server.act(openid, { event: 'unsubscribe' });
  const session = () =>
    server.deps.db.query<{ following: boolean; message_until: Date | null }>(
      'SELECT following, message_until FROM sessions WHERE openid = $1',
      [openid],
    );
  expect(await session()).toEqual([{ following: false, message_until: null }]);
  // A second later: within one second the two could not be told from a repeat.
  server.deps.clock.offset += 1000;
  await server.act(openid, { event: 'subscribe' });
  expect(await session()).toMatchObject([{ following: true }]);
});

test('words of danger are answered even in the middle of something', async () => {
  const openid = anyone();
  await server.act(openid, { click: 'guides' });
  const [reply] = await server.say(openid, '我不想活了');
  expect(reply).toContain('12356');
});

test('a long answer leaves in parts', () => {
  const long = Array.from({ length: 200 }, (_, index) => `第 ${index} 条：带好身份证👨‍👩‍👧。`).join('');
  const parts = splitText(long, 2000);
  expect(parts.join('')).toBe(long);
  expect(Math.max(...parts.map((part) => Buffer.byteLength(part)))).toBeLessThanOrEqual(2000);
  expect(parts.every((part) => part.isWellFormed() && part.endsWith('。'))).toBe(true);
});
