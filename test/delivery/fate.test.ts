import { createDelivery } from '../../src/delivery/delivery';
import { anotherWorker, notice, openStage, type Stage } from './stage';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());
afterEach(() => stage.noFaults());

const custom = 'message/custom/send';
const template = 'message/template/send';

/** All of what time brings, in steps of a minute. */
async function minutes(count: number) {
  for (let i = 0; i < count; i++) {
    stage.pass(60);
    await stage.sweep();
  }
}

describe('an answer that does not come', () => {
  test('a customer-service message that may have landed is never sent again; after three days it has failed', async () => {
    const openid = await stage.citizen(true);
    await stage.fault({ api: custom, kind: 'drop-after', times: 1 });
    const id = await stage.send(openid, '只发一次');
    await stage.run(openid);
    expect(await stage.row(id)).toMatchObject({ status: 'sent', reason_code: 'unconfirmed' });
    await minutes(30);
    expect(await stage.texts(openid)).toEqual(['只发一次']);
    stage.pass(3 * 24 * 3600);
    await stage.sweep();
    expect(await stage.row(id)).toMatchObject({ status: 'failed', reason_code: 'unconfirmed' });
    expect(await stage.texts(openid)).toEqual(['只发一次']);
  });

  test('a person may send it again', async () => {
    const openid = await stage.citizen(true);
    await stage.fault({ api: custom, kind: 'drop', times: 1 });
    const id = await stage.send(openid, '再发');
    await stage.run(openid);
    expect(await stage.texts(openid)).toEqual([]);
    await stage.delivery.resend(id, stage.db);
    await stage.run(openid);
    expect(await stage.texts(openid)).toEqual(['再发']);
    await expect(stage.delivery.resend(id, stage.db)).rejects.toMatchObject({ status: 409 });
    await expect(stage.delivery.resend('999999', stage.db)).rejects.toMatchObject({ status: 404 });
  });

  test.each(['drop', 'drop-after'])(
    'a template message (%s) is repeated with the same id and arrives once',
    async (kind) => {
      const openid = await stage.citizen(false);
      await stage.fault({ api: template, kind, times: 1 });
      const id = await stage.send(openid, { notice: notice('templateOnly') });
      await stage.run(openid);
      await stage.settled();
      await minutes(3);
      expect(await stage.delivered(openid)).toHaveLength(1);
      expect(await stage.row(id)).toMatchObject({ status: 'delivered', channel: 'template', unsure: false });
    },
  );

  test('repeats that get no answer either end when the platform would no longer know the id', async () => {
    const openid = await stage.citizen(false);
    await stage.allow(openid);
    await stage.fault({ api: 'message/subscribe/bizsend', kind: 'drop' });
    const id = await stage.send(openid, { notice: notice('booked') });
    await stage.run(openid);
    await minutes(8);
    expect(await stage.row(id)).toMatchObject({ status: 'queued', unsure: true });
    await minutes(2);
    expect(await stage.row(id)).toMatchObject({ status: 'sent', reason_code: 'unconfirmed' });
    await stage.noFaults();
    await minutes(10);
    expect(await stage.delivered(openid)).toEqual([]);
  });
});

