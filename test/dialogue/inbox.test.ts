import { rerunLate } from '../../src/dialogue/inbox/late';
import type { Inbound } from '../../src/dialogue/message';
import { anyone, startTestServer, type TestServer } from '../support/server';
import { counterTable, makeCounter } from './counter-service';

let server: TestServer;
const counter = makeCounter();
beforeAll(async () => {
  server = await startTestServer({ services: [counter.service], env: { ROLES: 'web' } });
  await server.deps.db.query(counterTable);
});
afterAll(() => server?.stop());
afterEach(() => {
  counter.hold.gate = undefined;
  counter.runs.length = 0;
  counter.seats.set('周一', 100).set('周二', 100);
});

let messages = 1000;
const text = (openid: string, content: string): Inbound => {
  const msgId = String(++messages);
  return {
    type: 'text',
    content,
    msgId,
    to: 'gh_demo00000001',
    openid,
    createTime: Math.floor(server.deps.clock.millis() / 1000),
    dedupe: `m:${msgId}`,
  };
};
const click = (openid: string, key: string): Inbound =>
  ({ ...text(openid, ''), type: 'event', event: 'click', key }) as Inbound;
const demo = () => server.deps.accounts.byKey('demo')!;
const receive = (inbound: Inbound) => server.deps.inbox.receive(demo(), inbound);
const rowsOf = (openid: string) =>
  server.deps.db.query<{ status: string; reply: { content: string } | null; kind: string; handled_by: string }>(
    'SELECT status, reply, kind, handled_by FROM inbox WHERE openid = $1 ORDER BY received_at',
    [openid],
  );
const versionOf = async (openid: string) =>
  (await server.deps.db.query<{ version: number }>('SELECT version FROM sessions WHERE openid = $1', [openid]))[0]
    ?.version;

function gate() {
  let open!: () => void;
  counter.hold.gate = new Promise((resolve) => {
    open = () => resolve();
  });
  return open;
}

test('what is answered is stored first: message, reply and session', async () => {
  const openid = anyone();
  const { reply } = await receive(text(openid, '帮助'));
  expect(reply).toMatchObject({ type: 'text' });
  expect(await rowsOf(openid)).toEqual([{ status: 'answered', reply, kind: 'text', handled_by: 'dialogue.help' }]);
  expect(await versionOf(openid)).toBe(1);
});

test('the same callback again gets the same answer, and takes effect once', async () => {
  const openid = anyone();
  const message = text(openid, '预约窗口');
  const first = await receive(message);
  await receive(text(openid, '1'));
  expect(await receive({ ...message })).toEqual(first);
  expect(await rowsOf(openid)).toHaveLength(2);
  expect(await versionOf(openid)).toBe(2);
});

test('a repeat of a message from long ago is known by Postgres, even when nothing of it is remembered', async () => {
  const openid = anyone();
  const message = text(openid, '预约窗口');
  const first = await receive(message);
  for (let said = 0; said < 12; said++) await receive(text(openid, '帮助'));
  const [again, neighbour] = await Promise.all([receive({ ...message }), receive(text(anyone(), '帮助'))]);
  expect(again).toEqual(first);
  expect(neighbour.reply).toMatchObject({ type: 'text' });
  expect(await rowsOf(openid)).toHaveLength(13);
  expect(await versionOf(openid)).toBe(13);
});

test('repeats that arrive while the first is under way join it', async () => {
  const openid = anyone();
  const open = gate();
  const message = click(openid, 'counter.slow');
  const answers = [receive(message), receive({ ...message }), receive({ ...message })];
  await until(() => counter.runs.length === 1);
  open();
  const [first, ...others] = await Promise.all(answers);
  expect(others).toEqual([first, first]);
  expect(counter.runs).toEqual(['slow']);
});

test('two citizens with the same MsgId and CreateTime are two', async () => {
  const [one, other] = [anyone(), anyone()];
  const message = text(one, '帮助');
  await Promise.all([receive(message), receive({ ...message, openid: other })]);
  expect(await rowsOf(one)).toHaveLength(1);
  expect(await rowsOf(other)).toHaveLength(1);
});

