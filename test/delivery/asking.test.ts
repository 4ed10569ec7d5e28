import { createDelivery } from '../../src/delivery/delivery';
import { anotherWorker, notice, openStage, type Stage } from './stage';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());
afterEach(() => stage.noFaults());

const template = 'message/template/send';

describe('receipts', () => {
  test.each([
    ['user-block', '市民拒收'],
    ['system-failed', '内部发送失败'],
  ])('%s', async (kind, words) => {
    const openid = await stage.citizen(false);
    await stage.fault({ api: template, kind, times: 1 });
    const id = await stage.send(openid, { notice: notice('templateOnly') });
    await stage.run(openid);
    await stage.settled();
    expect(await stage.row(id)).toMatchObject({
      status: 'failed',
      reason_code: kind,
      reason: expect.stringContaining(words),
    });
  });

  test('one that overtakes the answer counts', async () => {
    const openid = await stage.citizen(false);
    const id = await stage.send(openid, { notice: notice('templateOnly') });
    const accountId = stage.account.id;
    const delivery = createDelivery({
      ...stage.server.deps,
      wechat: {
        ...stage.sending,
        template: async (): Promise<{ outcome: 'accepted'; msgId: string }> => {
          await delivery.confirmTemplate(stage.db, {
            accountId,
            openid,
            msgId: '4013600000000000009',
            status: 'success',
          });
          return { outcome: 'accepted', msgId: '4013600000000000009' };
        },
      },
    });
    await delivery.handlers.deliver!({ accountId, openid });
    expect(await stage.row(id)).toMatchObject({ status: 'delivered', msg_id: '4013600000000000009' });
  });

  test('none within three days: failed, and says so', async () => {
    const openid = await stage.citizen(false);
    const id = await stage.send(openid, { notice: notice('templateOnly') });
    const accept = async () => ({ outcome: 'accepted' as const, msgId: '4013600000000000010' });
    const delivery = createDelivery({ ...stage.server.deps, wechat: { ...stage.sending, template: accept } });
    await delivery.handlers.deliver!({ accountId: stage.account.id, openid });
    expect(await stage.row(id)).toMatchObject({ status: 'sent', reason_code: null });
    stage.pass(3 * 24 * 3600 + 1);
    await stage.sweep();
    expect(await stage.row(id)).toMatchObject({ status: 'failed', reason_code: 'no-receipt' });
  });
});

describe('asking', () => {
  test('what is rolled back was never asked', async () => {
    const openid = await stage.citizen(true);
    const { delivery } = stage;
    const undone = stage.db.transaction(async (tx) => {
      await delivery.enqueue(tx, {
        accountId: stage.account.id,
        openid,
        source: 'test',
        message: { type: 'text', content: '不发' },
      });
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    await stage.run(openid);
    await stage.sweep();
    expect(await stage.texts(openid)).toEqual([]);
  });

  test('twice with the same key is once', async () => {
    const openid = await stage.citizen(true);
    const message = { type: 'text', content: '一次' } as const;
    const dedupeKey = `booking-1-${openid}`;
    const ids = await Promise.all([1, 2, 3].map(() => stage.send(openid, { message, dedupeKey })));
    expect(new Set(ids).size).toBe(1);
    await stage.run(openid);
    expect(await stage.texts(openid)).toEqual(['一次']);
  });

  test('personal data lies sealed and is shown to the citizen alone', async () => {
    const openid = await stage.citizen(true);
    const content = '张三，身份证 110101199003078515，预约成功\u0000';
    const id = await stage.send(openid, content);
    expect(JSON.stringify(await stage.row(id))).not.toContain('19900307');
    const { delivery } = stage;
    const citizen = { accountId: stage.account.id, openid };
    expect(await delivery.list(citizen)).toMatchObject([{ id, personal: true, content: null }]);
    expect((await delivery.listFor(citizen))[0]!.content).toMatchObject({
      message: { content: expect.stringContaining('19900307') },
    });
    await stage.run(openid);
    expect((await stage.texts(openid))[0]).toContain('110101199003078515');
  });

  test('not before its time, and others overtake it; not after it', async () => {
    const openid = await stage.citizen(true);
    const at = (seconds: number) => new Date(stage.clock.millis() + seconds * 1000);
    const text = (content: string) => ({ message: { type: 'text' as const, content } });
    await stage.send(openid, { ...text('明天的提醒'), notBefore: at(3600) });
    const late = await stage.send(openid, { ...text('过时'), notBefore: at(60), expiresAt: at(1800) });
    await stage.send(openid, '现在');
    await stage.run(openid);
    expect(await stage.texts(openid)).toEqual(['现在']);
    stage.pass(3601);
    await stage.sweep();
    expect(await stage.texts(openid)).toEqual(['现在', '明天的提醒']);
    expect(await stage.row(late)).toMatchObject({ status: 'failed', reason_code: 'expired' });
  });

  test('nothing to say is nothing to send', async () => {
    const openid = await stage.citizen(true);
    expect(await stage.send(openid, { message: { type: 'none' } })).toBeUndefined();
    expect(await stage.send(openid, ' ')).toBeUndefined();
  });

  test('a list goes on from a place in it', async () => {
    const openid = await stage.citizen(false);
    for (let i = 0; i < 5; i++) await stage.send(openid, `${i}`);
    const { delivery } = stage;
    const filter = { accountId: stage.account.id, openid };
    const first = await delivery.list({ ...filter, limit: 2 });
    const rest = await delivery.list({ ...filter, after: first.at(-1), limit: 10 });
    expect([...first, ...rest].map(({ content }) => (content!.message as { content: string }).content)).toEqual([
      '4',
      '3',
      '2',
      '1',
      '0',
    ]);
  });
});

test('a worker does all this by itself', async () => {
  const openid = await stage.citizen(true);
  const worker = await anotherWorker(stage.server);
  worker.deps.clock.offset = stage.clock.offset;
  const gone = new Promise<void>((resolve) => {
    const look = async () => ((await stage.texts(openid)).length > 0 ? resolve() : void setImmediate(look));
    void look();
  });
  await stage.send(openid, '自动');
  await gone;
  expect(await stage.texts(openid)).toEqual(['自动']);
  await worker.stop();
});
