import type { ServiceDeps } from '../../../src/dialogue/service';
import { defaultCalendar } from '../../../src/platform/calendar-setting';
import { type CalendarData } from '../../../src/platform/working-calendar';
import { extendClock, moveClock, pauseClock, resumeClock, startClock } from '../../../src/services/questions/clocks';
import { closeSilent } from '../../../src/services/questions/closing';
import { fireDue } from '../../../src/services/questions/fire';
import { jobs } from '../../../src/services/questions/jobs';
import { defaultPolicies } from '../../../src/services/questions/policies';
import { addStaff, audited, signIn } from '../../console/client';
import { startTestServer } from '../../support/server';
import {
  ask,
  askAndStart,
  askAndStartMany,
  at,
  deps,
  each,
  inTx,
  lookAt,
  one,
  openClockRoom,
  other,
  otherDeps,
  setTime,
  state,
  stoppingAfter,
  supervisor,
  tally,
  until,
  watching,
  written,
} from './clock-room';

// Clocks of many questions at once: several processes, and a calendar and policies that change.

openClockRoom();

describe('many, in several processes', () => {
  afterAll(() => other.deps.db.query(`UPDATE questions SET status = 'closed'`));

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
