import { defaultCalendar } from '../../../src/platform/calendar-setting';
import { freePlaces, makeAllSlots } from '../../../src/services/appointments/jobs';
import { followCalendar } from '../../../src/services/appointments/schedules/follow-calendar';
import { audited, signIn } from '../../console/client';
import { at } from './hall';
import {
  base,
  bookAt,
  hall,
  newDoctor,
  openPlanning,
  planner,
  police,
  rule,
  type Slot,
  setRules,
  signPlannerIn,
  slotsOn,
  times,
  toldOf,
  versionOf,
} from './planning';

// Single days and times: exceptions, by hand, substitutes, releases and the calendar.

openPlanning();

test('a day off, another weekday, a day moved; taken back, the day is as before', async () => {
  const id = await newDoctor();
  const other = await newDoctor([{ ...rule, weekdays: [3] }]);
  const exception = (special: object, resources = [id]) =>
    planner.send('POST', `${base}/exceptions`, { resources, special });
  const booked = await bookAt((await slotsOn(id, '2026-03-04'))[0]!.id);
  const off = { kind: 'stopped', day: '2026-03-04', reason: '示例学习' };
  expect((await exception(off, [id, other])).body).toEqual({ bookings: 1 });
  await freePlaces(hall.deps);
  expect(await toldOf(booked.openid)).toContain('appointments.stopped');
  expect((await slotsOn(other, '2026-03-04')).every(({ status }) => status === 'stopped')).toBe(true);
  // 2026-03-07 is a Saturday
  expect(await times(id, '2026-03-07')).toEqual([]);
  await exception({ kind: 'as', day: '2026-03-07', weekday: 3, reason: '调休' });
  expect(await times(id, '2026-03-07')).toEqual(['09:00 3', '09:30 3', '10:00 3']);
  await exception({ kind: 'moved', day: '2026-03-11', to: '2026-03-14', reason: '示例挪动' }, [other]);
  expect((await slotsOn(other, '2026-03-11')).every(({ status }) => status === 'stopped')).toBe(true);
  expect(await times(other, '2026-03-14')).toHaveLength(3);
  expect(await exception({ kind: 'stopped', day: '2026-03-01', reason: '昨天' })).toMatchObject({ status: 422 });
  const { exceptions } = (await planner.get(`${base}/resources/${id}`)).body as {
    exceptions: { id: number; day: string }[];
  };
  expect(exceptions.map(({ day }) => day)).toEqual(['2026-03-04', '2026-03-07']);
  for (const one of exceptions) {
    expect((await police.send('DELETE', `${base}/exceptions/${one.id}`)).status).toBe(404);
    expect((await planner.send('DELETE', `${base}/exceptions/${one.id}`)).status).toBe(200);
  }
  expect((await slotsOn(id, '2026-03-04')).map(({ status }) => status)).toEqual(['open', 'open', 'open']);
  expect(await times(id, '2026-03-07')).toEqual([]);
});

test('one time: never fewer places than are taken, extra ones, stopped and open again', async () => {
  const id = await newDoctor();
  const [first, second] = await slotsOn(id, '2026-03-06');
  await bookAt(first!.id);
  await bookAt(first!.id);
  const capacity = (slot: string, to: number) =>
    planner.send('PATCH', `${base}/resources/${id}/slots/${slot}`, { capacity: to });
  expect(await capacity(first!.id, 1)).toMatchObject({
    status: 409,
    body: { error: { message: '已占 2 个号（含保留中和等待放出的），人数不能少于 2' } },
  });
  expect(await capacity(first!.id, 2)).toMatchObject({ status: 200, body: { capacity: 2, byHand: true } });
  await expect(bookAt(first!.id)).rejects.toMatchObject({ code: 'full' });
  // what was set by hand stays when rules change
  await setRules(id, [{ ...rule, capacity: 9 }]);
  expect(await times(id, '2026-03-06')).toEqual(['09:00 2', '09:30 9', '10:00 9']);
  const extra = (from: string, to: string) =>
    planner.send('POST', `${base}/resources/${id}/days/2026-03-06/extra`, { from, to, capacity: 1 });
  expect(await extra('10:15', '10:45')).toMatchObject({ status: 409, body: { error: { code: 'overlap' } } });
  const added = (await extra('11:00', '11:30')).body as Slot;
  // it is open from the moment at which it was made
  hall.pass(1);
  await bookAt(added.id);
  const stop = { slots: [second!.id, added.id], reason: '示例抢救' };
  const at = (act: string, body: object) => planner.send('POST', `${base}/resources/${id}/slots/${act}`, body);
  expect((await at('stop', stop)).body).toEqual({ slots: 2, bookings: 1 });
  await expect(bookAt(second!.id)).rejects.toMatchObject({ code: 'stopped' });
  await freePlaces(hall.deps);
  expect((await at('reopen', { slots: stop.slots })).body).toEqual({ slots: 2 });
  expect((await at('reopen', { slots: stop.slots })).status).toBe(409);
  await bookAt(second!.id);
  for (const action of ['capacity', 'extra', 'stop', 'reopen'])
    expect((await audited(hall.server, `appointment.${action}`))[0]?.subject).toBe(`appointment-resource:${id}`);
});

