import type { Account } from '../../../src/people/accounts';
import { WechatError } from '../../../src/wechat/client';
import { cloneDatabase } from '../../support/database';
import { type FakePlatform, startPlatform } from './platform-server';
import { addAccount, type OwnProcess, secret, startProcess } from './process';

let database: Awaited<ReturnType<typeof cloneDatabase>>;
let platform: FakePlatform;
let one: OwnProcess;
let two: OwnProcess;
let account: Account;

const stable = '/cgi-bin/stable_token';
const send = '/cgi-bin/message/custom/send';
const token = (value: string) => ({ access_token: value, expires_in: 7200 });
const ok = { errcode: 0, errmsg: 'ok' };
const text = { type: 'text', content: '你好' } as const;

beforeEach(async () => {
  [database, platform] = await Promise.all([cloneDatabase(), startPlatform()]);
  [one, two] = await Promise.all([startProcess(database.url, platform.url), startProcess(database.url, platform.url)]);
  account = await addAccount(one);
  await two.accounts.reload();
});

afterEach(async () => {
  await Promise.all([one.close(), two.close()]);
  await Promise.all([platform.close(), database.drop()]);
});

const failure = (promise: Promise<unknown>): Promise<WechatError> =>
  promise.then(
    () => Promise.reject(new Error('it should have failed')),
    (error: WechatError) => error,
  );

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
    platform.answer('/cgi-bin/getcallbackip', { errcode: -1, errmsg: 'system error' }, { ip_list: ['192.0.2.1'] });
    platform.answer(send, { errcode: -1, errmsg: 'system error' });
    expect(await one.client.callbackIps(account)).toEqual(['192.0.2.1']);
    expect(await failure(one.client.custom(account, 'a', text))).toMatchObject({ kind: 'busy' });
    expect(platform.calls(send)).toHaveLength(1);
  });

  test('a connection that breaks: reading is repeated, a send may have landed', async () => {
    platform.answer('/cgi-bin/getcallbackip', drop, { ip_list: [] });
    platform.answer(send, drop);
    expect(await one.client.callbackIps(account)).toEqual([]);
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
    await new Promise((resolve) => setTimeout(resolve, 5));
    await quick.client.custom(account, 'a', text);
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
  platform.answer('/cgi-bin/getcallbackip', `not json ${leak}`);
  platform.answer('/sns/oauth2/access_token', { errcode: 40029, errmsg: leak });
  const errors = await Promise.all([
    failure(one.client.custom(account, 'a', text)),
    failure(one.client.callbackIps(account)),
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

describe('the calls themselves', () => {
  beforeEach(() => platform.answer(stable, token('T1')));
  const bodyOf = (path: string) => JSON.parse(platform.calls(path).at(-1)!.body);

  test('an int64 stays what it is', async () => {
    platform.answer('/cgi-bin/message/template/send', '{"errcode":0,"errmsg":"ok","msgid":4013600000000000123}');
    const message = { openid: 'a', templateId: 't', data: { thing1: '身份证' }, url: 'https://x', clientMsgId: 'c1' };
    expect(await one.client.template(account, message)).toEqual({ msgId: '4013600000000000123' });
    expect(bodyOf('/cgi-bin/message/template/send')).toEqual({
      touser: 'a',
      template_id: 't',
      data: { thing1: { value: '身份证' } },
      client_msg_id: 'c1',
      url: 'https://x',
    });
  });

  test('a subscription notice', async () => {
    platform.answer('/cgi-bin/message/subscribe/bizsend', ok);
    const message = { openid: 'a', templateId: 't', data: {}, url: 'https://x', clientMsgId: 'c1' };
    expect(await one.client.subscribe(account, message)).toEqual({ msgId: null });
    expect(bodyOf('/cgi-bin/message/subscribe/bizsend')).toMatchObject({ page: 'https://x', client_msg_id: 'c1' });
  });

  test('a message with entries to tap', async () => {
    platform.answer(send, ok);
    await one.client.custom(account, 'a', {
      type: 'msgmenu',
      head: '满意吗？',
      list: [{ id: '1', content: '满意' }],
      tail: '',
    });
    expect(bodyOf(send)).toEqual({
      touser: 'a',
      msgtype: 'msgmenu',
      msgmenu: { head_content: '满意吗？', list: [{ id: '1', content: '满意' }], tail_content: '' },
    });
  });

  test('a page is signed without its # part, with one ticket for all processes', async () => {
    platform.answer('/cgi-bin/ticket/getticket', { errcode: 0, errmsg: 'ok', ticket: 'TICKET', expires_in: 7200 });
    const [a, b] = await Promise.all([
      one.client.jsConfig(account, 'https://city.example/h5/?x=1#/guides'),
      two.client.jsConfig(account, 'https://city.example/h5/?x=1'),
    ]);
    expect(platform.calls('/cgi-bin/ticket/getticket')).toHaveLength(1);
    const { createHash } = await import('node:crypto');
    for (const { nonceStr, timestamp, signature } of [a, b])
      expect(signature).toBe(
        createHash('sha1')
          .update(`jsapi_ticket=TICKET&noncestr=${nonceStr}&timestamp=${timestamp}&url=https://city.example/h5/?x=1`)
          .digest('hex'),
      );
  });

  test('a code that comes twice is exchanged once', async () => {
    platform.answer(
      '/sns/oauth2/access_token',
      { openid: 'oA', scope: 'snsapi_base', access_token: 'x' },
      { errcode: 40163, errmsg: 'code been used' },
    );
    const both = await Promise.all([one.client.openidByCode(account, 'C'), one.client.openidByCode(account, 'C')]);
    expect([...both, await one.client.openidByCode(account, 'C')]).toEqual(Array(3).fill({ openid: 'oA' }));
    expect(await failure(two.client.openidByCode(account, 'C'))).toMatchObject({ code: '40163' });
  });

  test("a QR code's address has its ticket encoded", async () => {
    platform.answer('/cgi-bin/qrcode/create', {
      ticket: 'gQ+/==',
      url: 'http://weixin.qq.com/q/1',
      expire_seconds: 60,
    });
    const code = await one.client.createQrCode(account, 'hall-3', 60);
    expect(code.imageUrl).toBe(`${platform.url}/cgi-bin/showqrcode?ticket=gQ%2B%2F%3D%3D`);
    expect(bodyOf('/cgi-bin/qrcode/create')).toMatchObject({ action_name: 'QR_STR_SCENE', expire_seconds: 60 });
  });

  test('a file goes up and comes down', async () => {
    platform.answer('/cgi-bin/media/upload', { type: 'image', media_id: 'M1', created_at: 1 });
    const bytes = Buffer.from([0xff, 0xd8, 0, 1, 2]);
    expect(
      await one.client.uploadMedia(account, { type: 'image', bytes, filename: '照片.jpg', contentType: 'image/jpeg' }),
    ).toEqual({ mediaId: 'M1' });
    expect(platform.asked.at(-1)!.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
    platform.answer('/cgi-bin/media/get', (_asked: unknown, response: import('node:http').ServerResponse) => {
      response
        .writeHead(200, { 'content-type': 'image/jpeg', 'content-disposition': 'attachment; filename="M1.jpg"' })
        .end(bytes);
    });
    expect(await one.client.downloadMedia(account, 'M1')).toEqual({
      bytes,
      contentType: 'image/jpeg',
      filename: 'M1.jpg',
    });
    const thumb = { type: 'thumb', bytes: Buffer.alloc(65 * 1024), filename: 'x', contentType: 'image/jpeg' } as const;
    expect(await failure(one.client.uploadMedia(account, thumb))).toMatchObject({ code: '45001' });
  });

  test('a menu: published, read back, refused before it leaves when over a limit', async () => {
    const menu = [
      {
        name: '微办事',
        children: [
          { name: '扫码', key: 'scan', type: 'scancode_waitmsg' },
          { name: '官网', url: 'https://city.example' },
        ],
      },
      { name: '帮助', key: 'help' },
    ];
    platform.answer('/cgi-bin/menu/create', ok);
    await one.client.publishMenu(account, menu);
    platform.answer('/cgi-bin/menu/get', { menu: bodyOf('/cgi-bin/menu/create') });
    expect(await one.client.currentMenu(account)).toEqual(menu);
    platform.answer('/cgi-bin/menu/get', { errcode: 46003, errmsg: 'menu no exist' });
    expect(await one.client.currentMenu(account)).toBeNull();

    const bad = [
      {
        name: '一二三四五六',
        children: [{ name: '空' }, { name: 'x', key: 'k'.repeat(129) }, { name: 'y', url: 'ftp://x' }],
      },
    ];
    await expect(one.client.publishMenu(account, bad)).rejects.toMatchObject({
      status: 422,
      fields: {
        '1.name': expect.stringContaining('18 字节'),
        '1.children.1.key': expect.any(String),
        '1.children.2.key': expect.stringContaining('129'),
        '1.children.3.url': expect.any(String),
      },
    });
    expect(platform.calls('/cgi-bin/menu/create')).toHaveLength(1);
  });

  test('texts with control characters in them are read', async () => {
    platform.answer(
      '/cgi-bin/user/info',
      '{"subscribe":1,"subscribe_time":1700000000,"remark":"a\u0002b","tagid_list":[]}',
    );
    expect(await one.client.userInfo(account, 'a')).toMatchObject({ following: true, remark: 'a\u0002b' });
  });
});
