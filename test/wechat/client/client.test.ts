import { account, database, failure, ok, one, openPair, platform, send, stable, text, token, two } from './pair';
import { startPlatform } from './platform-server';
import { addAccount, secret, startProcess } from './process';

// Tokens, faults, repeats and the circuit: what holds for every call.

openPair();

const menu = '/cgi-bin/menu/get';

const setting = (value: string, asked: { query: URLSearchParams }) =>
  asked.query.get('access_token') === value ? ok : { errcode: 40001, errmsg: 'invalid credential' };

describe('one token for all processes', () => {
  test('ten cold calls at once in two processes fetch one', async () => {
    platform.answer(stable, token('T1'));
    platform.answer(send, (asked: { query: URLSearchParams }) => setting('T1', asked));
    await Promise.all(
      Array.from({ length: 10 }, (_none, i) => (i % 2 ? one : two).client.custom(account, `citizen-${i}`, text)),
    );
    expect(platform.calls(stable)).toHaveLength(1);
    expect(platform.calls(send)).toHaveLength(10);
    expect(JSON.parse(platform.calls(stable)[0]!.body)).toEqual({
      grant_type: 'client_credential',
      appid: 'wx-city',
      secret,
    });
  });

  test('a refused token is replaced once, by one process, and every call repeated once', async () => {
    platform.answer(stable, token('T1'), token('T2'));
    platform.answer(send, (asked: { query: URLSearchParams }) => setting('T1', asked));
    await Promise.all([one.client.custom(account, 'a', text), two.client.custom(account, 'a', text)]);
    platform.answer(send, (asked: { query: URLSearchParams }) => setting('T2', asked));
    await Promise.all(
      Array.from({ length: 10 }, (_none, i) => (i % 2 ? one : two).client.custom(account, `citizen-${i}`, text)),
    );
    expect(platform.calls(stable)).toHaveLength(2);
  });

  test('a token that stays refused is not asked for in a loop', async () => {
    platform.answer(stable, token('T1'));
    platform.answer(send, { errcode: 40001, errmsg: 'invalid credential' });
    expect(await failure(one.client.custom(account, 'a', text))).toMatchObject({ code: '40001', kind: 'auth' });
    expect(await failure(one.client.custom(account, 'a', text))).toMatchObject({ code: '40001', kind: 'auth' });
    expect(platform.calls(stable)).toHaveLength(2);
    expect(platform.calls(send)).toHaveLength(4);
  });

  test.each([40014, 42001])('%i has the token renewed as well', async (errcode) => {
    platform.answer(stable, token('T1'), token('T2'));
    platform.answer(send, { errcode, errmsg: 'expired' }, ok);
    await one.client.custom(account, 'a', text);
    expect(platform.calls(send).map(({ query }) => query.get('access_token'))).toEqual(['T1', 'T2']);
  });

  test('it is renewed a while before it ends, by the clock', async () => {
    platform.answer(stable, token('T1'), token('T2'));
    platform.answer(send, ok);
    await one.client.custom(account, 'a', text);
    one.clock.offset = 6900_000;
    await one.client.custom(account, 'a', text);
    expect(platform.calls(stable)).toHaveLength(1);
    one.clock.offset = 6970_000;
    await one.client.custom(account, 'a', text);
    expect(platform.calls(stable)).toHaveLength(2);
  });

  test('it lies sealed in the database', async () => {
    platform.answer(stable, token('T1-plain-to-see'));
    platform.answer(send, ok);
    await one.client.custom(account, 'a', text);
    const [row] = await one.db.query<{ value_sealed: string; version: number }>('SELECT * FROM access_tokens');
    expect(row!.value_sealed).not.toContain('T1-plain');
    expect(row!.version).toBe(1);
  });

  test('a token endpoint that answers 40001 is asked twice and the admins are told', async () => {
    platform.answer(stable, { errcode: 40001, errmsg: 'invalid credential' });
    expect(await failure(one.client.custom(account, 'a', text))).toMatchObject({ code: '40001', kind: 'fatal' });
    expect(platform.calls(stable)).toHaveLength(2);
    expect(platform.calls(send)).toHaveLength(0);
    expect(await one.client.faults([account.id])).toMatchObject([{ accountId: account.id, code: '40001' }]);
  });
});

