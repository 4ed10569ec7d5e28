import { defaultCalendar } from '../../../src/platform/calendar-setting';
import { freePlaces, makeAllSlots } from '../../../src/services/appointments/jobs';
import { recount } from '../../../src/services/appointments/recount';
import { followCalendar } from '../../../src/services/appointments/schedules/follow-calendar';
import { addStaff, audited, type Client, signIn } from '../../console/client';
import { at, type Hall, openHall } from './hall';

let hall: Hall;
let planner: Client;
let police: Client;
beforeAll(async () => {
  hall = await openHall();
  hall.server.deps.clock.offset = hall.now.getTime() - Date.now();
  await addStaff(hall.server, 'planner-hospital', 'operator', 'hospital-first');
  await addStaff(hall.server, 'planner-police', 'supervisor', 'police');
  planner = await signIn(hall.server, 'planner-hospital');
  police = await signIn(hall.server, 'planner-police');
});
afterAll(() => hall?.close());
afterEach(async () => {
  expect(await recount(hall.db, '2026-01-01')).toEqual([]);
});

const base = '/services/appointments/setup';
const rule = {
  weekdays: [1, 2, 3, 4, 5],
  from: '09:00',
  to: '10:30',
  minutes: 30,
  capacity: 3,
  pool: 'online',
  validFrom: '2026-01-01',
};
type Slot = { id: string; startsAt: string; capacity: number; taken: number; status: string; withdrawn: boolean };

let made = 0;
async function newDoctor(rules: object[] = [rule]): Promise<number> {
  const body = { organisationId: hall.organisation.id, kind: 'doctor', title: `示例医生${++made}` };
  const { id } = (await planner.send('POST', `${base}/resources`, body)).body as { id: number };
  if (rules.length > 0) expect((await setRules(id, rules)).status).toBe(200);
  return id;
}
const versionOf = async (id: number) =>
  ((await planner.get(`${base}/resources/${id}`)).body as { version: number }).version;
const setRules = async (id: number, rules: object[]) =>
  planner.send('PUT', `${base}/resources/${id}/rules`, { version: await versionOf(id), rules });
const slotsOn = async (id: number, day: string) =>
  ((await planner.get(`${base}/resources/${id}/days/${day}`)).body as { items: Slot[] }).items;
const times = async (id: number, day: string) =>
  (await slotsOn(id, day)).map(({ startsAt, capacity }) => `${time(startsAt)} ${capacity}`);
const time = (iso: string) => new Date(Date.parse(iso) + 8 * 3600_000).toISOString().slice(11, 16);
async function bookAt(slotId: string) {
  const citizen = await hall.citizen();
  return { ...(await hall.book(hall.wants(citizen, slotId))), openid: citizen.openid };
}
const toldOf = (openid: string) =>
  hall.db
    .query<{ kind: string }>(`SELECT body->'notice'->>'kind' AS kind FROM deliveries WHERE openid = $1 ORDER BY id`, [
      openid,
    ])
    .then((rows) => rows.map(({ kind }) => kind));

test('a doctor is added, edited and retired; each is an audit row, and whoever edits what another changed is told', async () => {
  const id = await newDoctor([]);
  const edit = (body: object) => planner.send('PATCH', `${base}/resources/${id}`, body);
  expect((await edit({ version: 1, subtitle: '主任医师', policy: { horizonDays: 7, perWeek: 1 } })).status).toBe(200);
  expect(await edit({ version: 1, subtitle: '别的' })).toMatchObject({
    status: 409,
    body: { error: { code: 'changed' } },
  });
  expect(await edit({ version: 2, policy: { horizonDays: 0 } })).toMatchObject({ status: 422 });
  expect((await planner.get(`${base}/resources/${id}`)).body).toMatchObject({
    subtitle: '主任医师',
    policy: { horizonDays: 7, perWeek: 1 },
    general: { horizonDays: 14, perMonth: 6 },
  });
  const same = { organisationId: hall.organisation.id, kind: 'doctor', title: `示例医生${made}`, subtitle: '主任医师' };
  expect((await planner.send('POST', `${base}/resources`, same)).status).toBe(409);
  await setRules(id, [rule]);
  const [slot] = await slotsOn(id, '2026-03-03');
  const booked = await bookAt(slot!.id);
  expect(await planner.send('POST', `${base}/resources/${id}/retire`)).toMatchObject({
    status: 409,
    body: { error: { message: '还有 1 个没到时间的预约，请先停诊停办或替诊，再停用' } },
  });
  const stop = { slots: [slot!.id], reason: '示例停诊' };
  await planner.send('POST', `${base}/resources/${id}/slots/stop`, stop);
  await freePlaces(hall.deps);
  expect(await toldOf(booked.openid)).toContain('appointments.stopped');
  expect((await planner.send('POST', `${base}/resources/${id}/retire`)).status).toBe(200);
  expect((await planner.send('POST', `${base}/resources/${id}/restore`)).status).toBe(200);
  for (const act of ['add', 'edit', 'retire', 'restore'])
    expect((await audited(hall.server, `appointment.resource-${act}`))[0]).toMatchObject({
      subject: `appointment-resource:${id}`,
      username: 'planner-hospital',
    });
});

