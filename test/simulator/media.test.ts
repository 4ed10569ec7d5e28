import { png } from './fixtures';
import { openStand } from './stand';

const picture = Buffer.from(png, 'base64');

describe('media, codes, people and articles of the platform', () => {
  let stand: Awaited<ReturnType<typeof openStand>>;
  let token = '';
  beforeAll(async () => {
    stand = await openStand();
    const { appid, secret } = stand.account;
    token = (await stand.post('cgi-bin/stable_token', { grant_type: 'client_credential', appid, secret })).access_token;
  });
  afterAll(() => stand.close());

  const upload = async (path: string, bytes: Buffer, filename = '图片.png', fields: Record<string, string> = {}) => {
    const form = new FormData();
    form.append('media', new Blob([new Uint8Array(bytes)], { type: 'image/png' }), filename);
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    const address = `${stand.base}/simulator/cgi-bin/${path}${path.includes('?') ? '&' : '?'}access_token=${token}`;
    return (await fetch(address, { method: 'POST', body: form })).json() as Promise<
      Record<string, unknown> & { errcode?: number }
    >;
  };
  const download = (id: string) =>
    fetch(`${stand.base}/simulator/cgi-bin/media/get?access_token=${token}&media_id=${id}`);

  it('a picture that is uploaded can be fetched, sent and answered with', async () => {
    const { media_id, type } = await upload('media/upload?type=image', picture);
    expect(type).toBe('image');
    const loaded = await download(String(media_id));
    expect(loaded.headers.get('content-type')).toBe('image/png');
    expect(Buffer.from(await loaded.arrayBuffer())).toEqual(picture);
    await stand.act('li', { text: '你好' });
    const image = { touser: 'li', msgtype: 'image', image: { media_id } };
    expect((await stand.api('cgi-bin/message/custom/send', image)).errcode).toBe(0);
    const { url } = (await stand.chat('li')).at(-1)!;
    expect((await fetch(String(url))).status).toBe(200);
    expect(await upload('media/upload?type=thumb', Buffer.from('ffd8ffd9', 'hex'))).toHaveProperty('thumb_media_id');
  });

  it('what is too large, of a wrong type or no file at all is refused', async () => {
    const jpeg = (bytes: number) => Buffer.concat([Buffer.from('ffd8ff', 'hex'), Buffer.alloc(bytes)]);
    expect((await upload('media/upload?type=thumb', jpeg(65 * 1024))).errcode).toBe(40006);
    expect((await upload('media/upload?type=image', jpeg(10 * 1024 * 1024))).errcode).toBe(40006);
    expect((await upload('media/upload?type=image', Buffer.from('hello'))).errcode).toBe(40005);
    expect((await upload('media/upload?type=voice', picture)).errcode).toBe(40005);
    expect((await upload('media/upload?type=hologram', picture)).errcode).toBe(40004);
    expect((await upload('media/upload?type=image', Buffer.alloc(0))).errcode).toBe(41005);
    expect((await stand.api('cgi-bin/media/upload?type=image', {})).errcode).toBe(41005);
  });

  it('permanent material stays, and can be counted, listed and deleted', async () => {
    const { media_id, url } = await upload('material/add_material?type=image', picture);
    expect((await fetch(String(url))).status).toBe(200);
    expect((await stand.api('cgi-bin/material/get_materialcount')).image_count).toBe(1);
    const { item } = await stand.api('cgi-bin/material/batchget_material', { type: 'image', offset: 0, count: 20 });
    expect(item).toMatchObject([{ media_id, name: '图片.png' }]);
    expect((await stand.api('cgi-bin/material/del_material', { media_id })).errcode).toBe(0);
    expect((await stand.api('cgi-bin/material/get_material', { media_id })).errcode).toBe(40007);
  });

  it('a code is a real QR picture; scanning it brings its scene, until it runs out', async () => {
    const made = await stand.api('cgi-bin/qrcode/create', {
      expire_seconds: 600,
      action_name: 'QR_STR_SCENE',
      action_info: { scene: { scene_str: 'hall-7' } },
    });
    expect(made).toMatchObject({ expire_seconds: 600, url: expect.stringMatching(/^http/) });
    const shown = await fetch(`${stand.base}/simulator/cgi-bin/showqrcode?ticket=${encodeURIComponent(made.ticket)}`);
    expect(shown.headers.get('content-type')).toBe('image/png');
    expect(
      Buffer.from(await shown.arrayBuffer())
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG');
    await stand.act('scanner', { scan: { ticket: made.ticket } });
    expect(stand.callback.received.at(-1)!.body).toContain('<EventKey><![CDATA[qrscene_hall-7]]></EventKey>');
    expect(stand.callback.received.at(-1)!.body).toContain(made.ticket);
    await stand.advance(601);
    expect((await stand.act('scanner', { scan: { scene: 'hall-7' } })).error).toContain('过期');
  });

  it.each([
    [{ action_name: 'QR_STR_SCENE', action_info: { scene: { scene_str: 'x'.repeat(65) } } }, 40053],
    [{ action_name: 'QR_STR_SCENE', action_info: { scene: {} } }, 40053],
    [{ action_name: 'QR_LIMIT_SCENE', action_info: { scene: { scene_id: 100_001 } } }, 40053],
    [{ action_name: 'QR_SCENE', action_info: { scene: { scene_id: 0 } } }, 40053],
    [{ action_name: 'QR_OTHER', action_info: { scene: { scene_id: 1 } } }, 40052],
    [{ action_name: 'QR_SCENE', expire_seconds: 2_592_001, action_info: { scene: { scene_id: 1 } } }, 40097],
  ])('a code of %j is refused', async (body, errcode) => {
    expect((await stand.api('cgi-bin/qrcode/create', body)).errcode).toBe(errcode);
  });

  it('people have no names, tags go on and off, and who left is not listed', async () => {
    await stand.act('tagged', { event: 'subscribe' });
    expect((await stand.api('cgi-bin/tags/create', { tag: { name: '长'.repeat(11) } })).errcode).toBe(45158);
    const { tag } = await stand.api('cgi-bin/tags/create', { tag: { name: '老年人' } });
    expect((await stand.api('cgi-bin/tags/create', { tag: { name: '老年人' } })).errcode).toBe(45157);
    await stand.api('cgi-bin/tags/members/batchtagging', { openid_list: ['tagged'], tagid: tag.id });
    expect((await stand.api('cgi-bin/tags/getidlist', { openid: 'tagged' })).tagid_list).toEqual([tag.id]);
    expect((await stand.api('cgi-bin/user/tag/get', { tagid: tag.id })).data.openid).toEqual(['tagged']);
    expect(
      (await stand.api('cgi-bin/tags/members/batchtagging', { openid_list: ['ghost'], tagid: tag.id })).errcode,
    ).toBe(40003);
    await stand.act('tagged', { event: 'unsubscribe' });
    expect(await stand.api('cgi-bin/user/info?openid=tagged')).toEqual({
      subscribe: 0,
      openid: 'tagged',
      tagid_list: [],
    });
    expect((await stand.api('cgi-bin/user/get')).data.openid).not.toContain('tagged');
    expect((await stand.api('cgi-bin/user/info?openid=ghost')).errcode).toBe(40003);
  });

  it('the ticket for pages is one for everyone while it lasts', async () => {
    const ticket = async () => (await stand.api('cgi-bin/ticket/getticket?type=jsapi')).ticket;
    const first = await ticket();
    expect(await ticket()).toBe(first);
    await stand.advance(7201);
    stand.renew();
    expect(await ticket()).not.toBe(first);
  });

  it('an article is drafted with a permanent cover, published once, and its end is pushed', async () => {
    const { appid, secret } = stand.account;
    token = (await stand.post('cgi-bin/stable_token', { grant_type: 'client_credential', appid, secret })).access_token;
    const { media_id: thumb_media_id } = await upload('material/add_material?type=image', picture);
    const articles = [{ title: '停诊通知', content: '<p>示例</p>', thumb_media_id }];
    expect(
      (await stand.api('cgi-bin/draft/add', { articles: [{ ...articles[0], thumb_media_id: 'none' }] })).errcode,
    ).toBe(40007);
    const { media_id } = await stand.api('cgi-bin/draft/add', { articles });
    expect((await stand.api('cgi-bin/draft/get', { media_id })).news_item).toEqual(articles);
    const { publish_id } = await stand.api('cgi-bin/freepublish/submit', { media_id });
    await stand.simulator.idle();
    expect(stand.callback.received.at(-1)!.body).toContain(`<publish_id>${publish_id}</publish_id>`);
    expect((await stand.api('cgi-bin/freepublish/submit', { media_id })).errcode).toBe(40007);
    expect((await stand.api('cgi-bin/freepublish/get', { publish_id })).publish_status).toBe(0);
  });
});
