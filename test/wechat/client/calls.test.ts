import { account, failure, ok, one, openPair, platform, send, stable, token, two } from './pair';

openPair();

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
    // Much later it is nobody's double opening.
    one.clock.offset += 6000;
    expect(await failure(one.client.openidByCode(account, 'C'))).toMatchObject({ code: '40163' });
  });

  test('a QR code carries its scene, for a while or for good', async () => {
    const url = 'http://weixin.qq.com/q/1';
    platform.answer('/cgi-bin/qrcode/create', { ticket: 'gQ+/==', url, expire_seconds: 60 }, { ticket: 'gQ+/==', url });
    expect(await one.client.createQrCode(account, 'hall-3', 60)).toEqual({ url, seconds: 60 });
    expect(bodyOf('/cgi-bin/qrcode/create')).toMatchObject({ action_name: 'QR_STR_SCENE', expire_seconds: 60 });
    expect(await one.client.createQrCode(account, 'hall-3')).toEqual({ url, seconds: undefined });
    expect(bodyOf('/cgi-bin/qrcode/create')).toEqual({
      action_name: 'QR_LIMIT_STR_SCENE',
      action_info: { scene: { scene_str: 'hall-3' } },
    });
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
    platform.answer('/cgi-bin/menu/get', '{"menu":{"button":[{"name":"a\u0002b","type":"click","key":"k"}]}}');
    expect(await one.client.currentMenu(account)).toMatchObject([{ name: 'a\u0002b' }]);
  });
});
