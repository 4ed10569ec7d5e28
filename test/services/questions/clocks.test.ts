import {
  extendClock,
  gradeClock,
  pauseClock,
  resumeClock,
  startClock,
  stopClock,
} from '../../../src/services/questions/clocks';
import { closeSilent, type Rating, rate } from '../../../src/services/questions/closing';
import { defaultPolicies } from '../../../src/services/questions/policies';
import {
  answer,
  ask,
  askAndStart,
  at,
  deps,
  events,
  inTx,
  lookAt,
  now,
  openClockRoom,
  otherDeps,
  setTime,
  state,
  supervisor,
  written,
} from './clock-room';

// What one clock does: warned, chased, escalated, paused, extended, stopped; and the end.

openClockRoom();

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

describe('the end', () => {
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
