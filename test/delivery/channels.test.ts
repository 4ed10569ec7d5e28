import { createDelivery } from '../../src/delivery/delivery';
import { notice, openStage, type Stage } from './stage';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());
afterEach(() => stage.noFaults());

const message = { type: 'text', content: '您的预约成功' } as const;
const code = (sent: { response: { errcode: number } }) => sent.response.errcode;

describe('the channel', () => {
  test('a customer-service message while the citizen may be written to', async () => {
    const openid = await stage.citizen(true);
    const id = await stage.send(openid, { message, notice: notice('booked') });
    await stage.run(openid);
    expect(await stage.texts(openid)).toEqual(['您的预约成功']);
    expect(await stage.row(id)).toMatchObject({ status: 'delivered', channel: 'custom', attempts: 1, reason: null });
    expect(await stage.session(openid)).toMatchObject({ message_left: 4 });
  });

  test('a notice alone is written out there', async () => {
    const openid = await stage.citizen(true);
    await stage.send(openid, { notice: notice('booked') });
    await stage.run(openid);
    expect((await stage.texts(openid))[0]).toMatch(
      /^预约成功\n事项：补领身份证\n时间：2026-03-01 09:00\n.*\n.*\n查看详情：https:/,
    );
  });

  test('else the subscription notice, delivered when its receipt comes', async () => {
    const openid = await stage.citizen(false);
    await stage.allow(openid);
    const id = await stage.send(openid, { message, notice: notice('booked') });
    await stage.run(openid);
    await stage.settled();
    expect(await stage.delivered(openid)).toMatchObject([
      { via: 'subscribe', data: { thing1: { value: '补领身份证' } } },
    ]);
    expect(await stage.row(id)).toMatchObject({ status: 'delivered', channel: 'subscribe' });
  });

  test('else the template message', async () => {
    const openid = await stage.citizen(false);
    const id = await stage.send(openid, { message, notice: notice('booked') });
    await stage.run(openid);
    await stage.settled();
    expect((await stage.sends(openid)).map(code)).toEqual([43101, 0]);
    expect(await stage.delivered(openid)).toMatchObject([{ via: 'template' }]);
    expect(await stage.row(id)).toMatchObject({ status: 'delivered', channel: 'template' });
  });

  test("else it waits, and goes out at the citizen's next contact, oldest first", async () => {
    const openid = await stage.citizen(false);
    const first = await stage.send(openid, { message, notice: notice('subscribeOnly') });
    await stage.send(openid, '第二条');
    await stage.run(openid);
    expect(await stage.row(first)).toMatchObject({
      status: 'waiting',
      reason_code: '43101',
      reason: expect.stringContaining('没有订阅'),
    });
    expect(await stage.session(openid)).toMatchObject({ waiting: 2 });
    await stage.server.say(openid, '帮助');
    expect(await stage.session(openid)).toMatchObject({ waiting: 0 });
    await stage.run(openid);
    expect(await stage.texts(openid)).toEqual(['您的预约成功', '第二条']);
    expect(await stage.row(first)).toMatchObject({ status: 'delivered', reason_code: null });
  });

  test('someone who never chatted has what waits as well', async () => {
    const openid = `o-stranger-${Math.random()}`;
    const id = await stage.send(openid, '您好');
    await stage.run(openid);
    expect(await stage.row(id)).toMatchObject({ status: 'waiting', reason_code: 'no-channel' });
    await stage.server.say(openid, '帮助');
    await stage.run(openid);
    expect(await stage.texts(openid)).toEqual(['您好']);
  });

  test('a field that is too long is cut to what the template takes', async () => {
    const openid = await stage.citizen(false);
    const long = {
      ...notice('templateOnly'),
      data: { 事项: '一二三四五六七八九十'.repeat(3), 时间: '2026-03-01 09:00', 编号: 'A1' },
    };
    const id = await stage.send(openid, { notice: long });
    await stage.run(openid);
    await stage.settled();
    expect(await stage.row(id)).toMatchObject({ status: 'delivered' });
    const [sent] = await stage.sends(openid);
    expect(sent!.request.data).toMatchObject({
      thing1: { value: `一二三四五六七八九十一二三四五六七八九…` },
      thing3: { value: '无' },
    });
  });
});

