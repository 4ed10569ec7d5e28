import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client as Connection } from 'pg';
import { type Answer, type Client, signIn } from '../../console/client';
import { testSecretKey } from '../../support/server';
import { act, codeOf, type Ground, startGround } from './ground';
import type { Order } from './process';

let ground: Ground;
beforeAll(async () => {
  ground = await startGround();
});
afterAll(() => ground?.stop());

/** A real process beside those of the ground. */
async function start(fireAt?: string): Promise<{ child: ChildProcess; url: string; ended: Promise<unknown> }> {
  const child = fork(path.join(__dirname, 'process.ts'), { execArgv: ['--import', 'tsx'] });
  const ended = once(child, 'exit');
  const order: Order = { databaseUrl: ground.server.databaseUrl, secretKey: testSecretKey, fireAt };
  child.send(order);
  const [said] = (await once(child, 'message')) as [{ url: string }];
  return { child, url: said.url, ended };
}

async function kill({ child, ended }: { child: ChildProcess; ended: Promise<unknown> }): Promise<void> {
  child.kill('SIGKILL');
  await ended;
  expect(child.signalCode).toBe('SIGKILL');
}

const count = async (sql: string, values: unknown[] = []) =>
  (await ground.server.deps.db.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${sql}`, values))[0]!.count;

test('answers through two processes, one killed among them: none that was confirmed is lost, and none leaves twice', async () => {
  const ids: string[] = [];
  for (let n = 0; n < 60; n++) ids.push(await ground.ask());
  const mortal = await start();
  const [here, there] = [ground.hospital, await signIn(mortal, 'clerk-hospital')];
  const answered = () => count(`question_messages WHERE kind = 'answer' AND question_id = ANY ($1::bigint[])`, [ids]);
  const send = (client: Client, id: string) =>
    act(client, id, 'answer', { text: `在一楼自助机，第 ${id} 号。`, key: `answer-of-${id}`, seen: 1 });
  // Some of those that go through the mortal one are under way when it is killed, however quick it is.
  const holder = new Connection({ connectionString: ground.server.databaseUrl });
  await holder.connect();
  await holder.query('BEGIN');
  await holder.query('SELECT 1 FROM questions WHERE id = ANY ($1::bigint[]) ORDER BY id FOR UPDATE', [
    ids.filter((_, n) => n % 2 === 1).slice(-5),
  ]);
  // A page whose server is gone gets no answer at all.
  const confirmed = new Map<string, Answer>();
  const tries = ids.map(async (id, n) => {
    const answer = await send(n % 2 ? there : here, id).catch(() => undefined);
    if (answer) confirmed.set(id, answer);
  });
  while ((await answered()) < 10) await pause(1);
  await kill(mortal);
  await holder.end();
  await Promise.all(tries);
  expect([...confirmed.values()].map(codeOf)).toEqual(Array(confirmed.size).fill('200 done'));
  expect(confirmed.size).toBeLessThanOrEqual(55);
  // What the pages then do: the same again, with the same key, by the process that lives.
  for (const id of ids) {
    const answer = await send(here, id);
    expect(codeOf(answer)).toBe('200 done');
    expect(answer.body).toMatchObject({ messageId: expect.any(String) });
    const first = confirmed.get(id);
    if (first) expect(answer.body).toMatchObject({ messageId: (first.body as { messageId: string }).messageId });
  }
  expect(await answered()).toBe(60);
  const told = await ground.server.deps.db.query<{ times: number }>(
    `SELECT (SELECT count(*)::int FROM deliveries d WHERE d.openid = q.openid) AS times FROM questions q WHERE id = ANY ($1::bigint[])`,
    [ids],
  );
  expect(told.map(({ times }) => times)).toEqual(Array(60).fill(1));
}, 120_000);

test('10,000 due at once, the process that sees to them killed among them: another goes on, and each fires once', async () => {
  const { db } = ground.server.deps;
  await db.query(`UPDATE questions SET next_fire_at = NULL, status = 'closed'`);
  const due = '2026-03-02T15:12:00+08:00';
  await db.query(
    `INSERT INTO questions (number, account_id, openid, organisation_id, text, asked_at, last_at, search, cycle,
                            clock_started_at, first_due_at, due_at, next_fire_at)
     SELECT 'K' || n, 1, 'oKilled' || n, $1, '问', at, at, '', 1, at, at + interval '6 hours', at + interval '3 days', $2
       FROM generate_series(1, 10000) n, CAST ('2026-03-02T10:00:00+08:00' AS timestamptz) at`,
    [await ground.id('hospital-first-desk'), due],
  );
  const fired = () => count('question_fires');
  const mortal = await start(due);
  while ((await fired()) === 0) await pause(1);
  await kill(mortal);
  const before = await fired();
  expect(before).toBeLessThan(10_000);
  const next = await start(due);
  await next.ended;
  expect(await fired()).toBe(10_000);
  expect(await count('(SELECT DISTINCT question_id FROM question_fires) once')).toBe(10_000);
  expect(
    await count(
      `question_messages m JOIN questions q ON q.id = m.question_id WHERE q.number LIKE 'K%' AND m.kind <> 'citizen'`,
    ),
  ).toBe(10_000);
}, 120_000);
