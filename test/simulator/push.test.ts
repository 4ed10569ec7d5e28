import { prepareKey, verifySignature } from '../../src/wechat/crypto';
import { sealReply } from '../../src/wechat/reply';
import { parseXml } from '../../src/wechat/xml';
import { openStand, replyText } from './stand';

type Stand = Awaited<ReturnType<typeof openStand>>;
const notice = '该公众号提供的服务出现故障，请稍后再试';

describe('a push in plain mode', () => {
  let stand: Stand;
  beforeAll(async () => {
    stand = await openStand({ pushTimeoutMs: 250 });
  });
  afterAll(() => stand.close());
  afterEach(() => stand.callback.answers(() => ({})));

  it('is signed, carries the message, and its reply becomes a bubble', async () => {
    stand.callback.answers((request) => replyText(request, '您好]]>，请选择'));
    const told = await stand.act('li', { text: '你好 ' });
    expect(told).toMatchObject({
      status: 200,
      attempts: 1,
      replies: [{ from: 'account', via: 'reply', content: '您好]]>，请选择' }],
    });
    const [push] = stand.callback.received;
    const { query } = push!;
    expect(
      verifySignature(query.get('signature'), stand.account.token, query.get('timestamp')!, query.get('nonce')!),
    ).toBe(true);
    expect(parseXml(push!.body)).toMatchObject({
      ToUserName: 'gh_stand0001',
      FromUserName: 'li',
      MsgType: 'text',
      Content: '你好 ',
    });
    const chat = await stand.chat('li');
    expect(chat.map(({ from, content }) => [from, content])).toEqual([
      ['citizen', '你好 '],
      ['account', '您好]]>，请选择'],
    ]);
    expect(chat[0]!.traceId).toBe(told.traceId);
  });

  it('is repeated three times in all, the same but signed anew, and ends in the grey line', async () => {
    stand.callback.answers(stand.callback.hang);
    const told = await stand.act('slow', { text: '在吗' });
    expect(told).toMatchObject({ status: 0, attempts: 3, replies: [{ type: 'notice', content: notice }] });
    const pushes = stand.callback.received;
    expect(new Set(pushes.map(({ body }) => body)).size).toBe(1);
    expect(new Set(pushes.map(({ query }) => query.get('nonce'))).size).toBe(3);
    const { traces } = await stand.get('traces/demo/slow');
    expect(traces.map((trace: { attempt: number; status: unknown }) => [trace.attempt, trace.status])).toEqual([
      [3, null],
      [2, null],
      [1, null],
    ]);
  });

  it('is repeated after a 503 and takes the reply that then comes', async () => {
    stand.callback.answers((request, turn) => (turn === 1 ? { status: 503 } : replyText(request, '来了')));
    expect(await stand.act('busy', { text: '在吗' })).toMatchObject({
      status: 200,
      attempts: 2,
      replies: [{ content: '来了' }],
    });
  });

  it.each([
    ['success', 'success'],
    ['nothing', ''],
  ])('makes no bubble of %s', async (_name, body) => {
    stand.callback.answers(() => ({ body }));
    expect(await stand.act('quiet', { text: '好' })).toMatchObject({ status: 200, attempts: 1, replies: [] });
  });

  const reply = (parts: string) => `<xml>${parts}</xml>`;
  const address =
    '<ToUserName>bad</ToUserName><FromUserName>gh_stand0001</FromUserName><CreateTime>1700000000</CreateTime>';
  it.each([
    ['words', 'ok'],
    ['JSON', '{"errcode":0}'],
    ['empty content', reply(`${address}<MsgType>text</MsgType><Content></Content>`)],
    ['someone else’s name', reply(`${address.replace('bad', 'other')}<MsgType>text</MsgType><Content>x</Content>`)],
    ['another account', reply(`${address.replace('gh_stand0001', 'gh_x')}<MsgType>text</MsgType><Content>x</Content>`)],
    ['too long a text', reply(`${address}<MsgType>text</MsgType><Content>${'长'.repeat(700)}</Content>`)],
    ['an unknown picture', reply(`${address}<MsgType>image</MsgType><Image><MediaId>none</MediaId></Image>`)],
    ['invalid UTF-8', Buffer.from([0xff, 0xfe]).toString('latin1')],
  ])('shows the grey line at once for %s', async (_name, body) => {
    stand.callback.answers(() => ({ body }));
    const told = await stand.act('bad', { text: '好' });
    expect(told).toMatchObject({ status: 200, attempts: 1, replies: [{ type: 'notice' }] });
    expect(told.error).toBeTruthy();
  });

  it('takes no reply to a menu link, nor shows a failure of one', async () => {
    stand.callback.answers((request) => replyText(request, '不该出现'));
    expect((await stand.act('viewer', { view: 'https://example.com/' })).replies).toEqual([]);
    stand.callback.answers(() => ({ status: 500 }));
    expect((await stand.act('viewer', { view: 'https://example.com/' })).replies).toEqual([]);
  });

  it('numbers the messages of every citizen alike, so that MsgId alone tells nothing', async () => {
    await stand.act('twin-a', { text: '1' });
    await stand.act('twin-b', { text: '1' });
    const [a, b] = stand.callback.received.slice(-2).map(({ body }) => parseXml(body));
    expect(a!.MsgId).toBe(b!.MsgId);
    await stand.act('twin-b', { text: '2' });
    expect(parseXml(stand.callback.received.at(-1)!.body).MsgId).not.toBe(b!.MsgId);
  });

  it('tells a server that is not there as a failure', async () => {
    const lost = await openStand({ callbackBase: 'http://127.0.0.1:1' });
    try {
      expect(await lost.act('li', { text: '在吗' })).toMatchObject({
        status: 0,
        attempts: 3,
        replies: [{ type: 'notice' }],
      });
    } finally {
      await lost.close();
    }
  });
});

