import { openStand } from './stand';

describe('customer-service messages', () => {
  let stand: Awaited<ReturnType<typeof openStand>>;
  beforeAll(async () => {
    stand = await openStand();
  });
  afterAll(() => stand.close());

  const send = async (touser: string, more: object = { msgtype: 'text', text: { content: '您好' } }) =>
    (await stand.api('cgi-bin/message/custom/send', { touser, ...more })).errcode;
  const times = async (n: number, touser: string) => {
    const codes = [];
    for (let i = 0; i < n; i++) codes.push(await send(touser));
    return codes;
  };

  it('may be five after a message, within 48 hours', async () => {
    await stand.act('five', { text: '你好' });
    expect(await times(6, 'five')).toEqual([0, 0, 0, 0, 0, 45047]);
    await stand.act('five', { text: '再问' });
    expect(await times(1, 'five')).toEqual([0]);
    expect((await stand.chat('five')).filter(({ via }) => via === 'custom')).toHaveLength(6);
    await stand.advance(48 * 3600 + 1);
    stand.renew();
    expect(await times(1, 'five')).toEqual([45015]);
  });

  it.each([
    ['a menu click', { click: 'guides' }],
    ['a tap on a menu message', { msgmenu: { id: 'a', text: '满意' } }],
    ['a scan from the menu', { scan: { result: 'https://example.com' } }],
    ['following', { event: 'subscribe' }],
    ['scanning as a stranger', { scan: { scene: 'hall' } }],
  ])('may be three after %s, within a minute', async (name, form) => {
    const openid = `three-${name.length}-${Object.keys(form)[0]}`;
    await stand.act(openid, form);
    expect(await times(4, openid)).toEqual([0, 0, 0, 45047]);
    await stand.act(openid, form);
    await stand.advance(61);
    expect(await times(1, openid)).toEqual([45015]);
  });

  it('use up the window that closes first', async () => {
    await stand.act('both', { text: '你好' });
    await stand.act('both', { click: 'guides' });
    expect(await times(3, 'both')).toEqual([0, 0, 0]);
    await stand.advance(61);
    expect(await times(6, 'both')).toEqual([0, 0, 0, 0, 0, 45047]);
  });

  it('are counted exactly when many are sent at once', async () => {
    await stand.act('rush', { text: '你好' });
    const codes = await Promise.all(Array.from({ length: 12 }, () => send('rush')));
    expect(codes.filter((code) => code === 0)).toHaveLength(5);
  });

  it('are closed to who left, who only looked at a link, and who is unknown', async () => {
    await stand.act('gone', { text: '你好' });
    await stand.act('gone', { event: 'unsubscribe' });
    expect(await send('gone')).toBe(45015);
    await stand.act('looker', { view: 'https://example.com' });
    expect(await send('looker')).toBe(45015);
    expect(await send('nobody-at-all')).toBe(40003);
  });

  it('are checked before they count', async () => {
    await stand.act('strict', { text: '你好' });
    expect(await send('strict', { msgtype: 'text', text: { content: '' } })).toBe(44004);
    expect(await send('strict', { msgtype: 'text', text: { content: '长'.repeat(683) } })).toBe(45002);
    expect(await send('strict', { msgtype: 'image', image: { media_id: 'none' } })).toBe(40007);
    expect(await send('strict', { msgtype: 'news', news: { articles: [{ title: '1' }, { title: '2' }] } })).toBe(45008);
    expect(await send('strict', { msgtype: 'hologram' })).toBe(40008);
    expect(await times(5, 'strict')).toEqual([0, 0, 0, 0, 0]);
  });

  it('show on the phone as what they are', async () => {
    await stand.act('shown', { text: '你好' });
    await send('shown', {
      msgtype: 'msgmenu',
      msgmenu: { head_content: '满意吗', list: [{ id: 1, content: '满意' }], tail_content: '谢谢' },
    });
    await send('shown', {
      msgtype: 'news',
      news: { articles: [{ title: '办事指南', description: '说明', url: 'https://example.com', picurl: '' }] },
    });
    const [, menu, news] = await stand.chat('shown');
    expect(menu).toMatchObject({
      via: 'custom',
      type: 'msgmenu',
      head: '满意吗',
      list: [{ id: '1', content: '满意' }],
      tail: '谢谢',
    });
    expect(news).toMatchObject({ type: 'news', articles: [{ title: '办事指南', picUrl: '' }] });
    const { sends } = await stand.get('sends/demo/shown');
    expect(sends[0]).toMatchObject({
      api: 'message/custom/send',
      request: { msgtype: 'news' },
      response: { errcode: 0 },
    });
  });
});
