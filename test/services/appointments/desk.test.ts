import { findStaff } from '../../../src/people/staff';
import { cancel, confirm, reschedule } from '../../../src/services/appointments/change';
import { freePlaces, remind } from '../../../src/services/appointments/jobs';
import { markNoShows } from '../../../src/services/appointments/no-shows';
import { stopTimes } from '../../../src/services/appointments/schedules/day-acts';
import { substitute } from '../../../src/services/appointments/schedules/substitute';
import type { News } from '../../../src/services/appointments/visit';
import { waitFor } from '../../../src/services/appointments/waiting';
import { addStaff, audited, type Client, signIn } from '../../console/client';
import { type Citizen, type Hall, openHall } from './hall';

let hall: Hall;
let clerk: Client;
let police: Client;
let resource: number;
beforeAll(async () => {
  hall = await openHall();
  // The routes go by the server's own clock.
  hall.server.deps.clock.offset = hall.now.getTime() - Date.now();
  clerk = await signIn(hall.server, 'clerk-hospital');
  police = await signIn(hall.server, 'clerk-police');
  resource = await hall.resource();
});
afterAll(() => hall?.close());

const path = '/services/appointments';
type Visit = {
  id: string;
  code: string;
  status: string;
  person: string;
  queueNumber: number | null;
  news: object | null;
};
const roster = async (by = clerk, day = '2026-03-02') => by.get(`${path}/resources/${resource}/days/${day}`);
const visits = async (day?: string) => ((await roster(clerk, day)).body as { items: Visit[] }).items;
const checkIn = (code: string, by = clerk) => by.send('POST', `${path}/check-in`, { code });

async function booked(time: string): Promise<{ citizen: Citizen; code: string; id: string; slot: string }> {
  const citizen = await hall.citizen();
  const slot = await hall.slot(resource, 3, time);
  return { citizen, slot, ...(await hall.book(hall.wants(citizen, slot))) };
}