describe.each(['safe', 'compat'] as const)('a push in %s mode', (mode) => {
  let stand: Stand;
  beforeAll(async () => {
    stand = await openStand({ account: { mode } });
  });
  afterAll(() => stand.close());

  const xml = (content: string) =>
    `<xml><ToUserName>li</ToUserName><FromUserName>gh_stand0001</FromUserName><CreateTime>1700000000</CreateTime><MsgType>text</MsgType><Content>${content}</Content></xml>`;
  const sealed = (content: string, changed: { token?: string; appid?: string } = {}) => {
    const { token, appid, aesKey } = { ...stand.account, ...changed };
    return sealReply(xml(content), {
      secrets: { token, key: prepareKey(aesKey) },
      appid,
      timestamp: 1700000000,
      nonce: '42',
    });
  };

  it('is encrypted, and an encrypted reply is read', async () => {
    stand.callback.answers(() => ({ body: sealed('密文回复') }));
    expect(await stand.act('li', { text: '秘密' })).toMatchObject({ replies: [{ content: '密文回复' }] });
    const [push] = stand.callback.received;
    const fields = parseXml(push!.body);
    const { query } = push!;
    const signed = [stand.account.token, query.get('timestamp')!, query.get('nonce')!, String(fields.Encrypt)];
    expect(verifySignature(query.get('msg_signature'), ...signed)).toBe(true);
    expect(push!.body.includes('秘密')).toBe(mode === 'compat');
    const { traces } = await stand.get('traces/demo/li?limit=1');
    expect(traces[0]!.plainXml).toContain('秘密');
    expect(traces[0]!.plainResponseXml).toContain('密文回复');
    expect(traces[0]!.requestUrl).not.toContain('signature');
  });

  it.each([
    ['plain text', () => xml('x')],
    ['a wrong signature', () => sealed('x', { token: 'other' })],
    ['another appid', () => sealed('x', { appid: 'wxother' })],
  ])('refuses %s as a reply', async (_name, body) => {
    stand.callback.answers(() => ({ body: body() }));
    expect(await stand.act('li', { text: '秘密' })).toMatchObject({ status: 200, replies: [{ type: 'notice' }] });
  });

  it('leaves success unencrypted', async () => {
    stand.callback.answers(() => ({ body: 'success' }));
    expect((await stand.act('li', { text: '秘密' })).replies).toEqual([]);
  });
});