test('nobody plans for another house, and the roles of the counter do not plan', async () => {
  const id = await newDoctor();
  const [slot] = await slotsOn(id, '2026-03-03');
  const tries: [string, string, object?][] = [
    ['GET', `resources/${id}`],
    ['PATCH', `resources/${id}`, { version: 1, title: '别人' }],
    ['POST', `resources/${id}/retire`],
    ['POST', `resources/${id}/restore`],
    ['PUT', `resources/${id}/rules`, { version: 2, rules: [] }],
    ['POST', `resources/${id}/rules/preview`, { rules: [] }],
    ['POST', 'exceptions', { resources: [id], special: { kind: 'stopped', day: '2026-03-05', reason: '示例' } }],
    ['GET', `resources/${id}/days/2026-03-03`],
    ['POST', `resources/${id}/days/2026-03-03/extra`, { from: '20:00', to: '20:30', capacity: 1 }],
    ['PATCH', `resources/${id}/slots/${slot!.id}`, { capacity: 9 }],
    ['POST', `resources/${id}/slots/stop`, { slots: [slot!.id], reason: '示例' }],
    ['POST', `resources/${id}/slots/reopen`, { slots: [slot!.id] }],
    ['POST', `resources/${id}/slots/substitute`, { slots: [slot!.id], by: id + 1, reason: '示例' }],
    ['POST', 'resources', { organisationId: hall.organisation.id, kind: 'doctor', title: '别人' }],
  ];
  const clerk = await signIn(hall.server, 'clerk-hospital');
  for (const [method, path, body] of tries) {
    expect([path, (await police.send(method, `${base}/${path}`, body)).status]).toEqual([path, 404]);
    expect([path, (await clerk.send(method, `${base}/${path}`, body)).status]).toEqual([path, 403]);
  }
  expect((await police.send('PUT', `${base}/policy`, { horizonDays: 7 })).status).toBe(403);
  const { organisations, resources } = (await police.get(`${base}/tree`)).body as {
    organisations: { title: string }[];
    resources: { id: number }[];
  };
  expect(organisations[0]?.title).toBe('示例市公安局');
  expect(resources.map((one) => one.id)).not.toContain(id);
  expect(await times(id, '2026-03-03')).toEqual(['09:00 3', '09:30 3', '10:00 3']);
});

test('a preview says what would come, and leaves everything as it is', async () => {
  const id = await newDoctor();
  const before = await times(id, '2026-03-03');
  const rules = [{ ...rule, weekdays: [2], minutes: 45, capacity: 2 }];
  const preview = (await planner.send('POST', `${base}/resources/${id}/rules/preview`, { rules })).body as {
    days: { day: string; slots: number; places: number }[];
  };
  expect(preview).toMatchObject({ kept: 0 });
  expect(preview.days.slice(0, 2)).toMatchObject([
    { day: '2026-03-03', slots: 2, places: 4 },
    { day: '2026-03-10', slots: 2, places: 4 },
  ]);
  expect(await times(id, '2026-03-03')).toEqual(before);
  const wrong = [rule, { ...rule, from: '10:00', to: '11:00' }];
  expect(await planner.send('POST', `${base}/resources/${id}/rules/preview`, { rules: wrong })).toMatchObject({
    status: 422,
    body: { error: { fields: { 'rules.1.from': '与第 1 条时间重叠' } } },
  });
  for (const [field, value, message] of [
    ['to', '09:00', '应晚于开始的时间'],
    ['minutes', 120, '这段时间里一个号都排不下'],
    ['validTo', '2025-12-31', '不应早于生效的日期'],
  ] as const)
    expect(await setRules(id, [{ ...rule, [field]: value }])).toMatchObject({
      status: 422,
      body: { error: { fields: { [`rules.0.${field}`]: message } } },
    });
});