describe('faults of the account', () => {
  test('an address that is not on the white list is named, and gone once a token comes', async () => {
    platform.answer(stable, {
      errcode: 40164,
      errmsg: 'invalid ip 203.0.113.9 ipv6 ::ffff:203.0.113.9, not in whitelist rid: 1-2-3',
    });
    const told = new Promise((resolve) => two.events.subscribe('account-fault', resolve));
    const error = await failure(one.client.custom(account, 'a', text));
    expect(error).toMatchObject({ code: '40164', kind: 'fatal' });
    expect(error.message).toContain('203.0.113.9');
    expect(await told).toEqual({ accountId: account.id, code: '40164' });

    platform.answer(stable, token('T1'));
    await two.client.check(account);
    expect(await one.client.faults([account.id])).toEqual([]);
  });

  test('a wrong secret rests the token endpoint until the secret is changed', async () => {
    platform.answer(stable, { errcode: 40125, errmsg: 'invalid appsecret' });
    await failure(one.client.custom(account, 'a', text));
    await failure(one.client.custom(account, 'a', text));
    expect(platform.calls(stable)).toHaveLength(1);
    platform.answer(stable, token('T1'));
    platform.answer(send, ok);
    await one.accounts.rotate(account.id, { secret: 'the-next-secret' });
    await one.accounts.reload();
    await one.client.custom(one.accounts.byId(account.id)!, 'a', text);
  });
});

describe('what may be repeated', () => {
  beforeEach(() => platform.answer(stable, token('T1')));
  const drop = (_asked: unknown, response: { destroy(): void }) => void response.destroy();

  test('a busy platform: reading is repeated, sending is not', async () => {
    platform.answer(menu, { errcode: -1, errmsg: 'system error' }, { menu: { button: [] } });
    platform.answer(send, { errcode: -1, errmsg: 'system error' });
    expect(await one.client.currentMenu(account)).toEqual([]);
    expect(await failure(one.client.custom(account, 'a', text))).toMatchObject({ kind: 'busy' });
    expect(platform.calls(send)).toHaveLength(1);
  });

  test('a connection that breaks: reading is repeated, a send may have landed', async () => {
    platform.answer(menu, drop, { menu: { button: [] } });
    platform.answer(send, drop);
    expect(await one.client.currentMenu(account)).toEqual([]);
    expect(await failure(one.client.custom(account, 'a', text))).toMatchObject({ kind: 'unknown-outcome' });
    expect(platform.calls(send)).toHaveLength(1);
  });

  test('no answer in time: the outcome is unknown', async () => {
    const hasty = await startProcess(database.url, platform.url, { timeoutMs: 100 });
    platform.answer(send, () => undefined);
    expect(await failure(hasty.client.custom(account, 'a', text))).toMatchObject({
      code: 'timeout',
      kind: 'unknown-outcome',
    });
    await hasty.close();
  });

  test('nobody there: surely not sent', async () => {
    await one.client.check(account);
    const gone = await startPlatform();
    const lost = await startProcess(database.url, gone.url);
    await gone.close();
    expect(await failure(lost.client.custom(account, 'a', text))).toMatchObject({
      code: 'unreachable',
      kind: 'transient',
    });
    await lost.close();
  });

  test("a gateway's error page is no answer", async () => {
    platform.answer(send, (_asked: unknown, response: import('node:http').ServerResponse) => {
      response.writeHead(502, { 'content-type': 'text/html' }).end('<html>bad gateway</html>');
    });
    expect(await failure(one.client.custom(account, 'a', text))).toMatchObject({
      code: 'http-502',
      kind: 'unknown-outcome',
    });
  });

  test('an answer without end is cut off', async () => {
    platform.answer('/cgi-bin/media/get', (_asked: unknown, response: import('node:http').ServerResponse) => {
      response.writeHead(200, { 'content-type': 'image/jpeg' });
      const more = () => response.writable && response.write(Buffer.alloc(64 * 1024), more);
      more();
    });
    expect(await failure(one.client.downloadMedia(account, 'm', 1024 * 1024))).toMatchObject({ code: 'too-large' });
  });
});