test("one citizen's messages are handled in order, those of many at once", async () => {
  const people = Array.from({ length: 60 }, anyone);
  const answers = await Promise.all(
    people.flatMap((openid) => ['预约窗口', '1', '1', '13800000000', '1'].map((said) => receive(text(openid, said)))),
  );
  const last = answers.filter((_, index) => index % 5 === 4);
  expect(last.map(({ reply }) => reply)).toEqual(
    people.map(() => ({ type: 'text', content: '预约成功：城东政务大厅 周一。' })),
  );
  expect(counter.runs.sort()).toEqual([...people].sort());
  const [{ count }] = (await server.deps.db.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM counter_bookings WHERE openid = ANY ($1)',
    [people],
  )) as [{ count: number }];
  expect(count).toBe(people.length);
});

test('a handler that throws: an apology, stored as failed, the flow where it was, and its writes undone', async () => {
  const openid = anyone();
  for (const said of ['预约窗口', '1', '1', '13800000000']) await receive(text(openid, said));
  counter.hold.gate = Promise.reject(new Error('the counter fell over'));
  counter.hold.gate.catch(() => {});
  const { reply } = await receive(text(openid, '1'));
  expect(reply).toMatchObject({ content: expect.stringContaining('抱歉，刚才没有办成') });
  expect((await rowsOf(openid)).at(-1)).toMatchObject({ status: 'failed' });
  expect(await server.deps.db.query('SELECT FROM counter_bookings WHERE openid = $1', [openid])).toHaveLength(0);
  counter.hold.gate = undefined;
  expect((await receive(text(openid, '1'))).reply).toEqual({ type: 'text', content: '预约成功：城东政务大厅 周一。' });
});

test('one poisonous message does not fail the group that it is in', async () => {
  const people = Array.from({ length: 20 }, anyone);
  const answers = await Promise.allSettled(
    people.map((openid, index) =>
      receive(index === 7 ? { ...text(openid, '帮助'), createTime: 1e18 } : text(openid, '帮助')),
    ),
  );
  expect(answers.map(({ status }, index) => `${index} ${status}`)).toEqual(
    people.map((_, index) => `${index} ${index === 7 ? 'rejected' : 'fulfilled'}`),
  );
});

test('U+0000 and lone surrogates are stored as U+FFFD', async () => {
  const openid = anyone();
  await receive(text(openid, 'a\0b\ud800c'));
  const [row] = await server.deps.db.query<{ message: { content: string } }>(
    `SELECT message::jsonb AS message FROM inbox WHERE openid = $1`,
    [openid],
  );
  expect(row!.message.content).toBe('a\ufffdb\ufffdc');
});

test('CreateTime absent or absurd: the DEFAULT partition takes it', async () => {
  const openid = anyone();
  await receive({ ...text(openid, '帮助'), createTime: 0 });
  const [row] = await server.deps.db.query<{ partition: string }>(
    `SELECT tableoid::regclass::text AS partition FROM inbox WHERE openid = $1`,
    [openid],
  );
  expect(row!.partition).toBe('inbox_default');
});

describe('after 4.5 seconds', () => {
  test('success leaves, the message is stored as late, and the result follows as a delivery', async () => {
    const openid = anyone();
    const open = gate();
    const answer = receive(click(openid, 'counter.slow'));
    await until(() => counter.runs.length === 1);
    expect((await answer).reply).toEqual({ type: 'none' });
    expect(await rowsOf(openid)).toMatchObject([{ status: 'late', reply: null }]);
    open();
    await server.deps.inbox.drain();
    expect(await rowsOf(openid)).toMatchObject([{ status: 'answered', reply: { content: '慢慢来的答复' } }]);
    const deliveries = await server.deps.db.query('SELECT FROM deliveries WHERE openid = $1', [openid]);
    expect(deliveries).toHaveLength(1);
  });

  test('a booking that is late is booked once, and a repeat of it gets success again', async () => {
    const openid = anyone();
    for (const said of ['预约窗口', '1', '1', '13800000000']) await receive(text(openid, said));
    const open = gate();
    const last = text(openid, '1');
    const answer = receive(last);
    await until(() => counter.runs.length === 1);
    expect((await answer).reply).toEqual({ type: 'none' });
    expect((await receive({ ...last })).reply).toEqual({ type: 'none' });
    open();
    await server.deps.inbox.drain();
    expect((await rowsOf(openid)).at(-1)).toMatchObject({ status: 'answered' });
    expect(await server.deps.db.query('SELECT FROM counter_bookings WHERE openid = $1', [openid])).toHaveLength(1);
    expect(counter.runs).toEqual([openid]);
  });
});