test('checked in by code, numbers in the order of coming, called, served; each act audited and told live once', async () => {
  const [one, two] = [await booked('2026-03-02 11:00'), await booked('2026-03-02 14:00')];
  const both = await Promise.all([checkIn(two.code), checkIn(one.code), checkIn(two.code)]);
  expect(both.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect((await visits()).map(({ queueNumber }) => queueNumber).sort()).toEqual([1, 2]);
  expect(await visits()).toMatchObject([
    { code: one.code, person: '示**民', status: 'checked-in' },
    { code: two.code, status: 'checked-in' },
  ]);
  expect((await clerk.send('POST', `${path}/${one.id}/call`)).status).toBe(200);
  expect((await clerk.send('POST', `${path}/${one.id}/serve`)).status).toBe(200);
  expect(await clerk.send('POST', `${path}/${one.id}/serve`)).toMatchObject({
    status: 409,
    body: { error: { message: '还没有签到，不能办结' } },
  });
  const told = await hall.db.query<{ kind: string }>(
    `SELECT body->'notice'->>'kind' AS kind FROM deliveries WHERE openid = $1`,
    [one.citizen.openid],
  );
  expect(told).toEqual([{ kind: 'appointments.called' }]);
  expect((await audited(hall.server, 'appointment.check-in')).length).toBe(2);
});

test('every kind of notice stands in the roster with its status: booked, day before, changed, stopped, offered, called, stepped in', async () => {
  const doctor = await hall.resource();
  const second = await hall.resource();
  const { db, deps } = hall;
  const [chat, page, waits, moves] = await hall.crowd(4);
  const days = ['2026-03-02 16:00', '2026-03-03 09:00', '2026-03-04 09:00', '2026-03-05 09:00'];
  const [today, tomorrow, after, later] = await Promise.all(days.map((time) => hall.slot(doctor, 1, time)));
  const own = (one: Citizen | undefined, { id }: { id: string }) => ({ ...one!, id });
  const held = await hall.hold(hall.wants(page!, tomorrow!));
  await db.transaction((tx) => confirm(tx, own(page, held), hall.now, deps));
  const first = await hall.book(hall.wants(chat!, today!));
  const line = { ...waits!, resourceId: doctor, day: '2026-03-03', at: hall.now };
  await db.transaction((tx) => waitFor(tx, line));
  const moving = await hall.book(hall.wants(moves!, later!));
  const target = { slotId: after!, key: 'moved once', at: hall.now };
  await db.transaction((tx) => reschedule(tx, own(moves, moving), target, deps));
  hall.setTime('2026-03-02 18:00');
  await remind(deps);
  await db.transaction((tx) => cancel(tx, own(page, held), hall.now, deps));
  hall.pass(25);
  await freePlaces(deps);
  const [offered] = await db.query<{ id: string }>('SELECT id::text FROM appointments WHERE openid = $1', [
    waits!.openid,
  ]);
  await db.transaction((tx) => confirm(tx, own(waits, offered!), hall.now, deps));
  const supervisor = { caller: (await findStaff(db, { username: 'supervisor' }))!.staff, address: 'test' };
  await substitute(supervisor, { resourceId: doctor, slotIds: [tomorrow!], by: second, reason: '示例替诊' }, deps);
  await stopTimes(supervisor, { resourceId: doctor, slotIds: [after!], reason: '示例停诊' }, deps);
  await freePlaces(deps);
  hall.setTime('2026-03-02 10:00');
  await checkIn(first.code);
  await clerk.send('POST', `${path}/${first.id}/call`);
  const told = async (of: number, day: string) =>
    ((await clerk.get(`${path}/resources/${of}/days/${day}`)).body as { items: { notices: News[] }[] }).items
      .flatMap(({ notices }) => notices)
      .map(({ kind, status }) => `${kind} ${status}`);
  expect(await told(doctor, '2026-03-02')).toEqual(['booked sent', 'called queued']);
  expect(await told(second, '2026-03-03')).toEqual(['offered queued', 'booked queued', 'substituted queued']);
  expect(await told(doctor, '2026-03-04')).toEqual(['moved queued', 'stopped queued']);
  const reminded = await db.query<{ status: string }>(
    `SELECT status FROM deliveries WHERE dedupe_key = 'appointments.reminder:${held.id}'`,
  );
  expect(reminded).toEqual([{ status: 'queued' }]);
});

test('nobody checks in with a code of nobody, of another day, or of what was cancelled', async () => {
  const tomorrow = await booked('2026-03-03 09:00');
  for (const code of ['00000000', tomorrow.code])
    expect(await checkIn(code)).toMatchObject({
      status: 404,
      body: { error: { message: '今天没有这个编号的预约，请核对编号、日期和窗口' } },
    });
});

test('a clerk of the police finds nothing of the hospital', async () => {
  const one = await booked('2026-03-02 15:00');
  expect((await roster(police)).status).toBe(404);
  expect((await checkIn(one.code, police)).status).toBe(404);
  for (const act of ['call', 'serve']) expect((await police.send('POST', `${path}/${one.id}/${act}`)).status).toBe(404);
  for (const act of ['check-in', 'pass', 'line-up-again', 'no-show', 'forgive', 'told-by-phone'])
    expect((await police.send('POST', `${path}/${one.id}/${act}`)).status).toBe(404);
  const to = (part: string, body: object) => police.send('POST', `${path}/${part}`, body);
  const stop = { from: '2026-03-02', to: '2026-03-02', reason: '示例停诊', instead: 'release' };
  expect((await to('stops', { ...stop, resources: [resource] })).status).toBe(404);
  expect((await to(`resources/${resource}/call-next`, {})).status).toBe(404);
  expect((await to(`resources/${resource}/walk-ins`, { name: '示例', key: 'a-key-of-theirs' })).status).toBe(404);
  expect((await to('screens', { title: '示例', resourceIds: [resource] })).status).toBe(404);
  expect((await to(`${one.id}/reveal`, { reason: '想看看是谁' })).status).toBe(404);
  const { number } = one.citizen.person.document;
  expect(await to('find-by-document', { document: { kind: 'id-card', number } })).toMatchObject({
    body: { items: [] },
  });
  const { items } = (await police.get(`${path}/resources`)).body as { items: { office: string }[] };
  expect(new Set(items.map(({ office }) => office))).toEqual(new Set(['户政大队']));
});

test('a mark for not coming is taken back once, and the citizen may book again', async () => {
  const strict = await hall.resource({ noShows: { times: 1, withinDays: 90, banDays: 180 } });
  const citizen = await hall.citizen();
  const missed = await hall.book(hall.wants(citizen, await hall.slot(strict, 1, '2026-03-02 16:00')));
  hall.setTime('2026-03-03 08:00');
  await markNoShows(hall.deps);
  const next = hall.wants(citizen, await hall.slot(strict, 1, '2026-03-10 09:00'));
  await expect(hall.book(next)).rejects.toMatchObject({ code: 'no-shows' });
  expect((await police.send('POST', `${path}/${missed.id}/forgive`)).status).toBe(404);
  const answers = [];
  for (const _time of [1, 2]) answers.push((await clerk.send('POST', `${path}/${missed.id}/forgive`)).status);
  expect(answers).toEqual([200, 409]);
  expect(await hall.book(next)).toMatchObject({ status: 'booked' });
});

test('who holds another role has no business here', async () => {
  await addStaff(hall.server, 'operator-hospital', 'operator', 'hospital-first');
  const operator = await signIn(hall.server, 'operator-hospital');
  expect((await operator.get(`${path}/resources`)).status).toBe(403);
});
