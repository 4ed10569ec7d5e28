import { joinLine, leaveRush, linesOf, placeOf } from '../../../src/services/appointments/admission';
import { serveLines, tellThoseInVain } from '../../../src/services/appointments/admission-serve';
import { Crowded } from '../../../src/services/appointments/booking';
import { recount } from '../../../src/services/appointments/recount';
import { checkSource, isCrowded } from '../../../src/services/appointments/rush';
import { type Citizen, type Hall, openHall } from './hall';

let hall: Hall;
beforeAll(async () => {
  hall = await openHall();
});
beforeEach(async () => {
  hall.setTime('2026-03-02 10:00');
  await hall.db.query('DELETE FROM appointment_admissions');
});
afterAll(async () => {
  expect(await recount(hall.db, '2026-01-01')).toEqual([]);
  await hall.close();
});

const day = '2026-03-04';
const ask = (citizen: Citizen, resourceId: number, slotId: string, via: 'page' | 'chat' = 'page') => ({
  ...hall.wants(citizen, slotId),
  personId: citizen.person.id,
  resourceId,
  day,
  via,
});
const join = (citizen: Citizen, resourceId: number, slotId: string, via?: 'page' | 'chat') =>
  joinLine(ask(citizen, resourceId, slotId, via), hall.deps);

test('who comes first is served first; of those without a place everybody learns it, and nobody waits on', async () => {
  const resource = await hall.resource();
  const slots = [await hall.slot(resource, 2), await hall.slot(resource, 1, '2026-03-04 10:00')];
  const crowd = await hall.crowd(12);
  const places = await Promise.all(crowd.map((one) => join(one, resource, slots[0]!)));
  expect(places.map(({ position }) => position)).toEqual(crowd.map((_one, index) => index + 1));
  await Promise.all([serveLines(hall.deps), serveLines(hall.deps), serveLines(hall.deps)]);
  await serveLines(hall.deps);
  const after = await Promise.all(crowd.map((one, n) => placeOf(one, places[n]!.id, hall.deps)));
  expect(after.map(({ status }) => status)).toEqual(crowd.map((_one, index) => (index < 3 ? 'served' : 'over')));
  // The third wanted the first time, which was gone, and is kept the other one of the day.
  expect([await hall.taken(slots[0]!), await hall.taken(slots[1]!)]).toEqual([2, 1]);
});

test('a place in line is kept by Postgres: the same form, another form of the same person, a look later', async () => {
  const resource = await hall.resource();
  const slot = await hall.slot(resource, 1);
  const [first, second] = await hall.crowd(2);
  const form = ask(first!, resource, slot);
  const place = await joinLine(form, hall.deps);
  await join(second!, resource, slot);
  expect(await joinLine(form, hall.deps)).toMatchObject({ id: place.id, position: 1 });
  expect(await join(first!, resource, slot)).toMatchObject({ id: place.id, position: 1 });
  expect(await linesOf(hall.db, second!, hall.now)).toMatchObject([{ position: 2, seconds: null }]);
  await leaveRush(hall.db, first!, hall.now);
  expect(await linesOf(hall.db, second!, hall.now)).toMatchObject([{ position: 1 }]);
});

test('nobody stands in line for somebody else’s person, and keeps that person’s own place from them', async () => {
  const resource = await hall.resource();
  const slot = await hall.slot(resource, 1);
  const [stranger, victim, bystander] = await hall.crowd(3);
  const stolen = { ...ask(stranger!, resource, slot), personId: victim!.person.id };
  const together = [joinLine(stolen, hall.deps), join(bystander!, resource, slot)];
  expect(await Promise.allSettled(together)).toMatchObject([
    { status: 'rejected', reason: { status: 404, message: expect.stringContaining('这位家人') } },
    { status: 'fulfilled' },
  ]);
  expect(await join(victim!, resource, slot)).toMatchObject({ position: 2 });
});

test('the estimate is what was served in the last ten seconds, and nothing where nobody was', async () => {
  const resource = await hall.resource();
  const slot = await hall.slot(resource, 50);
  const crowd = await hall.crowd(4);
  for (const one of crowd) await join(one, resource, slot);
  await hall.db.query(
    `UPDATE appointment_admissions SET status = 'served', settled_at = $2 WHERE resource_id = $1 AND openid = ANY ($3)`,
    [resource, hall.now, crowd.slice(0, 2).map(({ openid }) => openid)],
  );
  hall.pass(1 / 60);
  expect(await linesOf(hall.db, crowd[3]!, hall.now)).toMatchObject([{ position: 2, seconds: 10 }]);
  hall.pass(1);
  expect(await linesOf(hall.db, crowd[3]!, hall.now)).toMatchObject([{ position: 2, seconds: null }]);
});