test('rules edited with bookings on them: nobody loses a booking, nobody else gets a time that is gone', async () => {
  const id = await newDoctor();
  const [first, second] = await slotsOn(id, '2026-03-03');
  const booked = await bookAt(second!.id);
  // as a rule of 45 minutes: 09:00 follows; 09:30 goes, with one who comes; 09:45 would lie across it
  expect((await setRules(id, [{ ...rule, minutes: 45, capacity: 5 }])).body).toMatchObject({ kept: 1 });
  expect(await times(id, '2026-03-03')).toEqual(['09:30 1']);
  expect((await slotsOn(id, '2026-03-03'))[0]).toMatchObject({ taken: 1, withdrawn: true });
  await expect(bookAt(second!.id)).rejects.toMatchObject({ code: 'full' });
  await expect(bookAt(first!.id)).rejects.toMatchObject({ code: 'closed' });
  expect(await times(id, '2026-03-04')).toEqual(['09:00 5', '09:45 5']);
  // and the job that runs by itself changes nothing of it, not even twice at once
  expect(await Promise.all([makeAllSlots(hall.deps), makeAllSlots(hall.deps)])).toEqual([0, 0]);
  // whoever cancels leaves nothing behind, and the times of the rule come
  await hall.db.query(`UPDATE appointments SET status = 'cancelled', returns_at = $2 WHERE id = $1`, [
    booked.id,
    hall.now,
  ]);
  await freePlaces(hall.deps);
  expect(await times(id, '2026-03-03')).toEqual([]);
  await makeAllSlots(hall.deps);
  expect(await times(id, '2026-03-03')).toEqual(['09:00 5', '09:45 5']);
  // back to what it was: the time that was withdrawn is there again
  await setRules(id, [rule]);
  expect(await times(id, '2026-03-03')).toEqual(['09:00 3', '09:30 3', '10:00 3']);
});

test('slots are made once, whoever makes them, and while somebody edits', async () => {
  const id = await newDoctor();
  await hall.db.query('DELETE FROM appointment_slots WHERE resource_id = $1', [id]);
  const version = await versionOf(id);
  await Promise.all([
    makeAllSlots(hall.deps),
    makeAllSlots(hall.deps),
    planner.send('PUT', `${base}/resources/${id}/rules`, { version, rules: [{ ...rule, capacity: 4 }] }),
    makeAllSlots(hall.deps),
  ]);
  expect(await makeAllSlots(hall.deps)).toBe(0);
  expect(await times(id, '2026-03-03')).toEqual(['09:00 4', '09:30 4', '10:00 4']);
});

test('times are kept while people book and rules change to and fro', async () => {
  const id = await newDoctor([{ ...rule, capacity: 20 }]);
  const citizens = await Promise.all(Array.from({ length: 12 }, () => hall.citizen()));
  const slots = await slotsOn(id, '2026-03-05');
  const edits = async () => {
    for (const [index, minutes] of [45, 30, 20, 30].entries())
      expect((await setRules(id, [{ ...rule, minutes, capacity: 18 + index }])).status).toBe(200);
  };
  const bookings = citizens.map((citizen, index) =>
    hall.book(hall.wants(citizen, slots[index % slots.length]!.id)).then(
      () => 'booked',
      ({ code }) => code as string,
    ),
  );
  const [outcomes] = await Promise.all([Promise.all(bookings), edits()]);
  expect(outcomes.filter((one) => !['booked', 'full', 'closed'].includes(one))).toEqual([]);
  const [count] = await hall.db.query<{ booked: number }>(
    `SELECT count(*)::int AS booked FROM appointments WHERE resource_id = $1 AND status = 'booked'`,
    [id],
  );
  expect(count!.booked).toBe(outcomes.filter((one) => one === 'booked').length);
});

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
  // nobody stays signed in for so long
  planner = await signIn(hall.server, 'planner-hospital');
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
