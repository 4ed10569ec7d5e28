import { toInbound } from '../../src/wechat/inbound';
import { parseXml } from '../../src/wechat/xml';
import { openStand } from './stand';

const progress = {
  thing1: { value: '补领居民身份证' },
  phrase2: { value: '已办结' },
  time3: { value: '2026年3月1日 09:30' },
};

describe('template messages and notices', () => {
  let stand: Awaited<ReturnType<typeof openStand>>;
  beforeAll(async () => {
    stand = await openStand();
  });
  afterAll(() => stand.close());
  beforeEach(() => stand.callback.answers(() => ({})));

  /** What the platform pushed since, as the service reads it. */
  const pushed = async () => {
    await stand.simulator.idle();
    return stand.callback.received.map(({ body }) => toInbound(parseXml(body)));
  };
  const template = (touser: string, more: object = {}) =>
    stand.api('cgi-bin/message/template/send', {
      touser,
      template_id: 'demo-template-progress',
      data: progress,
      ...more,
    });
  const notice = (touser: string, more: object = {}) =>
    stand.api('cgi-bin/message/subscribe/bizsend', {
      touser,
      template_id: 'demo-notice-progress',
      data: progress,
      ...more,
    });

  it('a template becomes a card, and its receipt comes afterwards with the same number', async () => {
    await stand.act('li', { text: '你好' });
    stand.callback.answers(() => ({}));
    const raw = await fetch(`${stand.base}/simulator/sends/demo/li`);
    expect(raw.status).toBe(200);
    expect((await template('li', { url: 'https://example.com/case' })).errcode).toBe(0);
    expect(await pushed()).toMatchObject([{ event: 'templatesendjobfinish', openid: 'li', status: 'success' }]);
    const card = (await stand.chat('li')).at(-1);
    expect(card).toMatchObject({
      via: 'template',
      title: '办理进度通知',
      data: progress,
      url: 'https://example.com/case',
    });
    // The number is beyond what a double holds: it must be a bare number all the same, and the receipt's to the last digit.
    const row = await stand.db.query<{ id: string }>(
      `SELECT response->>'msgid' AS id FROM simulator.sends WHERE openid = 'li'`,
    );
    expect(await pushed()).toMatchObject([{ msgId: row[0]!.id }]);
    expect(BigInt(row[0]!.id)).toBeGreaterThan(2n ** 53n);
  });

  it('a repeat with the same client_msg_id sends nothing for ten minutes', async () => {
    await stand.act('again', { text: '你好' });
    const cards = async () => (await stand.chat('again')).filter(({ via }) => via === 'template').length;
    await Promise.all([1, 2, 3].map(() => template('again', { client_msg_id: 'case-1' })));
    expect(await cards()).toBe(1);
    await template('again', { client_msg_id: 'case-2' });
    expect(await cards()).toBe(2);
    await stand.advance(601);
    await template('again', { client_msg_id: 'case-1' });
    expect(await cards()).toBe(3);
  });

  it('a template is refused for a wrong id, a stranger, one who left, and fields that do not fit', async () => {
    await stand.act('left', { event: 'subscribe' });
    expect((await template('left', { template_id: 'none' })).errcode).toBe(40037);
    expect((await template('left', { template_id: 'demo-notice-progress' })).errcode).toBe(40037);
    expect((await template('left', { data: { thing1: progress.thing1 } })).errcode).toBe(47003);
    await stand.act('left', { event: 'unsubscribe' });
    expect((await template('left')).errcode).toBe(43004);
    expect((await template('no-one')).errcode).toBe(40003);
  });

  it.each([
    ['user-block', 'failed:user block'],
    ['system-failed', 'failed: system failed'],
  ])('a template may be accepted and yet not arrive (%s)', async (kind, status) => {
    await stand.act('blocked', { text: '你好' });
    stand.callback.answers(() => ({}));
    await stand.fault({ api: 'message/template/send', kind, times: 1 });
    expect((await template('blocked')).errcode).toBe(0);
    expect(await pushed()).toMatchObject([{ event: 'templatesendjobfinish', status }]);
    expect((await stand.chat('blocked')).some(({ via }) => via === 'template')).toBe(false);
  });

  it('a notice needs consent: a long-term one lasts until it is taken back', async () => {
    await stand.act('wang', { text: '你好' });
    expect((await notice('wang')).errcode).toBe(43101);
    await stand.act('wang', { subscribe: { templateId: 'demo-notice-progress', accept: true } });
    expect(await pushed()).toContainEqual(
      expect.objectContaining({
        event: 'subscribe_msg_popup_event',
        choices: [{ templateId: 'demo-notice-progress', status: 'accept', scene: '2' }],
      }),
    );
    stand.callback.answers(() => ({}));
    expect([(await notice('wang')).errcode, (await notice('wang')).errcode]).toEqual([0, 0]);
    expect((await pushed()).map((one) => 'event' in one && one.event)).toEqual([
      'subscribe_msg_sent_event',
      'subscribe_msg_sent_event',
    ]);
    await stand.act('wang', { subscribe: { templateId: 'demo-notice-progress', accept: false } });
    expect((await notice('wang')).errcode).toBe(43101);
  });

  it('a one-time consent is used up, but a repeat of the send that used it is not refused', async () => {
    const once = {
      template_id: 'demo-notice-once',
      data: { thing1: { value: '身份证' }, thing2: { value: '城东政务大厅' } },
    };
    await stand.act('zhao', { subscribe: { templateId: 'demo-notice-once', accept: true } });
    expect((await notice('zhao', { ...once, client_msg_id: 'n1' })).errcode).toBe(0);
    expect((await notice('zhao', { ...once, client_msg_id: 'n1' })).errcode).toBe(0);
    expect((await notice('zhao', { ...once, client_msg_id: 'n2' })).errcode).toBe(43101);
    expect((await stand.chat('zhao')).filter(({ via }) => via === 'subscribe')).toHaveLength(1);
  });

  it.each([
    ['thing1', '一二三四五六七八九十一二三四五六七八九十一'],
    ['thing1', ''],
    ['phrase2', '已经办结了吗'],
    ['phrase2', 'done'],
    ['time3', '明天'],
    ['extra9', '多余'],
  ])('a notice’s %s may not be %j', async (field, value) => {
    await stand.act('typed', { subscribe: { templateId: 'demo-notice-progress', accept: true } });
    const told = await notice('typed', { data: { ...progress, [field]: { value } } });
    expect(told.errcode).toBe(47003);
    expect(told.errmsg).toContain(`data.${field}`);
  });

  it('templates can be added as an owner picks them', async () => {
    await stand.post('templates/demo', {
      templateId: 'tpl-x',
      kind: 'once',
      title: '新',
      content: '编号:{{character_string1.DATA}}',
    });
    await stand.act('adder', { subscribe: { templateId: 'tpl-x', accept: true } });
    expect(
      (await notice('adder', { template_id: 'tpl-x', data: { character_string1: { value: '汉字' } } })).errcode,
    ).toBe(47003);
    expect(
      (await notice('adder', { template_id: 'tpl-x', data: { character_string1: { value: 'A-1' } } })).errcode,
    ).toBe(0);
  });
});