describe('what a channel refuses', () => {
  test('a template that does not exist: kept for the next contact, with the reason', async () => {
    const openid = await stage.citizen(false);
    const id = await stage.send(openid, { message, notice: notice('wrong') });
    await stage.run(openid);
    expect(await stage.row(id)).toMatchObject({ status: 'waiting', reason_code: '40037' });
  });

  test('a message that WeChat will never take has failed', async () => {
    const openid = await stage.citizen(true);
    const id = await stage.send(openid, { message: { type: 'image', mediaId: 'gone' } });
    await stage.run(openid);
    expect(await stage.row(id)).toMatchObject({
      status: 'failed',
      reason_code: '40007',
      reason: expect.stringContaining('过期'),
    });
    expect(await stage.session(openid)).toMatchObject({ message_left: 5 });
  });

  test('nobody there: failed', async () => {
    const openid = `o-nobody-${Math.random()}`;
    const id = await stage.send(openid, { notice: notice('templateOnly') });
    await stage.run(openid);
    expect(await stage.row(id)).toMatchObject({ status: 'failed', reason_code: '40003' });
  });

  test('who has left does not get it; who comes back does', async () => {
    const openid = await stage.citizen(true);
    await stage.server.act(openid, { event: 'unsubscribe' });
    const id = await stage.send(openid, { message, notice: notice('booked') });
    await stage.run(openid);
    expect(await stage.row(id)).toMatchObject({ status: 'waiting', reason_code: '43004' });
    await stage.server.act(openid, { event: 'subscribe' });
    await stage.run(openid);
    expect(await stage.texts(openid)).toEqual(['您的预约成功']);
  });

  test('a used-up quota comes back after midnight in Beijing', async () => {
    const openid = await stage.citizen(false);
    await stage.fault({ api: 'message/template/send', kind: '45009', times: 1 });
    const id = await stage.send(openid, { notice: notice('templateOnly') });
    await stage.run(openid);
    const row = await stage.row(id);
    expect(row).toMatchObject({ status: 'waiting', reason_code: '45009' });
    const local = new Date((row.next_at as Date).getTime() + 8 * 3600_000).toISOString();
    expect(local).toMatch(/T00:05:00/);
    await stage.sweep();
    expect(await stage.row(id)).toMatchObject({ status: 'waiting' });
    stage.pass(24 * 3600);
    await stage.sweep();
    expect(await stage.row(id)).toMatchObject({ status: 'delivered' });
  });
});

describe('windows and counts', () => {
  test('20 at once by two workers: five leave, the platform never has to refuse', async () => {
    const openid = await stage.citizen(true);
    await Promise.all(Array.from({ length: 20 }, (_none, i) => stage.send(openid, `第 ${i} 条`)));
    const other = createDelivery({ ...stage.server.deps, wechat: stage.sending }).handlers.deliver!;
    const citizen = { accountId: stage.account.id, openid };
    await Promise.all(Array.from({ length: 20 }, (_none, i) => (i % 2 ? stage.run(openid) : other(citizen))));
    expect((await stage.sends(openid)).map(code)).toEqual([0, 0, 0, 0, 0]);
    expect(await stage.session(openid)).toMatchObject({ message_left: 0, waiting: 15 });
    await stage.server.say(openid, '帮助');
    await Promise.all(Array.from({ length: 8 }, () => stage.run(openid)));
    expect((await stage.sends(openid)).map(code)).toEqual(Array(10).fill(0));
    expect(await stage.session(openid)).toMatchObject({ message_left: 0, waiting: 10 });
  });

  test('the order is that of asking', async () => {
    const openid = await stage.citizen(true);
    for (const text of ['一', '二', '三', '四']) await stage.send(openid, text);
    await Promise.all(Array.from({ length: 4 }, () => stage.run(openid)));
    expect(await stage.texts(openid)).toEqual(['一', '二', '三', '四']);
  });

  test("a tap's minute is used before the 48 hours", async () => {
    const openid = await stage.citizen(true);
    await stage.server.act(openid, { click: 'help' });
    await stage.send(openid, '一');
    await stage.run(openid);
    expect(await stage.session(openid)).toMatchObject({ message_left: 5, tap_left: 2 });
    stage.pass(61);
    await stage.send(openid, '二');
    await stage.run(openid);
    expect(await stage.session(openid)).toMatchObject({ message_left: 4, tap_left: 2 });
    expect((await stage.sends(openid)).map(code)).toEqual([0, 0]);
  });

  test('after 48 hours it is over', async () => {
    const openid = await stage.citizen(true);
    stage.pass(48 * 3600 + 1);
    const id = await stage.send(openid, '晚了');
    await stage.run(openid);
    expect(await stage.sends(openid)).toEqual([]);
    expect(await stage.row(id)).toMatchObject({ status: 'waiting' });
  });

  test.each([
    [
      '45047',
      (openid: string) => stage.db.query('UPDATE simulator.allowances SET remaining = 0 WHERE openid = $1', [openid]),
    ],
    ['45015', (openid: string) => stage.db.query('DELETE FROM simulator.allowances WHERE openid = $1', [openid])],
  ])('%s: the platform knows better, our count is corrected and another channel taken', async (errcode, spend) => {
    const openid = await stage.citizen(true);
    await spend(openid);
    const id = await stage.send(openid, { message, notice: notice('templateOnly') });
    await stage.run(openid);
    await stage.settled();
    expect((await stage.sends(openid)).map(code)).toEqual([Number(errcode), 0]);
    expect(await stage.session(openid)).toMatchObject({ message_left: 0 });
    expect(await stage.row(id)).toMatchObject({ status: 'delivered', channel: 'template' });
  });
});
