import { toInbound } from '../../src/wechat/inbound';
import { parseXml } from '../../src/wechat/xml';
import { png } from './fixtures';
import { openStand, replyText } from './stand';

describe('acting as a citizen', () => {
  let stand: Awaited<ReturnType<typeof openStand>>;
  beforeAll(async () => {
    stand = await openStand();
  });
  afterAll(() => stand.close());
  const arrived = () => toInbound(parseXml(stand.callback.received.at(-1)!.body));

  it.each([
    [{ text: '你好\u0002' }, { type: 'text', content: '你好\u0002' }],
    [{ msgmenu: { id: 101, text: '满意' } }, { type: 'text', content: '满意', menuId: '101' }],
    [{ voice: '补办身份证' }, { type: 'voice', recognition: '补办身份证', format: 'amr' }],
    [{ voice: '' }, { type: 'voice', recognition: '' }],
    [{ video: true }, { type: 'video' }],
    [{ video: true, short: true }, { type: 'shortvideo' }],
    [
      { location: { latitude: 39.9, longitude: 116.4, label: '城东' } },
      { type: 'location', latitude: 39.9, longitude: 116.4, label: '城东' },
    ],
    [
      { link: { title: '通知', url: 'https://example.com/a?b=1&c=2' } },
      { type: 'link', url: 'https://example.com/a?b=1&c=2' },
    ],
    [{ image: 'http://127.0.0.1:1/lost.jpg' }, { type: 'image', picUrl: 'http://127.0.0.1:1/lost.jpg' }],
    [{ click: 'guides' }, { event: 'click', key: 'guides' }],
    [{ view: 'https://example.com/' }, { event: 'view', url: 'https://example.com/' }],
    [
      { event: 'CLICK', key: 'old' },
      { event: 'click', key: 'old' },
    ],
    [{ event: 'view_miniprogram', key: 'pages/index' }, { event: 'view_miniprogram' }],
    [
      { event: 'not_yet_invented', key: 'k', fields: { Extra: 'x', Count: 2 } },
      { event: 'unknown', name: 'not_yet_invented' },
    ],
    [{ event: 'user_authorization_revoke' }, { event: 'user_authorization_revoke', openid: 'actor', revokeInfo: '1' }],
    [{ position: { latitude: 39.9, longitude: 116.4 } }, { event: 'location', latitude: 39.9 }],
    [{ locationSelect: { latitude: 1, longitude: 2, label: '那里' } }, { event: 'location_select', label: '那里' }],
    [{ pics: 2 }, { event: 'pic_photo_or_album', count: 2 }],
    [
      { scan: { result: 'https://example.com/qr', key: 'scan-it' } },
      { event: 'scancode_waitmsg', scanResult: 'https://example.com/qr' },
    ],
    [{ scan: { scene: 'hall-3' } }, { event: 'scan', scene: 'hall-3' }],
  ])('%j arrives as what it is', async (form, expected) => {
    expect(await stand.act('actor', form)).toMatchObject({ status: 200, ms: expect.any(Number), replies: [] });
    expect(arrived()).toMatchObject(expected);
  });

  it('a picture is kept: PicUrl and MediaId both lead to it', async () => {
    await stand.act('actor', { image: `data:image/png;base64,${png}` });
    const image = arrived();
    if (image.type !== 'image') throw new Error('no picture arrived');
    const bytes = Buffer.from(png, 'base64');
    const shown = await fetch(image.picUrl);
    expect(shown.headers.get('content-type')).toBe('image/png');
    expect(Buffer.from(await shown.arrayBuffer())).toEqual(bytes);
    const { access_token } = await stand.get(
      `cgi-bin/token?grant_type=client_credential&appid=${stand.account.appid}&secret=${stand.account.secret}`,
    );
    const loaded = await fetch(
      `${stand.base}/simulator/cgi-bin/media/get?access_token=${access_token}&media_id=${image.mediaId}`,
    );
    expect(Buffer.from(await loaded.arrayBuffer())).toEqual(bytes);
    expect((await fetch(`${stand.base}/simulator/media/none`)).status).toBe(404);
  });

  it('following, leaving and coming back by a code', async () => {
    const { openid } = await stand.post('citizens/demo', { name: '李雷' });
    expect(await stand.act(openid, { text: '在吗' })).toEqual({ error: expect.stringContaining('没有关注') });
    await stand.act(openid, { event: 'subscribe' });
    expect(arrived()).toMatchObject({ event: 'subscribe', scene: '' });
    await stand.act(openid, { event: 'unsubscribe' });
    expect(arrived()).toMatchObject({ event: 'unsubscribe' });
    expect(
      (await fetch(`${stand.base}/simulator/chats/demo/${openid}`, { method: 'POST', body: '{"text":"在吗"}' })).status,
    ).toBe(409);
    await stand.act(openid, { scan: { scene: 'hospital' } });
    expect(arrived()).toMatchObject({ event: 'subscribe', scene: 'hospital', ticket: expect.stringMatching(/^gQ/) });
    expect(await stand.api(`cgi-bin/user/info?openid=${openid}`)).toMatchObject({
      subscribe: 1,
      qr_scene_str: 'hospital',
      nickname: '',
    });
    const { citizens } = await stand.get('citizens/demo');
    expect(citizens).toContainEqual(expect.objectContaining({ openid, name: '李雷', following: true }));
  });

  it('an XML goes out as it is, broken ones too', async () => {
    const xml = `<xml><ToUserName>gh_x</ToUserName><FromUserName>someone</FromUserName><CreateTime>1</CreateTime><MsgType>text</MsgType><Content>原样</Content><MsgId>9</MsgId></xml>`;
    stand.callback.answers((request) =>
      replyText(request, '收到').body!.includes('someone') ? { body: 'success' } : {},
    );
    expect(await stand.act('raw', { xml })).toMatchObject({ status: 200 });
    expect(stand.callback.received.at(-1)!.body).toBe(xml);
    stand.callback.answers(() => ({ status: 400 }));
    expect(await stand.act('raw', { xml: '<xml><a>' })).toMatchObject({ status: 400, replies: [{ type: 'notice' }] });
    expect(stand.callback.received.at(-1)!.body).toBe('<xml><a>');
    stand.callback.answers(() => ({}));
  });

  it.each([
    ['{}', 400, '须给出'],
    ['[]', 400, 'JSON 对象'],
    ['{', 400, '合法的 JSON'],
    ['{"text":""}', 400, 'text'],
    ['{"text":"a","click":"b"}', 400, '一次只能做一件事'],
    ['{"text":"a","colour":"b"}', 400, 'colour'],
    ['{"image":"***"}', 400, 'image'],
    ['{"image":"aGVsbG8="}', 400, '图片'],
    ['{"location":{"latitude":99,"longitude":0}}', 400, 'location.latitude'],
    ['{"scan":{}}', 400, 'scan'],
    ['{"event":"unsubscribe","fields":{"a b":"c"}}', 400, 'fields'],
  ])('%s is refused, and it says why', async (body, status, words) => {
    const before = stand.callback.received.length;
    const response = await fetch(`${stand.base}/simulator/chats/demo/actor`, { method: 'POST', body });
    expect(response.status).toBe(status);
    expect(((await response.json()) as { error: string }).error).toContain(words);
    expect(stand.callback.received).toHaveLength(before);
  });

  it('an unknown account is 404', async () => {
    expect(await stand.post('chats/other/li', { text: 'a' })).toEqual({ error: '没有这个公众号：other' });
  });

  it('a long chat is read page by page', async () => {
    for (const text of ['一', '二', '三']) await stand.act('pager', { text });
    const { messages } = await stand.get('chats/demo/pager?limit=2');
    expect(messages.map(({ content }: { content: string }) => content)).toEqual(['二', '三']);
    const earlier = await stand.get(`chats/demo/pager?limit=2&before=${messages[0]!.id}`);
    expect(earlier.messages.map(({ content }: { content: string }) => content)).toEqual(['一']);
  });
});
