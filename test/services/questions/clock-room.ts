import type { ServiceDeps } from '../../../src/dialogue/service';
import { defaultCalendar } from '../../../src/platform/calendar-setting';
import type { Clock } from '../../../src/platform/clock';
import type { Tx } from '../../../src/platform/database';
import { createWorkingCalendar } from '../../../src/platform/working-calendar';
import { startClock } from '../../../src/services/questions/clocks';
import { fireDue } from '../../../src/services/questions/fire';
import { type Client, signIn } from '../../console/client';
import { startTestServer, type TestServer } from '../../support/server';

export let one: TestServer;
export let other: TestServer;
export let deps: ServiceDeps;
export let otherDeps: ServiceDeps;
export let supervisor: Client;

/** Two processes of one city whose clock stands still until it is set. */
export function openClockRoom(): void {
  beforeAll(async () => {
    // No worker: each test says when time is looked at, and by whom.
    one = await startTestServer({ env: { ROLES: 'web' } });
    other = await startTestServer({ env: { ROLES: 'web' }, databaseUrl: one.databaseUrl });
    deps = { ...one.deps.serviceDeps, clock };
    otherDeps = { ...other.deps.serviceDeps, clock };
    // The demo's own would come due, too.
    await deps.db.query(`UPDATE questions SET status = 'closed', next_fire_at = NULL`);
    supervisor = await signIn(one, 'supervisor');
  });
  beforeEach(() => deps.db.query('UPDATE questions SET next_fire_at = NULL'));
  afterAll(async () => {
    await other?.stop();
    await one?.stop();
  });
}

/** A moment as people in China write it, whatever zone the test runs in. */
export const at = (time: string) => new Date(`${time.replace(' ', 'T')}:00+08:00`);
export const written = (time: Date | null) =>
  time && new Date(time.getTime() + 8 * 3600_000).toISOString().slice(0, 16).replace('T', ' ');
export let now = at('2026-03-02 10:00');
/** Stands still until it is set, and is the same for both processes. */
export const clock: Clock = { now: () => now, millis: () => now.getTime() };
export function setTime(time: string): void {
  now = at(time);
}

let asked = 0;
/** Questions of one department, not dispatched yet. @returns their ids */
export async function ask(count = 1, organisation = 'police-household'): Promise<string[]> {
  const rows = await deps.db.query<{ id: string }>(
    `INSERT INTO questions (number, account_id, openid, organisation_id, text, asked_at, last_at, search)
     SELECT 'T' || $2::int + n, 1, 'o' || n, o.id, '问', $3, $3, '' FROM generate_series(1, $1::int) n, organisations o
      WHERE o.key = $4 RETURNING id`,
    [count, asked, deps.clock.now(), organisation],
  );
  asked += count;
  return rows.map(({ id }) => id);
}

export const inTx = <T>(work: (tx: Tx) => Promise<T>) => deps.db.transaction(work);
export async function askAndStart(time: string): Promise<string> {
  setTime(time);
  const [id] = await ask();
  await inTx((tx) => startClock(tx, id!, deps));
  return id!;
}

export type State = {
  status: string;
  version: number;
  priority: number;
  cycle: number;
  escalated_at: Date | null;
  first_due_at: Date | null;
  due_at: Date | null;
  next_fire_at: Date | null;
  paused_minutes: number;
  next_due_at: Date | number;
};
export const state = async (id: string) =>
  (await deps.db.query<State>('SELECT * FROM questions WHERE id = $1', [id]))[0]!;
export const events = async (id: string) =>
  (
    await deps.db.query<{ text: string }>(
      `SELECT text FROM question_messages WHERE question_id = $1 AND kind = 'event' ORDER BY id`,
      [id],
    )
  ).map(({ text }) => text);
/** Looks at the clock as a sweep does. @returns what has come into the thread by then */
export async function lookAt(time: string, id: string): Promise<string[]> {
  setTime(time);
  await fireDue(deps);
  return (await events(id)).map((text) => text.slice(0, 2));
}

export const started = '2026-03-02 10:00';
export const calendar = createWorkingCalendar(defaultCalendar);

/** As startClock leaves them, all at once. */
export async function askAndStartMany(count: number): Promise<string[]> {
  setTime(started);
  const ids = await ask(count);
  await deps.db.query(
    `UPDATE questions SET cycle = 1, clock_started_at = $2, first_due_at = $3, due_at = $4, next_fire_at = $5
      WHERE id = ANY ($1::bigint[])`,
    [
      ids,
      at(started),
      calendar.addWorkingMinutes(at(started), 240),
      calendar.addWorkingDays(at(started), 3),
      at('2026-03-02 15:12'),
    ],
  );
  return ids;
}

/** How often each has fired, been written of and been told. */
export async function tally(ids: string[]) {
  const count = async (sql: string) => (await other.deps.db.query<{ n: string }>(sql, [ids])).map(({ n }) => Number(n));
  const [fires] = await count(`SELECT count(*) AS n FROM question_fires WHERE question_id = ANY ($1::bigint[])`);
  const [messages] = await count(`SELECT count(*) AS n FROM question_messages WHERE question_id = ANY ($1::bigint[])`);
  const [threads] = await count(
    `SELECT count(DISTINCT question_id) AS n FROM question_messages WHERE question_id = ANY ($1::bigint[])`,
  );
  const told = await count(
    `SELECT e.id AS n FROM live_events l, jsonb_array_elements_text(l.data->'ids') e (id) WHERE e.id = ANY ($1::text[])`,
  );
  return { fires, messages, threads, told: told.length, toldOnce: new Set(told).size };
}
export const each = (n: number) => ({ fires: n, messages: n, threads: n, told: n, toldOnce: n });

export const stoppingAfter = (fatal: number, live: ServiceDeps, count: () => void): ServiceDeps => {
  let left = fatal;
  return watching(live, () => {
    count();
    if (--left === 0) throw new Error('stopped');
  });
};

/** Told after each statement of a transaction. */
export function watching(live: ServiceDeps, tell: (sql: string, parameters: unknown[]) => void): ServiceDeps {
  return {
    ...live,
    db: {
      ...live.db,
      transaction: (work) =>
        live.db.transaction((tx) =>
          work({
            ...tx,
            query: async (sql, parameters) => {
              const rows = await tx.query(sql, parameters);
              tell(sql, parameters ?? []);
              return rows as never[];
            },
          }),
        ),
    },
  };
}

export const answer = async (time: string) => {
  const id = await askAndStart(time);
  await deps.db.query(
    `UPDATE questions SET status = 'answered', first_replied_at = $2, answered_at = $2, last_at = $2 WHERE id = $1`,
    [id, deps.clock.now()],
  );
  return id;
};

export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}
