import type { ServiceDeps } from '../../../src/dialogue/service';
import { defaultCalendar } from '../../../src/platform/calendar-setting';
import type { Clock } from '../../../src/platform/clock';
import type { Tx } from '../../../src/platform/database';
import { type CalendarData, createWorkingCalendar } from '../../../src/platform/working-calendar';
import {
  extendClock,
  gradeClock,
  moveClock,
  pauseClock,
  resumeClock,
  startClock,
  stopClock,
} from '../../../src/services/questions/clocks';
import { closeSilent, type Rating, rate } from '../../../src/services/questions/closing';
import { fireDue } from '../../../src/services/questions/fire';
import { jobs } from '../../../src/services/questions/jobs';
import { defaultPolicies } from '../../../src/services/questions/policies';
import { addStaff, audited, type Client, signIn } from '../../console/client';
import { startTestServer, type TestServer } from '../../support/server';

let one: TestServer;
let other: TestServer;
let deps: ServiceDeps;
let otherDeps: ServiceDeps;
let supervisor: Client;

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

/** A moment as people in China write it, whatever zone the test runs in. */
const at = (time: string) => new Date(`${time.replace(' ', 'T')}:00+08:00`);
const written = (time: Date | null) =>
  time && new Date(time.getTime() + 8 * 3600_000).toISOString().slice(0, 16).replace('T', ' ');
let now = at('2026-03-02 10:00');
/** Stands still until it is set, and is the same for both processes. */
const clock: Clock = { now: () => now, millis: () => now.getTime() };
function setTime(time: string): void {
  now = at(time);
}

let asked = 0;
/** Questions of one department, not dispatched yet. @returns their ids */
async function ask(count = 1, organisation = 'police-household'): Promise<string[]> {
  const rows = await deps.db.query<{ id: string }>(
    `INSERT INTO questions (number, account_id, openid, organisation_id, text, asked_at, last_at, search)
     SELECT 'T' || $2::int + n, 1, 'o' || n, o.id, '问', $3, $3, '' FROM generate_series(1, $1::int) n, organisations o
      WHERE o.key = $4 RETURNING id`,
    [count, asked, deps.clock.now(), organisation],
  );
  asked += count;
  return rows.map(({ id }) => id);
}

const inTx = <T>(work: (tx: Tx) => Promise<T>) => deps.db.transaction(work);
async function askAndStart(time: string): Promise<string> {
  setTime(time);
  const [id] = await ask();
  await inTx((tx) => startClock(tx, id!, deps));
  return id!;
}