describe('with a second process on the same database', () => {
  let other: TestServer;
  const second = makeCounter();
  beforeAll(async () => {
    other = await startTestServer({
      services: [second.service],
      databaseUrl: server.databaseUrl,
      env: { ROLES: 'web' },
    });
  });
  afterAll(() => other?.stop());

  test('the same callback to both takes effect once, and both give the same answer', async () => {
    const openid = anyone();
    for (const said of ['预约窗口', '1', '1', '13800000000']) await receive(text(openid, said));
    second.seats.set('周一', 100);
    const last = text(openid, '1');
    const [here, there] = await Promise.all([
      receive(last),
      other.deps.inbox.receive(other.deps.accounts.byKey('demo')!, { ...last }),
    ]);
    expect(there.reply).toEqual(here.reply);
    expect(await server.deps.db.query('SELECT FROM counter_bookings WHERE openid = $1', [openid])).toHaveLength(1);
    expect(await versionOf(openid)).toBe(5);
  });

  test('messages of one citizen sent to both at once: each is handled once, none on a stale session', async () => {
    const openid = anyone();
    const both = [server, other];
    const sent = Array.from({ length: 12 }, (_, index) =>
      both[index % 2]!.deps.inbox.receive(both[index % 2]!.deps.accounts.byKey('demo')!, text(openid, '帮助')),
    );
    await Promise.all(sent);
    expect(await rowsOf(openid)).toHaveLength(12);
    expect(await versionOf(openid)).toBe(12);
  });

  test('a late message whose process died is run again by another, once', async () => {
    const openid = anyone();
    const message = click(openid, 'counter.slow');
    const { to: _to, openid: _openid, createTime, dedupe, ...stored } = message;
    await server.deps.db.query(
      `INSERT INTO inbox (account_id, openid, sent_at, dedupe, received_at, kind, message, status, process_id)
       VALUES ($1, $2, to_timestamp($3), $4, $5, 'event:click', $6, 'late', 999999)`,
      [demo().id, openid, createTime, dedupe, new Date(server.deps.clock.millis() - 60_000), JSON.stringify(stored)],
    );
    await Promise.all([rerunLate(server.deps, server.deps.inbox), rerunLate(other.deps, other.deps.inbox)]);
    await Promise.all([server.deps.inbox.drain(), other.deps.inbox.drain()]);
    expect(await rowsOf(openid)).toMatchObject([{ status: 'answered', reply: { content: '慢慢来的答复' } }]);
    expect([...counter.runs, ...second.runs].filter((run) => run === 'slow')).toHaveLength(1);
    expect(await server.deps.db.query('SELECT FROM deliveries WHERE openid = $1', [openid])).toHaveLength(1);
  });
});

test('a repeat of a callback that has its process elsewhere and is late gets success', async () => {
  const openid = anyone();
  const message = click(openid, 'counter.slow');
  const { to: _to, openid: _openid, createTime, dedupe, ...stored } = message;
  await server.deps.db.query(
    `INSERT INTO inbox (account_id, openid, sent_at, dedupe, received_at, kind, message, status, process_id)
     VALUES ($1, $2, to_timestamp($3), $4, $5, 'event:click', $6, 'late', 999998)`,
    [demo().id, openid, createTime, dedupe, server.deps.clock.now(), JSON.stringify(stored)],
  );
  expect((await receive(message)).reply).toEqual({ type: 'none' });
  expect(counter.runs).toEqual([]);
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