describe('a platform that asks to come back later', () => {
  test('tried again after five minutes with the place it has; what follows waits its turn, others do not', async () => {
    const [openid, other] = [await stage.citizen(true), await stage.citizen(true)];
    await stage.fault({ api: custom, kind: 'busy', times: 1 });
    const first = await stage.send(openid, '一');
    await stage.run(openid);
    await stage.send(openid, '二');
    await stage.send(other, '别人的');
    await stage.sweep();
    expect(await stage.row(first)).toMatchObject({ status: 'queued', reason_code: '-1', attempts: 1 });
    expect(await stage.texts(openid)).toEqual([]);
    expect(await stage.texts(other)).toEqual(['别人的']);
    expect(await stage.session(openid)).toMatchObject({ message_left: 4 });
    stage.pass(301);
    await stage.sweep();
    expect(await stage.texts(openid)).toEqual(['一', '二']);
    expect(await stage.session(openid)).toMatchObject({ message_left: 3 });
  });

  test('48 times, then it has failed', async () => {
    const openid = await stage.citizen(false);
    await stage.fault({ api: template, kind: 'busy' });
    const id = await stage.send(openid, { notice: notice('templateOnly') });
    await stage.db.query('UPDATE deliveries SET attempts = 47 WHERE id = $1', [id]);
    await stage.run(openid);
    expect(await stage.row(id)).toMatchObject({ status: 'failed', reason_code: '-1', attempts: 48 });
  });

  test('an account that needs an admin costs no attempt and goes on once it is mended', async () => {
    const openid = await stage.citizen(true);
    await stage.db.query('DELETE FROM access_tokens');
    // As a process that has just started: it knows no token yet. Nothing runs in it but what is asked for here.
    const fresh = stage.freshSender();
    await stage.fault({ api: 'stable_token', kind: '40164', times: 1 });
    const id = await stage.send(openid, '等修好');
    await fresh.run(openid);
    expect(await stage.row(id)).toMatchObject({ status: 'queued', reason_code: '40164', attempts: 0 });
    expect(await fresh.faults()).toMatchObject([{ code: '40164' }]);
    expect(await stage.session(openid)).toMatchObject({ message_left: 5 });
    stage.pass(31);
    await fresh.run(openid);
    expect(await stage.texts(openid)).toEqual(['等修好']);
    expect(await fresh.faults()).toEqual([]);
  });
});

describe('a process that dies between leaving and the answer', () => {
  /** One that commits, calls, and is never heard of again: its number belongs to nobody who lives. */
  const dying = () => {
    const silence = () => new Promise<never>(() => undefined);
    let left!: () => void;
    const calling = new Promise<void>((resolve) => {
      left = resolve;
    });
    const call = () => {
      left();
      return silence();
    };
    const wechat = { custom: call, subscribe: call, template: call };
    const delivery = createDelivery({ ...stage.server.deps, events: { processId: () => 2_000_000_000 }, wechat });
    return {
      deliver: (openid: string) => void delivery.handlers.deliver!({ accountId: stage.account.id, openid }),
      calling,
    };
  };

  test('a customer-service message: nobody knows, and it says so', async () => {
    const openid = await stage.citizen(true);
    const id = await stage.send(openid, '一');
    const second = await stage.send(openid, '二');
    const process = dying();
    process.deliver(openid);
    await process.calling;
    await stage.run(openid);
    expect(await stage.row(id)).toMatchObject({ status: 'sending' });
    expect(await stage.row(second)).toMatchObject({ status: 'queued' });
    stage.pass(31);
    await stage.sweep();
    expect(await stage.row(id)).toMatchObject({ status: 'sent', reason_code: 'unconfirmed' });
    expect(await stage.texts(openid)).toEqual(['二']);
  });

  test('a template message: repeated with its id', async () => {
    const openid = await stage.citizen(false);
    const id = await stage.send(openid, { notice: notice('templateOnly') });
    const process = dying();
    process.deliver(openid);
    await process.calling;
    const { client_msg_id } = await stage.row(id);
    stage.pass(31);
    await stage.sweep();
    expect((await stage.sends(openid)).map(({ request }) => request.client_msg_id)).toEqual([client_msg_id]);
    expect(await stage.row(id)).toMatchObject({ status: 'delivered' });
  });

  test('one that lives is left to it, however late', async () => {
    const openid = await stage.citizen(true);
    const id = await stage.send(openid, '慢');
    const worker = await anotherWorker(stage.server);
    await stage.db.query(
      `UPDATE deliveries SET status = 'sending', channel = 'custom', sending_at = $2, process_id = $3 WHERE id = $1`,
      [id, stage.clock.now(), worker.deps.events.processId()],
    );
    stage.pass(3600);
    await stage.sweep();
    expect(await stage.row(id)).toMatchObject({ status: 'sending' });
    await worker.stop();
    await stage.sweep();
    expect(await stage.row(id)).toMatchObject({ status: 'sent', reason_code: 'unconfirmed' });
  });
});

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