type State = {
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
const state = async (id: string) => (await deps.db.query<State>('SELECT * FROM questions WHERE id = $1', [id]))[0]!;
const events = async (id: string) =>
  (
    await deps.db.query<{ text: string }>(
      `SELECT text FROM question_messages WHERE question_id = $1 AND kind = 'event' ORDER BY id`,
      [id],
    )
  ).map(({ text }) => text);
/** Looks at the clock as a sweep does. @returns what has come into the thread by then */
async function lookAt(time: string, id: string): Promise<string[]> {
  setTime(time);
  await fireDue(deps);
  return (await events(id)).map((text) => text.slice(0, 2));
}

describe('a question nobody answers', () => {
  test('is warned of, chased and escalated, each once, at its time', async () => {
    const id = await askAndStart('2026-03-02 10:00');
    const { first_due_at, due_at, next_fire_at } = await state(id);
    expect([first_due_at, due_at, next_fire_at].map(written)).toEqual([
      '2026-03-02 16:00',
      '2026-03-05 17:30',
      '2026-03-02 15:12',
    ]);
    expect(await lookAt('2026-03-02 15:11', id)).toEqual([]);
    expect(await lookAt('2026-03-02 15:12', id)).toEqual(['提醒']);
    expect(await events(id)).toEqual(['提醒：首次答复时限 2026-03-02 16:00，请尽快答复。']);
    expect(await state(id)).toMatchObject({ priority: 0, version: 1, escalated_at: null });
    expect(await lookAt('2026-03-02 17:29', id)).toEqual(['提醒']);
    // The day after nobody had replied.
    expect(await lookAt('2026-03-03 09:00', id)).toEqual(['提醒', '催办']);
    expect((await events(id))[1]).toBe('催办：已超过首次答复时限（2026-03-02 16:00），请马上答复。');
    // A reminder does not stop the answer that is being sent.
    expect(await state(id)).toMatchObject({ priority: 1, version: 1, escalated_at: null });
    expect(await lookAt('2026-03-04 17:29', id)).toEqual(['提醒', '催办']);
    // Tomorrow is the last day.
    expect(await lookAt('2026-03-05 09:00', id)).toEqual(['提醒', '催办', '提醒']);
    expect(await lookAt('2026-03-05 17:29', id)).toEqual(['提醒', '催办', '提醒']);
    expect(await lookAt('2026-03-06 09:00', id)).toEqual(['提醒', '催办', '提醒', '催办']);
    expect((await events(id))[3]).toBe('催办：已超过办理期限（2026-03-05 17:30），请马上办理。');
    expect(await lookAt('2026-03-09 17:00', id)).toHaveLength(4);
    // Five working days after the first chase, which was of no use.
    expect(await lookAt('2026-03-10 09:00', id)).toEqual(['提醒', '催办', '提醒', '催办', '督办']);
    expect((await events(id))[4]).toContain('仍没有答复');
    expect(await state(id)).toMatchObject({
      priority: 2,
      version: 2,
      escalated_at: expect.any(Date),
      next_fire_at: null,
    });
    expect(await lookAt('2026-04-13 09:00', id)).toHaveLength(5);
  });

  test('and one that is replied to late is escalated five days after the chase of what is not resolved', async () => {
    const id = await askAndStart('2026-03-02 10:00');
    expect(await lookAt('2026-03-03 09:00', id)).toEqual(['催办']);
    await deps.db.query('UPDATE questions SET first_replied_at = $2 WHERE id = $1', [id, at('2026-03-03 10:00')]);
    expect(await lookAt('2026-03-12 17:00', id)).toEqual(['催办', '催办']);
    expect(await lookAt('2026-03-13 09:00', id)).toEqual(['催办', '催办', '督办']);
    expect((await events(id))[2]).toBe('督办：超过办理期限（2026-03-05 17:30）仍未办结，已转督查人员。');
  });

  test('is told to the pages of those whose affair it is', async () => {
    const id = await askAndStart('2026-03-02 10:00');
    await lookAt('2026-03-02 15:12', id);
    const [event] = await deps.db.query(
      `SELECT l.topic, l.roles, l.data, o.key FROM live_events l JOIN organisations o ON o.path = l.path ORDER BY l.id DESC LIMIT 1`,
    );
    expect(event).toEqual({
      topic: 'questions',
      key: 'police-household',
      roles: ['clerk', 'dispatcher', 'supervisor'],
      data: { event: 'first-warning', ids: [id] },
    });
  });

  test('wakes nobody at night, at weekends, at lunch: it waits for the doors to open', async () => {
    const id = await askAndStart('2026-03-06 10:00');
    // 15:12 has passed unseen; nobody looked before the evening.
    for (const time of ['2026-03-06 17:30', '2026-03-06 23:00', '2026-03-07 10:00', '2026-03-09 08:59'])
      expect(await lookAt(time, id)).toEqual([]);
    const late = await askAndStart('2026-03-05 12:10');
    await deps.db.query('UPDATE questions SET next_fire_at = $2 WHERE id = $1', [late, at('2026-03-05 12:15')]);
    expect(await lookAt('2026-03-05 13:00', late)).toEqual([]);
  });

  test('after a standstill a warning of what is long past is left out, a chase is not', async () => {
    const id = await askAndStart('2026-03-02 10:00');
    expect(await lookAt('2026-03-23 10:00', id)).toEqual(['催办', '督办']);
    expect((await state(id)).next_fire_at).toBeNull();
  });

  test('over the Spring Festival the holidays do not count, the worked Saturday does', async () => {
    const id = await askAndStart('2026-02-13 16:30');
    const { first_due_at, due_at } = await state(id);
    expect([first_due_at, due_at].map(written)).toEqual(['2026-02-14 12:00', '2026-02-25 17:30']);
  });
});

describe('a question that is answered', () => {
  test('in the first place: no first warning, but the one before it is due', async () => {
    const id = await askAndStart('2026-03-02 10:00');
    await deps.db.query('UPDATE questions SET first_replied_at = $2 WHERE id = $1', [id, at('2026-03-02 11:00')]);
    expect(await lookAt('2026-03-02 15:30', id)).toEqual([]);
    expect(await lookAt('2026-03-05 09:00', id)).toEqual(['提醒']);
    expect((await events(id))[0]).toContain('办理期限');
  });

  test('for good: nothing any more', async () => {
    const id = await askAndStart('2026-03-02 10:00');
    await deps.db.query(`UPDATE questions SET status = 'answered' WHERE id = $1`, [id]);
    expect(await lookAt('2026-03-23 10:00', id)).toEqual([]);
    expect((await state(id)).next_fire_at).toBeNull();
  });
});

describe('pause, extension, grade, stop', () => {
  test('a pause moves what is due by the working time it took, and nothing fires meanwhile', async () => {
    const id = await askAndStart('2026-03-02 10:00');
    setTime('2026-03-02 11:00');
    await inTx((tx) => pauseClock(tx, id, deps));
    expect((await state(id)).next_due_at).toBe(Number.POSITIVE_INFINITY);
    await expect(inTx((tx) => pauseClock(tx, id, deps))).rejects.toMatchObject({ code: 'paused' });
    expect(await lookAt('2026-03-10 10:00', id)).toEqual([]);
    setTime('2026-03-04 11:00');
    await inTx((tx) => resumeClock(tx, id, deps));
    const { first_due_at, due_at, paused_minutes } = await state(id);
    expect(paused_minutes).toBe(2 * 390);
    expect([first_due_at, due_at].map(written)).toEqual(['2026-03-04 16:00', '2026-03-09 17:30']);
    await expect(inTx((tx) => resumeClock(tx, id, deps))).rejects.toMatchObject({ code: 'not-paused' });
    expect(await lookAt('2026-03-04 15:12', id)).toEqual(['提醒']);
  });

  test('two pauses add up; one at night costs nothing', async () => {
    const id = await askAndStart('2026-03-02 10:00');
    for (const [from, to] of [
      ['2026-03-02 11:00', '2026-03-02 14:30'],
      ['2026-03-02 15:00', '2026-03-02 15:30'],
      ['2026-03-02 20:00', '2026-03-03 08:00'],
    ]) {
      setTime(from!);
      await inTx((tx) => pauseClock(tx, id, deps));
      setTime(to!);
      await inTx((tx) => resumeClock(tx, id, deps));
    }
    expect((await state(id)).paused_minutes).toBe(90 + 30);
    expect(written((await state(id)).due_at)).toBe('2026-03-06 11:00');
  });

  test('an extension is asked for before expiry, is warned of anew, and moves with a pause', async () => {
    const id = await askAndStart('2026-03-02 10:00');
    await deps.db.query('UPDATE questions SET first_replied_at = $2 WHERE id = $1', [id, at('2026-03-02 11:00')]);
    expect(await lookAt('2026-03-05 09:30', id)).toEqual(['提醒']);
    expect(written(await inTx((tx) => extendClock(tx, id, 5, deps)))).toBe('2026-03-12 17:30');
    expect(await lookAt('2026-03-11 17:00', id)).toEqual(['提醒']);
    expect(await lookAt('2026-03-12 09:00', id)).toEqual(['提醒', '提醒']);
    await inTx((tx) => pauseClock(tx, id, deps));
    setTime('2026-03-13 09:00');
    await inTx((tx) => resumeClock(tx, id, deps));
    expect(written((await state(id)).due_at)).toBe('2026-03-13 17:30');
    setTime('2026-03-16 09:00');
    await expect(inTx((tx) => extendClock(tx, id, 5, deps))).rejects.toMatchObject({ code: 'expired' });
  });

  test('another grade counts from the same start', async () => {
    const id = await askAndStart('2026-03-02 10:00');
    setTime('2026-03-03 10:00');
    await inTx((tx) => gradeClock(tx, id, 'complex', deps));
    expect(written((await state(id)).due_at)).toBe('2026-03-19 17:30');
  });

  test('stopped, it has no times; started anew, it fires anew', async () => {
    const id = await askAndStart('2026-03-02 10:00');
    expect(await lookAt('2026-03-02 15:30', id)).toEqual(['提醒']);
    await inTx((tx) => stopClock(tx, id, deps));
    expect(await state(id)).toMatchObject({ first_due_at: null, due_at: null, next_fire_at: null });
    await expect(inTx((tx) => pauseClock(tx, id, deps))).rejects.toMatchObject({ code: 'not-running' });
    setTime('2026-03-03 10:00');
    await inTx((tx) => startClock(tx, id, deps));
    expect(await state(id)).toMatchObject({ cycle: 2 });
    expect(await lookAt('2026-03-03 15:30', id)).toEqual(['提醒', '提醒']);
  });
});

describe('many, in several processes', () => {
  afterAll(() => other.deps.db.query(`UPDATE questions SET status = 'closed'`));

  const started = '2026-03-02 10:00';
  const calendar = createWorkingCalendar(defaultCalendar);

  /** As startClock leaves them, all at once. */
  async function askAndStartMany(count: number): Promise<string[]> {
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
  async function tally(ids: string[]) {
    const count = async (sql: string) =>
      (await other.deps.db.query<{ n: string }>(sql, [ids])).map(({ n }) => Number(n));
    const [fires] = await count(`SELECT count(*) AS n FROM question_fires WHERE question_id = ANY ($1::bigint[])`);
    const [messages] = await count(
      `SELECT count(*) AS n FROM question_messages WHERE question_id = ANY ($1::bigint[])`,
    );
    const [threads] = await count(
      `SELECT count(DISTINCT question_id) AS n FROM question_messages WHERE question_id = ANY ($1::bigint[])`,
    );
    const told = await count(
      `SELECT e.id AS n FROM live_events l, jsonb_array_elements_text(l.data->'ids') e (id) WHERE e.id = ANY ($1::text[])`,
    );
    return { fires, messages, threads, told: told.length, toldOnce: new Set(told).size };
  }
  const each = (n: number) => ({ fires: n, messages: n, threads: n, told: n, toldOnce: n });

  test('10,000 due in the same minute fire once each while two sweep at the same time', async () => {
    const ids = await askAndStartMany(10_000);
    setTime('2026-03-02 15:12');
    const looked = await Promise.all([fireDue(deps), fireDue(otherDeps)]);
    expect(looked[0] + looked[1]).toBe(10_000);
    expect(Math.min(...looked)).toBeGreaterThan(0);
    expect(await tally(ids)).toEqual(each(10_000));
    expect(await Promise.all([fireDue(deps), fireDue(otherDeps)])).toEqual([0, 0]);
  }, 60_000);

  test('a process that stops after any of its statements loses nothing and doubles nothing', async () => {
    const ids = await askAndStartMany(700);
    setTime('2026-03-02 15:12');
    let statements = 0;
    for (let fatal = 1; ; fatal++) {
      const broken = stoppingAfter(fatal, deps, () => statements++);
      const failed = await fireDue(broken).then(
        () => false,
        () => true,
      );
      if (!failed) break;
      // Of the first batch nothing is there; later ones stop in the second.
      const { fires, messages, threads, told, toldOnce } = await tally(ids);
      expect([fires, messages, threads, told, toldOnce]).toEqual(Array(5).fill(fires));
      expect([0, 500]).toContain(fires);
    }
    expect(statements).toBeGreaterThan(20);
    expect(await tally(ids)).toEqual(each(700));
  }, 60_000);

  test('what one had begun when its connection was cut, another does', async () => {
    const ids = await askAndStartMany(300);
    setTime('2026-03-02 15:12');
    const cut: ServiceDeps = {
      ...deps,
      db: {
        ...deps.db,
        transaction: (work) =>
          deps.db.transaction(async (tx) => {
            await work(tx);
            const [self] = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
            await other.deps.db.query('SELECT pg_terminate_backend($1)', [self!.pid]);
            throw new Error('gone');
          }),
      },
    };
    await expect(fireDue(cut)).rejects.toThrow();
    expect(await tally(ids)).toEqual(each(0));
    expect(await fireDue(otherDeps)).toBe(300);
    expect(await tally(ids)).toEqual(each(300));
  });

  test('what is looked for is found by index, however many there are', async () => {
    await askAndStartMany(2000);
    await deps.db.query('ANALYZE questions');
    const statements: [string, unknown[]][] = [];
    const watched = watching(deps, (sql, parameters) => statements.push([sql, parameters]));
    await fireDue(watched);
    await closeSilent(watched);
    const searches = statements.filter(([sql]) => /SKIP LOCKED/.test(sql));
    expect(searches).toHaveLength(2);
    const plans = searches.map(async ([sql, parameters]) => {
      const rows = await deps.db.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${sql}`, parameters);
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    });
    const [firing, closing] = await Promise.all(plans);
    expect(firing).toContain('questions_to_fire');
    expect(closing).toContain('questions_to_close');
    expect(`${firing}\n${closing}`).not.toContain('Seq Scan on questions');
  });

  const stoppingAfter = (fatal: number, live: ServiceDeps, count: () => void): ServiceDeps => {
    let left = fatal;
    return watching(live, () => {
      count();
      if (--left === 0) throw new Error('stopped');
    });
  };

  /** Told after each statement of a transaction. */
  function watching(live: ServiceDeps, tell: (sql: string, parameters: unknown[]) => void): ServiceDeps {
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
});

describe('calendar and policies', () => {
  const put = (path: string, body: unknown, client = supervisor) =>
    client.send('PUT', `/services/questions${path}`, body);
  const get = async (path: string) =>
    (await supervisor.get(`/services/questions${path}`)).body as Record<string, unknown>;
  const runJob = () => jobs!(otherDeps).handlers!['questions.recompute']!({});
  const waiting = async () =>
    (
      await deps.db.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM graphile_worker.jobs WHERE task_identifier = 'questions.recompute'`,
      )
    )[0]!.n;
  const dated = (calendar: CalendarData) => ({ calendar, reason: '测试用的改动' });
  const closedOn = (day: string) => ({
    ...defaultCalendar,
    holidays: [...defaultCalendar.holidays, { name: '停电', from: day, to: day }],
  });

  test('are read, changed by the supervisor of the city alone, and traced', async () => {
    expect(await get('/calendar')).toMatchObject({ calendar: defaultCalendar, lastYear: 2026, mayChange: true });
    expect(await get('/policies')).toMatchObject({ city: defaultPolicies, own: [], limits: { perDay: 6, bounces: 2 } });
    expect((await put('/policies', { ...defaultPolicies, closeDays: 8 })).status).toBe(200);
    expect(await get('/policies')).toMatchObject({ city: { ...defaultPolicies, closeDays: 8 } });
    expect((await put('/policies', defaultPolicies)).status).toBe(200);
    expect(await audited(one, 'question-policies.change')).toMatchObject([
      { username: 'supervisor', detail: { before: { closeDays: 8 }, after: { closeDays: 7 } } },
      { username: 'supervisor', detail: { before: { closeDays: 7 }, after: { closeDays: 8 } } },
    ]);
    await addStaff(one, 'police-supervisor', 'supervisor', 'police');
    for (const [path, body] of [
      ['/policies', defaultPolicies],
      ['/calendar', dated(defaultCalendar)],
      ['/limits', { perDay: 9, bounces: 2, extensionDays: 15 }],
    ] as const) {
      expect((await put(path, body, await signIn(one, 'police-supervisor'))).status).toBe(403);
      expect((await put(path, body, await signIn(one, 'clerk-police'))).status).toBe(403);
    }
    expect((await put('/policies', { ...defaultPolicies, chaseDays: 0 })).body).toMatchObject({
      error: { fields: { chaseDays: expect.any(String) } },
    });
    expect((await put('/calendar', dated({ ...defaultCalendar, worked: ['2026-10-01'] }))).body).toMatchObject({
      error: { fields: { 'calendar.worked.0': '2026-10-01 在国庆节假期里，不能又放假又上班' } },
    });
  });

  test('another calendar moves what is open; not what is answered, and what is paused when it goes on', async () => {
    const open = await askAndStart('2026-03-02 10:00');
    const paused = await askAndStart('2026-03-02 10:00');
    const answered = await askAndStart('2026-03-02 10:00');
    const extended = await askAndStart('2026-03-02 10:00');
    await deps.db.query('UPDATE questions SET first_replied_at = $2 WHERE id = $1', [open, at('2026-03-02 11:00')]);
    await inTx((tx) => pauseClock(tx, paused, deps));
    await inTx((tx) => extendClock(tx, extended, 10, deps));
    await deps.db.query(`UPDATE questions SET status = 'answered', answered_at = asked_at WHERE id = $1`, [answered]);
    const dues = async () =>
      Promise.all([open, paused, answered, extended].map(async (id) => written((await state(id)).due_at)));
    const before = ['2026-03-05 17:30', '2026-03-05 17:30', '2026-03-05 17:30', '2026-03-19 17:30'];
    expect(await dues()).toEqual(before);

    expect((await put('/calendar', dated(closedOn('2026-03-04')))).status).toBe(200);
    expect(await waiting()).toBe(1);
    await runJob();
    expect(await dues()).toEqual(['2026-03-06 17:30', ...before.slice(1)]);
    await inTx((tx) => resumeClock(tx, paused, deps));
    expect((await dues())[1]).toBe('2026-03-06 17:30');
    expect(await lookAt('2026-03-05 09:00', open)).toEqual([]);
    expect(await lookAt('2026-03-06 09:00', open)).toEqual(['提醒']);

    expect((await put('/calendar', dated(defaultCalendar))).status).toBe(200);
    await runJob();
    expect((await dues())[0]).toBe('2026-03-05 17:30');
    // It was warned of once; the chase comes for the new time.
    expect(await lookAt('2026-03-06 09:30', open)).toEqual(['提醒', '催办']);
  });

  test('other policies move it too, in batches', async () => {
    setTime('2026-03-02 10:00');
    const ids = await ask(1200);
    await deps.db.query(
      `UPDATE questions SET cycle = 1, clock_started_at = $2, first_due_at = $2, due_at = $2 WHERE id = ANY ($1::bigint[])`,
      [ids, deps.clock.now()],
    );
    const policies = { ...defaultPolicies, resolveDays: { simple: 1, ordinary: 5, complex: 15 } };
    expect((await put('/policies', policies)).status).toBe(200);
    await Promise.all([runJob(), jobs!(deps).handlers!['questions.recompute']!({})]);
    const found = await deps.db.query<{ due_at: Date; n: number }>(
      'SELECT due_at, count(*)::int AS n FROM questions WHERE id = ANY ($1::bigint[]) GROUP BY due_at',
      [ids],
    );
    expect(found.map(({ due_at, n }) => [written(due_at), n])).toEqual([['2026-03-09 17:30', 1200]]);
    expect((await put('/policies', defaultPolicies)).status).toBe(200);
    await runJob();
  });

  test("a department's own hold for it and what is below it, and for what is moved there", async () => {
    const id = await askAndStart('2026-03-02 10:00');
    const [organisation] = await deps.db.query<{ id: number }>(`SELECT id FROM organisations WHERE key = 'police'`);
    const own = `/policies/${organisation!.id}`;
    const policies = {
      ...defaultPolicies,
      firstReplyMinutes: { simple: 60, ordinary: 120, complex: 240 },
      resolveDays: { simple: 1, ordinary: 2, complex: 5 },
    };
    expect((await get(`/due-times?organisation=${organisation!.id}`)).open).toBeGreaterThan(0);
    await addStaff(one, 'hospital-supervisor', 'supervisor', 'hospital-first');
    expect((await put(own, policies, await signIn(one, 'hospital-supervisor'))).status).toBe(404);
    expect((await put(own, policies, await signIn(one, 'police-supervisor'))).status).toBe(200);
    expect((await get('/policies')).own).toMatchObject([{ organisationId: organisation!.id, policies }]);
    await runJob();
    const { progress, open } = (await get('/due-times')) as { progress: { done: number; total: number }; open: number };
    expect(progress).toMatchObject({ done: open, total: open });
    const dues = async (of: string) => [(await state(of)).first_due_at, (await state(of)).due_at].map(written);
    expect(await dues(id)).toEqual(['2026-03-02 12:00', '2026-03-04 17:30']);
    setTime('2026-03-02 10:00');
    const [elsewhere] = await ask(1, 'hospital-first-desk');
    await inTx((tx) => startClock(tx, elsewhere!, deps));
    expect(await dues(elsewhere!)).toEqual(['2026-03-02 16:00', '2026-03-05 17:30']);
    await deps.db.query(
      `UPDATE questions SET organisation_id = (SELECT id FROM organisations WHERE key = 'police-household') WHERE id = $1`,
      [elsewhere],
    );
    await inTx((tx) => moveClock(tx, elsewhere!, deps));
    expect(await dues(elsewhere!)).toEqual(['2026-03-02 12:00', '2026-03-04 17:30']);
    expect((await supervisor.send('DELETE', `/services/questions${own}`)).status).toBe(200);
    await runJob();
    expect(await dues(id)).toEqual(['2026-03-02 16:00', '2026-03-05 17:30']);
    expect((await audited(one, 'question-policies.change'))[0]).toMatchObject({ detail: { after: null } });
  });

  test('a clock that starts while the calendar is being changed is reckoned by the new one', async () => {
    setTime('2026-03-02 10:00');
    const [id] = await ask();
    let changed: Promise<unknown> | undefined;
    await inTx(async (tx) => {
      await startClock(tx, id!, deps);
      changed = put('/calendar', dated(closedOn('2026-03-04')));
      // The change waits for us: it shows among the locks not granted.
      await until(async () => {
        const rows = await tx.query(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`);
        return rows.length > 0;
      });
    });
    expect(await changed).toMatchObject({ status: 200 });
    await runJob();
    expect(written((await state(id!)).due_at)).toBe('2026-03-06 17:30');
    await put('/calendar', dated(defaultCalendar));
    await runJob();
  });

  test('a worker does it by itself', async () => {
    const id = await askAndStart('2026-03-02 10:00');
    const worker = await startTestServer({ databaseUrl: one.databaseUrl });
    try {
      await put('/calendar', dated(closedOn('2026-03-03')));
      await until(async () => written((await state(id)).due_at) === '2026-03-06 17:30');
    } finally {
      await worker.stop();
    }
    await put('/calendar', dated(defaultCalendar));
    await runJob();
  });
});

describe('the end', () => {
  const answer = async (time: string) => {
    const id = await askAndStart(time);
    await deps.db.query(
      `UPDATE questions SET status = 'answered', first_replied_at = $2, answered_at = $2, last_at = $2 WHERE id = $1`,
      [id, deps.clock.now()],
    );
    return id;
  };

  test('answered and silent for seven days: closed', async () => {
    const id = await answer('2026-05-04 10:00');
    setTime('2026-05-11 09:59');
    await closeSilent(deps);
    expect(await state(id)).toMatchObject({ status: 'answered' });
    setTime('2026-05-11 10:01');
    await Promise.all([closeSilent(deps), closeSilent(otherDeps)]);
    expect(await state(id)).toMatchObject({ status: 'closed', closed_at: expect.any(Date), version: 2 });
    expect(await events(id)).toEqual(['答复后 7 天没有新的消息，自动关闭。']);
  });

  const rated = (id: string, rating: Rating) => inTx((tx) => rate(tx, { id, ...rating, at: now }, deps));

  test('a rating is two answers, one after the other; then the question is closed', async () => {
    const id = await answer('2026-05-04 10:00');
    expect(await rated(id, { solved: true })).toMatchObject({ status: 'answered', solved: true, satisfied: null });
    // What was said stands.
    await expect(rated(id, { solved: false })).rejects.toMatchObject({ code: 'rated' });
    expect(await rated(id, { satisfied: 5 })).toMatchObject({ status: 'closed', solved: true, satisfied: 5 });
    expect(await state(id)).toMatchObject({ reopened: false, closed_at: now });
    expect(await events(id)).toEqual(['市民评价：解决了', '市民评价：非常满意']);
    await expect(rated(id, { satisfied: 1 })).rejects.toMatchObject({ code: 'rated' });
  });

  test('who is not has it opened again, once, for a supervisor, and the clock starts anew', async () => {
    const id = await answer('2026-05-06 10:00');
    setTime('2026-05-07 10:00');
    expect(await rated(id, { solved: false })).toMatchObject({ status: 'open' });
    expect(await rated(id, { satisfied: 1 })).toMatchObject({ status: 'open' });
    const reopened = await state(id);
    expect(reopened).toMatchObject({
      status: 'open',
      reopened: true,
      cycle: 2,
      solved: false,
      satisfied: 1,
      priority: 1,
    });
    expect(reopened).toMatchObject({ escalated_at: expect.any(Date), answered_at: null });
    // The 9th is a Saturday that is worked.
    expect(written(reopened.due_at)).toBe('2026-05-11 17:30');
    await expect(rated(id, { solved: true })).rejects.toMatchObject({ code: 'not-answered' });
    await deps.db.query(
      `UPDATE questions SET status = 'answered', answered_at = last_at, rated_at = NULL WHERE id = $1`,
      [id],
    );
    expect(await rated(id, { solved: false, satisfied: 1 })).toMatchObject({ status: 'closed' });
    expect(await state(id)).toMatchObject({ status: 'closed', cycle: 2 });
  });

  test('solved and yet not liked opens it again too', async () => {
    const id = await answer('2026-05-06 10:00');
    await rated(id, { solved: true });
    expect(await rated(id, { satisfied: 2 })).toMatchObject({ status: 'open', reopened: true, solved: true });
  });

  test('before there is an answer there is nothing to rate', async () => {
    const id = await askAndStart('2026-05-06 10:00');
    await expect(rated(id, { solved: true })).rejects.toMatchObject({ status: 409 });
  });

  test('a department closes after its own number of days', async () => {
    const police = await answer('2026-05-04 10:00');
    setTime('2026-05-04 10:00');
    const [hospital] = await ask(1, 'hospital-first-desk');
    await deps.db.query(`UPDATE questions SET status = 'answered', answered_at = asked_at WHERE id = $1`, [hospital]);
    const [{ id: organisation }] = (await deps.db.query<{ id: number }>(
      `SELECT id FROM organisations WHERE key = 'hospital-first'`,
    )) as [{ id: number }];
    const path = `/services/questions/policies/${organisation}`;
    expect((await supervisor.send('PUT', path, { ...defaultPolicies, closeDays: 2 })).status).toBe(200);
    setTime('2026-05-06 10:01');
    await closeSilent(deps);
    expect([await state(police), await state(hospital!)].map(({ status }) => status)).toEqual(['answered', 'closed']);
    expect(await events(hospital!)).toEqual(['答复后 2 天没有新的消息，自动关闭。']);
    expect((await supervisor.send('DELETE', path)).status).toBe(200);
  });
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}