test('capacity lowered while all book: never more than it says', async () => {
  const id = await newDoctor([{ ...rule, capacity: 10 }]);
  const [slot] = await slotsOn(id, '2026-03-09');
  const citizens = await Promise.all(Array.from({ length: 10 }, () => hall.citizen()));
  await Promise.all([
    ...citizens.map((citizen) => hall.book(hall.wants(citizen, slot!.id)).catch(() => undefined)),
    planner.send('PATCH', `${base}/resources/${id}/slots/${slot!.id}`, { capacity: 4 }),
  ]);
  const [after] = await slotsOn(id, '2026-03-09');
  expect(after!.taken).toBeLessThanOrEqual(after!.capacity);
});

test('a substitute takes times over with everybody in them, who are told; rules do not make them again', async () => {
  const [away, here] = [await newDoctor(), await newDoctor([])];
  const [first, second, third] = await slotsOn(away, '2026-03-10');
  const booked = await bookAt(first!.id);
  const substitute = (body: object) => planner.send('POST', `${base}/resources/${away}/slots/substitute`, body);
  const asked = { slots: [first!.id, second!.id], by: here, reason: '示例出诊' };
  expect((await substitute(asked)).body).toEqual({ bookings: 1 });
  expect(await toldOf(booked.openid)).toContain('appointments.substituted');
  expect(await times(here, '2026-03-10')).toEqual(['09:00 3', '09:30 3']);
  await makeAllSlots(hall.deps);
  expect((await slotsOn(away, '2026-03-10')).map(({ status }) => status)).toEqual(['stopped', 'stopped', 'open']);
  expect(await hall.db.query('SELECT resource_id FROM appointments WHERE id = $1', [booked.id])).toEqual([
    { resource_id: here },
  ]);
  const busy = await newDoctor();
  expect(await substitute({ slots: [third!.id], by: busy, reason: '示例出诊' })).toMatchObject({
    status: 409,
    body: { error: { code: 'busy' } },
  });
  const elsewhere = await hall.resource(
    {},
    (await hall.db.query<{ id: number }>(`SELECT id FROM organisations WHERE key = 'hospital-first-records'`))[0]!.id,
  );
  expect(await substitute({ slots: [third!.id], by: elsewhere, reason: '示例出诊' })).toMatchObject({ status: 409 });
});

test('the policy of the city and of one doctor decide when places are released', async () => {
  const opened = async (id: number) =>
    (
      await hall.db.query<{ opens_at: Date }>(
        `SELECT opens_at FROM appointment_slots WHERE resource_id = $1 AND day = '2026-03-17' LIMIT 1`,
        [id],
      )
    )[0]?.opens_at;
  const [general, own] = [await newDoctor(), await newDoctor()];
  expect(await opened(own)).toEqual(at('2026-03-03 07:00'));
  await planner.send('PATCH', `${base}/resources/${own}`, {
    version: await versionOf(own),
    policy: { releaseTime: '00:00' },
  });
  expect(await opened(own)).toEqual(at('2026-03-03 00:00'));
  const operator = await signIn(hall.server, 'operator');
  expect((await operator.send('PUT', `${base}/policy`, { releaseTime: '06:30' })).status).toBe(200);
  expect([await opened(general), await opened(own)]).toEqual([at('2026-03-03 06:30'), at('2026-03-03 00:00')]);
  await operator.send('PUT', `${base}/policy`, {});
});

test('the working calendar closes a holiday, unless a rule or an exception says otherwise', async () => {
  hall.setTime('2026-04-30 10:00');
  hall.server.deps.clock.offset = hall.now.getTime() - Date.now();

  await signPlannerIn();
  const id = await newDoctor();
  // 2026-05-01 is a Friday and a holiday, 2026-05-09 a Saturday that is worked
  expect(await times(id, '2026-05-01')).toEqual([]);
  await setRules(id, [{ ...rule, onHolidays: true }]);
  expect(await times(id, '2026-05-01')).toHaveLength(3);
  const special = { kind: 'as', day: '2026-05-09', weekday: 5, reason: '调休上班' };
  await planner.send('POST', `${base}/exceptions`, { resources: [id], special });
  expect(await times(id, '2026-05-09')).toHaveLength(3);
  const { worked, holidays } = (await planner.get(`${base}/special-days`)).body as {
    worked: string[];
    holidays: { from: string }[];
  };
  expect(worked).toContain('2026-05-09');
  expect(holidays[0]?.from).toBe('2026-05-01');
});

test('slots that are made follow a calendar that is changed: a holiday takes the free ones, and gives them back', async () => {
  const id = await newDoctor();
  const [slot] = await slotsOn(id, '2026-05-13');
  await bookAt(slot!.id);
  const calendar = async (holidays: object[]) => {
    await hall.deps.settings.set('calendar', { ...defaultCalendar, holidays });
    await followCalendar(hall.deps);
  };
  await calendar(defaultCalendar.holidays);
  await calendar([{ name: '示例假期', from: '2026-05-12', to: '2026-05-13' }]);
  expect(await times(id, '2026-05-12')).toEqual([]);
  expect(await slotsOn(id, '2026-05-13')).toMatchObject([{ id: slot!.id, taken: 1, capacity: 1, withdrawn: true }]);
  expect(await times(id, '2026-05-14')).toEqual(['09:00 3', '09:30 3', '10:00 3']);
  await calendar([]);
  for (const day of ['2026-05-12', '2026-05-13'])
    expect(await times(id, day)).toEqual(['09:00 3', '09:30 3', '10:00 3']);
  await calendar(defaultCalendar.holidays);
});
