import { freePlaces } from '../../../src/services/appointments/jobs';
import { markNoShows } from '../../../src/services/appointments/no-shows';
import { recount } from '../../../src/services/appointments/recount';
import { releaseStopped } from '../../../src/services/appointments/stop';
import { audited, type Client, signIn } from '../../console/client';
import { type Citizen, type Hall, openHall } from './hall';

let hall: Hall;
let clerk: Client;
beforeAll(async () => {
  hall = await openHall();
  hall.server.deps.clock.offset = hall.now.getTime() - Date.now();
  clerk = await signIn(hall.server, 'clerk-hospital');
});
afterAll(async () => {
  expect(await recount(hall.db, '2026-01-01')).toEqual([]);
  await hall.close();
});

const path = '/services/appointments';
type Progress = { id: string; left: number; rebooked: number; released: number; notReached: number; underWay: number };
const day = '2026-03-05';
const stop = (resource: number, body: object = {}) =>
  stopAll([resource], body).then(({ body: answer, ...rest }) => ({
    ...rest,
    body: (answer as { items?: Progress[] }).items?.[0] ?? answer,
  }));
const stopAll = (resources: number[], body: object = {}) =>
  clerk.send('POST', `${path}/stops`, {
    resources,
    from: day,
    to: day,
    reason: '医生临时参加抢救（示例）',
    instead: 'release',
    ...body,
  });
const progress = async (id: string) => (await clerk.get(`${path}/stops/${id}`)).body as Progress;

async function booked(slot: string): Promise<{ citizen: Citizen; id: string; code: string }> {
  const citizen = await hall.citizen();
  return { citizen, ...(await hall.book(hall.wants(citizen, slot))) };
}
const told = ({ openid }: Citizen) =>
  hall.db.query<{ kind: string; why: string }>(
    `SELECT body->'notice'->>'kind' AS kind, body->'notice'->'data'->>'原因' AS why FROM deliveries WHERE openid = $1`,
    [openid],
  );
const statusOf = async (id: string) =>
  (await hall.db.query<{ status: string }>('SELECT status FROM appointments WHERE id = $1', [id]))[0]!.status;

test('killed in the middle: whoever comes next does the rest, nobody twice, whatever runs beside it', async () => {
  const [resource, colleague] = [await hall.resource(), await hall.resource()];
  const slot = await hall.slot(resource, 12, `${day} 10:00`);
  const people = await Promise.all(Array.from({ length: 12 }, () => booked(slot)));
  await hall.slot(colleague, 7, `${day} 10:30`);
  const { id } = (await stop(resource, { instead: 'office' })).body as Progress;
  // Dies with one of them half done.
  const killed = hall.db.transaction(async (tx) => {
    await releaseStopped(tx, { ...hall.deps, at: hall.now });
    throw new Error('killed');
  });
  await expect(killed).rejects.toThrow('killed');
  for (const _one of [1, 2, 3]) await hall.db.transaction((tx) => releaseStopped(tx, { ...hall.deps, at: hall.now }));
  expect(await progress(id)).toMatchObject({ left: 9, rebooked: 3 });
  await Promise.all([freePlaces(hall.deps), freePlaces(hall.deps), freePlaces(hall.deps)]);
  expect(await progress(id)).toMatchObject({ left: 0, rebooked: 7, released: 5 });
  const notices = await Promise.all(people.map(({ citizen }) => told(citizen)));
  expect(notices.map((one) => one.length)).toEqual(people.map(() => 1));
});

test('one that cannot be done keeps nobody else waiting; after midnight they are released all the same, and none has missed it', async () => {
  const resource = await hall.resource();
  const slot = await hall.slot(resource, 3, `${day} 19:00`);
  const [stuck, one, two] = [await booked(slot), await booked(slot), await booked(slot)];
  const { id } = (await stop(resource)).body as Progress;
  const fails: typeof hall.deps.delivery.enqueue = async (tx, message) => {
    if (message.openid === stuck.citizen.openid) throw new Error('not now');
    return hall.deps.delivery.enqueue(tx, message);
  };
  await freePlaces({ ...hall.deps, delivery: { ...hall.deps.delivery, enqueue: fails } });
  expect(await progress(id)).toMatchObject({ left: 1, released: 2 });
  expect(await Promise.all([one, two].map(({ citizen }) => told(citizen)))).toMatchObject([
    [{ kind: 'appointments.stopped' }],
    [{ kind: 'appointments.stopped' }],
  ]);
  const before = hall.now;
  hall.setTime('2026-03-06 02:00');
  await markNoShows(hall.deps);
  expect(await statusOf(stuck.id)).toBe('booked');
  await freePlaces(hall.deps);
  expect(await statusOf(stuck.id)).toBe('stopped');
  expect(await told(stuck.citizen)).toMatchObject([{ kind: 'appointments.stopped' }]);
  hall.pass((before.getTime() - hall.now.getTime()) / 60_000);
});

