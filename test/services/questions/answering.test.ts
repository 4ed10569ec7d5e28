import type { Tx } from '../../../src/platform/database';
import { answer } from '../../../src/services/questions/answer';
import { audited, type Client, signIn } from '../../console/client';
import { act, codeOf, type Ground, prefix, startGround } from './ground';

let ground: Ground;
let here: Client;
let there: Client;

beforeAll(async () => {
  ground = await startGround();
  here = ground.hospital;
  await ground.clerk('second-desk');
  there = await signIn(ground.other, 'second-desk');
});
afterAll(() => ground?.stop());

// By the process that is never cut.
const sent = async (id: string) =>
  ground.other.deps.db.query<{ id: string; text: string; delivery_id: string }>(
    `SELECT m.id::text, m.text, m.delivery_id::text FROM question_messages m JOIN deliveries d ON d.id = m.delivery_id
      WHERE m.question_id = $1 AND m.kind = 'answer' ORDER BY m.id`,
    [id],
  );
const deliveriesOf = async (id: string) =>
  (
    await ground.other.deps.db.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM deliveries WHERE openid = (SELECT openid FROM questions WHERE id = $1)',
      [id],
    )
  )[0]!.n;
const words = (text: string, key: string, seen = 1) => ({ text, key, seen });

test('two clerks send at the same moment in two processes: one answer leaves, the other is told why not', async () => {
  for (let round = 0; round < 5; round++) {
    const id = await ground.ask();
    const answers = await Promise.all([
      act(here, id, 'answer', words('在一楼。', 'key-of-the-first')),
      act(there, id, 'answer', words('在二楼。', 'key-of-the-second')),
    ]);
    expect(answers.map(codeOf).sort()).toEqual(['200 done', '409 moved']);
    const refused = answers.find(({ status }) => status === 409)!;
    expect(refused.body).toMatchObject({
      error: { message: expect.stringMatching(/^您打开之后有了变化：.+ 已经答复。?请看过再发$|已经答复/) },
    });
    expect(await sent(id)).toHaveLength(1);
    expect(await deliveriesOf(id)).toBe(1);
  }
});

test('the same key sends once: double click, two tabs in two processes, a retry later', async () => {
  const id = await ground.ask();
  const once = words('在一楼自助机。', 'one-and-the-same-key');
  const again = await signIn(ground.other, 'clerk-hospital');
  const answers = await Promise.all([here, here, again, again].map((client) => act(client, id, 'answer', once)));
  answers.push(await act(here, id, 'answer', once));
  expect(answers.map(codeOf)).toEqual(Array(5).fill('200 done'));
  expect(new Set(answers.map(({ body }) => (body as { messageId: string }).messageId)).size).toBe(1);
  expect(await sent(id)).toHaveLength(1);
  expect(await deliveriesOf(id)).toBe(1);
  expect(
    (await audited(ground.server, 'question.answer')).filter(
      ({ detail }) => detail.messageId === (answers[0]!.body as { messageId: string }).messageId,
    ),
  ).toHaveLength(1);
});

test('who insists sends all the same, and a supplement is told of', async () => {
  const id = await ground.ask();
  await act(there, id, 'note', { text: '已电话核实', key: 'a-note-in-between' });
  const moved = await act(here, id, 'answer', words('在一楼。', 'key-after-a-note'));
  expect(codeOf(moved)).toBe('409 moved');
  expect((moved.body as { error: { message: string } }).error.message).toContain('写了备注');
  expect(codeOf(await act(here, id, 'answer', { ...words('在一楼。', 'key-after-a-note'), force: true }))).toBe(
    '200 done',
  );
});

test('a process whose connection is cut after any statement of the answer loses nothing and doubles nothing', async () => {
  const id = await ground.ask();
  const { serviceDeps } = ground.server.deps;
  const [row] = await ground.server.deps.db.query<{ id: number }>(
    `SELECT id FROM staff WHERE username = 'clerk-hospital'`,
  );
  const path = (
    await ground.server.deps.db.query<{ path: string }>(
      `SELECT path FROM organisations WHERE key = 'hospital-first-desk'`,
    )
  )[0]!.path;
  const caller = {
    id: row!.id,
    username: 'clerk-hospital',
    name: '窗口',
    organisation: { id: await ground.id('hospital-first-desk'), title: '门诊服务部', path },
    roles: [{ role: 'clerk' as const, organisationId: await ground.id('hospital-first-desk'), path }],
  };
  const given = { ...words('在一楼。', 'cut-in-the-middle'), force: false, resolve: true };
  let cut = 0;
  for (let fatal = 1; ; fatal++) {
    let statements = 0;
    const after = async <T>(tx: Tx, rows: T) => {
      if (++statements !== fatal) return rows;
      const [self] = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await ground.other.deps.db.query('SELECT pg_terminate_backend($1)', [self!.pid]);
      throw new Error('gone');
    };
    const broken = {
      ...serviceDeps,
      db: {
        ...serviceDeps.db,
        transaction: (<T>(work: (tx: never) => Promise<T>) =>
          serviceDeps.db.transaction((tx) =>
            work({
              ...tx,
              query: async (sql: string, parameters: unknown[]) => after(tx, await tx.query(sql, parameters)),
              named: async (name: string, sql: string, parameters: unknown[]) =>
                after(tx, await tx.named(name, sql, parameters)),
            } as never),
          )) as typeof serviceDeps.db.transaction,
      },
    };
    const failed = await answer({ id, action: 'answer', caller, address: '127.0.0.1' }, given, broken).then(
      () => false,
      () => true,
    );
    if (!failed) break;
    cut++;
    expect(await sent(id)).toEqual([]);
    expect(await deliveriesOf(id)).toBe(0);
    const rows = await ground.other.deps.db.query('SELECT status, version FROM questions WHERE id = $1', [id]);
    expect(rows).toEqual([{ status: 'open', version: 1 }]);
  }
  expect(cut).toBeGreaterThan(8);
  // The clerk's page tries again with the same key, by another process.
  const again = await signIn(ground.other, 'clerk-hospital');
  expect(codeOf(await act(again, id, 'answer', given))).toBe('200 done');
  expect(await sent(id)).toHaveLength(1);
  expect(await deliveriesOf(id)).toBe(1);
});

test('what has not arrived is shown with its reason, and sent again once, by those who may answer', async () => {
  const { db } = ground.server.deps;
  const id = await ground.ask();
  await act(here, id, 'answer', words('在一楼。', 'key-to-be-resent'));
  const [message] = await sent(id);
  await db.query(
    `UPDATE deliveries SET status = 'failed', reason = '市民已取消关注', finished_at = created_at WHERE id = $1`,
    [message!.delivery_id],
  );
  const thread = (await here.get(`${prefix}/${id}`)).body as { messages: { kind: string; fate: unknown }[] };
  expect(thread.messages.find(({ kind }) => kind === 'answer')).toMatchObject({
    fate: { status: 'failed', reason: '市民已取消关注' },
  });
  const path = `messages/${message!.id}/resend`;
  expect(codeOf(await act(ground.police, id, path))).toBe('404 not-found');
  expect(codeOf(await act(here, await ground.ask(), path))).toBe('404 not-found');
  const twice = await Promise.all([act(here, id, path), act(there, id, path)]);
  expect(twice.map(codeOf).sort()).toEqual(['200 done', '409 not-resendable']);
  expect(await db.query('SELECT status FROM deliveries WHERE id = $1', [message!.delivery_id])).toEqual([
    { status: 'queued' },
  ]);
  expect(await deliveriesOf(id)).toBe(1);
  expect(await audited(ground.server, 'question.resend')).toHaveLength(1);
});
