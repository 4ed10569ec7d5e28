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