test('while somebody waits, who comes later does not overtake; without a line nobody has to stand in one', async () => {
  const resource = await hall.resource();
  const slot = await hall.slot(resource, 2);
  const [first, second, third] = await hall.crowd(3);
  await join(first!, resource, slot);
  await expect(hall.book(hall.wants(second!, slot))).rejects.toBeInstanceOf(Crowded);
  await serveLines(hall.deps);
  await hall.book(hall.wants(third!, slot));
  expect(await hall.taken(slot)).toBe(2);
});

test('a rule that stands in the way is told, and the next one is served', async () => {
  const resource = await hall.resource();
  const [one, two] = [await hall.slot(resource, 1), await hall.slot(resource, 5, '2026-03-04 11:00')];
  const [has, other] = await hall.crowd(2);
  await hall.book(hall.wants(has!, one));
  const refused = await join(has!, resource, two, 'chat');
  const served = await join(other!, resource, two, 'chat');
  await serveLines(hall.deps);
  expect(await placeOf(has!, refused.id, hall.deps)).toMatchObject({
    status: 'refused',
    said: '同一人同一天在同一部门只能约一次；已约的在「我的预约」里，可以改期或取消',
  });
  expect(await placeOf(other!, served.id, hall.deps)).toMatchObject({ status: 'served' });
  await Promise.all([tellThoseInVain(hall.deps), tellThoseInVain(hall.deps)]);
  const told = await hall.db.query('SELECT 1 FROM deliveries WHERE openid = ANY ($1)', [[has!.openid, other!.openid]]);
  expect(told).toHaveLength(2);
});

test('who is in the chat and came too late is offered another doctor, another day and the waiting list', async () => {
  const [office] = (await hall.db.query('SELECT max(id) AS id FROM organisations')) as [{ id: number }];
  const [resource, other] = [await hall.resource({}, office.id), await hall.resource({}, office.id)];
  const slot = await hall.slot(resource, 1);
  await hall.slot(resource, 3, '2026-03-06 09:00');
  await hall.slot(other, 4);
  const [winner, late] = await hall.crowd(2);
  await join(winner!, resource, slot, 'chat');
  await join(late!, resource, slot, 'chat');
  await serveLines(hall.deps);
  await tellThoseInVain(hall.deps);
  const [{ body }] = (await hall.db.query('SELECT body FROM deliveries WHERE openid = $1', [late!.openid])) as [
    { body: { message: { head: string; list: { id: string }[] } } },
  ];
  expect(body.message.head).toContain('这一天已经约满');
  const ids = body.message.list.map(({ id }) => id);
  expect(ids).toEqual([
    `appointments.book?office=${office.id}&resource=${other}&day=${day}`,
    `appointments.book?office=${office.id}&resource=${resource}&day=2026-03-06`,
    `appointments.wait?resource=${resource}&day=${day}`,
  ]);
});

test('one person stands in three lines at most', async () => {
  const [citizen] = await hall.crowd(1);
  for (let n = 0; n < 3; n++) {
    const resource = await hall.resource();
    await join(citizen!, resource, await hall.slot(resource, 1));
  }
  const fourth = await hall.resource();
  const slot = await hall.slot(fourth, 1);
  await expect(join(citizen!, fourth, slot)).rejects.toMatchObject({ status: 429 });
});

test('a rush begins at the sixth who asks within a second for the same doctor, and only there', () => {
  const asked = (resource: number) => Array.from({ length: 7 }, () => isCrowded(resource, hall.deps));
  expect(asked(9_000_001)).toEqual([false, false, false, false, false, true, true]);
  expect(isCrowded(9_000_002, hall.deps)).toBe(false);
  hall.pass(1 / 60);
  expect(isCrowded(9_000_001, hall.deps)).toBe(false);
});

test('one account and one address may ask so often and no more', async () => {
  const ask = (openid: string, address?: string) => checkSource({ openid, address }, hall.deps);
  for (let n = 0; n < 20; n++) await ask('o-eager');
  await expect(ask('o-eager')).rejects.toMatchObject({ status: 429, code: 'too-often' });
  for (let n = 0; n < 300; n++) await ask(`o-of-many-${n}`, '192.0.2.1');
  await expect(ask('o-another', '192.0.2.1')).rejects.toMatchObject({ status: 429 });
  await ask('o-elsewhere', '192.0.2.2');
});
