import { freePlaces, makeAllSlots } from '../../../src/services/appointments/jobs';
import { audited, signIn } from '../../console/client';
import {
  base,
  bookAt,
  hall,
  made,
  newDoctor,
  openPlanning,
  planner,
  police,
  rule,
  setRules,
  slotsOn,
  times,
  toldOf,
  versionOf,
} from './planning';

// Doctors and their rules.

openPlanning();

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