describe('the circuit', () => {
  test('after five failures in a row calls pause, for this account alone, and come back', async () => {
    const quick = await startProcess(database.url, platform.url, { pauseMs: 1 });
    const slow = await startProcess(database.url, platform.url, { pauseMs: 3_600_000 });
    const other = await addAccount(slow, 'other');
    platform.answer(stable, token('T1'));
    platform.answer(send, { errcode: -1, errmsg: 'system error' });
    for (let i = 0; i < 5; i++) {
      await failure(slow.client.custom(account, 'a', text));
      await failure(quick.client.custom(account, 'a', text));
    }
    const before = platform.calls(send).length;
    expect(await failure(slow.client.custom(account, 'a', text))).toMatchObject({
      code: 'circuit-open',
      kind: 'paused',
    });
    expect(platform.calls(send)).toHaveLength(before);
    platform.answer(send, ok);
    await slow.client.custom(other, 'a', text);
    const paused = () =>
      quick.client.custom(account, 'a', text).then(
        () => false,
        () => true,
      );
    while (await paused()) await new Promise((resolve) => setImmediate(resolve));
    await Promise.all([quick.close(), slow.close()]);
  });

  test('refusals do not open it', async () => {
    platform.answer(stable, token('T1'));
    platform.answer(send, { errcode: 45015, errmsg: 'out of time' });
    for (let i = 0; i < 8; i++)
      expect(await failure(one.client.custom(account, 'a', text))).toMatchObject({ kind: 'window' });
  });
});

test('neither secret nor token stands in an error or in the log', async () => {
  platform.answer(stable, token('TOKEN-NOBODY-MAY-SEE'));
  const leak = `bad ${secret} access_token=TOKEN-NOBODY-MAY-SEE`;
  platform.answer(send, { errcode: 40003, errmsg: leak });
  platform.answer(menu, `not json ${leak}`);
  platform.answer('/sns/oauth2/access_token', { errcode: 40029, errmsg: leak });
  const errors = await Promise.all([
    failure(one.client.custom(account, 'a', text)),
    failure(one.client.currentMenu(account)),
    failure(one.client.openidByCode(account, 'CODE-NOBODY-MAY-SEE')),
  ]);
  await platform.close();
  errors.push(await failure(one.client.openidByCode(account, 'CODE-NOBODY-MAY-SEE')));
  const all = [
    ...errors.flatMap((error) => [error.message, error.stack, error.detail, JSON.stringify(error)]),
    ...one.lines,
  ].join('\n');
  expect(all).not.toContain('NOBODY-MAY-SEE');
  expect(all).not.toContain(secret);
  expect(all).toContain('40003');
});

test('calls are counted by API and code', async () => {
  platform.answer(stable, token('T1'));
  platform.answer(send, { errcode: 45047, errmsg: 'out of response count limit' }, ok);
  await failure(one.client.custom(account, 'a', text));
  await one.client.custom(account, 'a', text);
  const text_ = await one.metrics.registry.metrics();
  expect(text_).toContain('weiban_wechat_calls_total{api="message/custom/send",code="45047"} 1');
  expect(text_).toContain('weiban_wechat_calls_total{api="message/custom/send",code="0"} 1');
  expect(text_).toContain('weiban_token_refreshes_total{outcome="ok"} 1');
});