test('half a day: the others stay, everybody is told, pressed again by two it is the same stop', async () => {
  const resource = await hall.resource();
  const [early, late] = [await hall.slot(resource, 3, `${day} 09:00`), await hall.slot(resource, 3, `${day} 15:00`)];
  const [morning, afternoon] = [await booked(early), await booked(late)];
  expect((await stop(resource, { reason: '' })).status).toBe(422);
  expect((await stop(resource, { to: '2026-05-05' })).body).toMatchObject({
    error: { fields: { to: `应从 ${day} 起，最多 31 天` } },
  });
  const both = await Promise.all([stop(resource, { half: 'morning' }), stop(resource, { half: 'morning' })]);
  expect(both.map(({ status }) => status)).toEqual([200, 200]);
  const [id, other] = both.map(({ body }) => (body as Progress).id);
  expect(other).toBe(id);
  expect(await progress(id!)).toMatchObject({ left: 1, released: 0 });
  await freePlaces(hall.deps);
  expect(await progress(id!)).toMatchObject({ left: 0, released: 1, underWay: 1, notReached: 0 });
  expect(await told(morning.citizen)).toMatchObject([{ kind: 'appointments.stopped' }]);
  expect(await statusOf(afternoon.id)).toBe('booked');
  expect(await hall.taken(early)).toBe(0);
  const acts = await audited(hall.server, 'appointment.stop');
  expect(acts.filter(({ subject }) => subject === `appointment-resource:${resource}`)).toHaveLength(1);
});

test('rebooked: the next free time, on another day than one they have; who gets none is released', async () => {
  const resource = await hall.resource();
  const slot = await hall.slot(resource, 3, `${day} 09:00`);
  const [first, second, third] = [await booked(slot), await booked(slot), await booked(slot)];
  await hall.slot(resource, 5, '2026-03-04 09:00');
  const friday = await hall.slot(resource, 1, '2026-03-06 14:00');
  const monday = await hall.slot(resource, 1, '2026-03-09 09:00');
  // The second has something on Friday already.
  await hall.book(hall.wants(second.citizen, await hall.slot(await hall.resource(), 1, '2026-03-06 10:00')));
  const { id } = (await stop(resource, { instead: 'resource' })).body as Progress;
  await freePlaces(hall.deps);
  expect(await progress(id)).toMatchObject({ left: 0, rebooked: 2, released: 1 });
  const moved = await hall.db.query<{ slot: string; from: string; status: string }>(
    `SELECT slot_id::text AS slot, moved_from::text AS "from", status FROM appointments WHERE moved_from = ANY ($1::bigint[]) ORDER BY starts_at`,
    [[first.id, second.id, third.id]],
  );
  expect(moved).toEqual([
    { slot: friday, from: first.id, status: 'booked' },
    { slot: monday, from: second.id, status: 'booked' },
  ]);
  expect(await told(first.citizen)).toMatchObject([
    { kind: 'appointments.moved', why: expect.stringContaining('停诊停办（医生临时参加抢救（示例））') },
  ]);
  expect(await told(third.citizen)).toMatchObject([{ kind: 'appointments.stopped' }]);
});

test('who was not reached is listed with a masked phone, until somebody has telephoned', async () => {
  const resource = await hall.resource();
  const slot = await hall.slot(resource, 3, `${day} 11:00`);
  const [reached, waiting, failed] = [await booked(slot), await booked(slot), await booked(slot)];
  const { id } = (await stop(resource)).body as Progress;
  await freePlaces(hall.deps);
  const set = (one: { citizen: Citizen }, status: string, reason: string | null) =>
    hall.db.query('UPDATE deliveries SET status = $2, reason = $3 WHERE openid = $1', [
      one.citizen.openid,
      status,
      reason,
    ]);
  await set(reached, 'delivered', null);
  await set(waiting, 'waiting', '没有可用的渠道');
  await set(failed, 'failed', '市民已取消关注');
  expect(await progress(id)).toMatchObject({ notReached: 2, reached: 1 });
  const list = async () =>
    ((await clerk.get(`${path}/stops/${id}/not-reached`)).body as { items: { id: string; phone: string }[] }).items;
  expect(await list()).toMatchObject([
    { id: waiting.id, phone: expect.stringMatching(/^138\*{4}\d{4}$/), newsStatus: 'waiting', toldAt: null },
    { id: failed.id, newsReason: '市民已取消关注' },
  ]);
  expect((await clerk.send('POST', `${path}/${waiting.id}/told-by-phone`)).status).toBe(200);
  expect(await progress(id)).toMatchObject({ notReached: 1, toldByPhone: 1 });
  expect(await list()).toMatchObject([{ id: failed.id }, { id: waiting.id, toldAt: expect.any(String) }]);
  const police = await signIn(hall.server, 'clerk-police');
  for (const part of ['', '/not-reached']) expect((await police.get(`${path}/stops/${id}${part}`)).status).toBe(404);
});

test('a whole department stops at once: nobody is moved to another who stops, too, and it is one press', async () => {
  const [one, two] = [await hall.resource(), await hall.resource()];
  const slot = await hall.slot(one, 1, `${day} 09:00`);
  await hall.slot(two, 5, `${day} 09:00`);
  const empty = await hall.resource();
  const { citizen } = await booked(slot);
  const body = { instead: 'office' };
  const answers = await Promise.all([1, 2].map(() => stopAll([two, one, empty], body)));
  const ids = answers.map((answer) => (answer.body as { items: Progress[] }).items.map(({ id }) => id));
  expect(ids[0]).toHaveLength(2);
  expect(ids[1]).toEqual(ids[0]);
  await freePlaces(hall.deps);
  const coming = await hall.db.query<{ resource_id: number; status: string }>(
    'SELECT resource_id, status FROM appointments WHERE openid = $1 ORDER BY id',
    [citizen.openid],
  );
  expect(coming.map(({ status }) => status)).toEqual(['stopped', 'booked']);
  expect([one, two]).not.toContain(coming[1]!.resource_id);
  expect(await stopAll([empty], body)).toMatchObject({ status: 409 });
});
