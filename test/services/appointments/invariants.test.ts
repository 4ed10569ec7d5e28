import fc from 'fast-check';
import { findStaff } from '../../../src/people/staff';
import { UserError } from '../../../src/platform/errors';
import { cancel, confirm, reschedule } from '../../../src/services/appointments/change';
import type { Who } from '../../../src/services/appointments/desk';
import { freePlaces } from '../../../src/services/appointments/jobs';
import { recount } from '../../../src/services/appointments/recount';
import { addExtra, changeCapacity, reopenTimes } from '../../../src/services/appointments/schedules/day-acts';
import { substitute } from '../../../src/services/appointments/schedules/substitute';
import { stopSlots } from '../../../src/services/appointments/stop';
import { stopClinics } from '../../../src/services/appointments/stop-clinic';
import { waitFor } from '../../../src/services/appointments/waiting';
import { type Citizen, type Hall, openHall } from './hall';

let hall: Hall;
let citizens: Citizen[];
let staff: Who;
beforeAll(async () => {
  hall = await openHall();
  citizens = await hall.crowd(9);
  staff = { caller: (await findStaff(hall.db, { username: 'supervisor' }))!.staff, address: 'test' };
  // Three people to a telephone, so that the third is one too many on a day.
  for (const [index, citizen] of citizens.entries()) {
    const { phone, phoneHash } = citizens[index % 3]!.person;
    citizen.person = { ...citizen.person, phone, phoneHash };
    await hall.db.query(
      `UPDATE person_bindings SET phone_hash = $2, phone_sealed = (SELECT phone_sealed FROM person_bindings WHERE phone_hash = $2 LIMIT 1)
        WHERE openid = $1`,
      [citizen.openid, phoneHash],
    );
  }
});
afterAll(() => hall.close());

type Act = { kind: (typeof kinds)[number]; who: number; slot: number; pick: number };
const often = ['hold', 'book', 'confirm', 'cancel', 'reschedule', 'wait', 'time', 'expire'] as const;
const seldom = ['stop', 'stop-clinic', 'reopen', 'substitute', 'more', 'fewer', 'extra'] as const;
const kinds = [...often, ...often, ...seldom];
const act = fc.record({ kind: fc.constantFrom(...kinds), who: fc.nat(8), slot: fc.nat(6), pick: fc.nat(5) });

/** Rounds of acts that run at the same time on connections of their own. */
const rounds = fc.array(fc.array(act, { minLength: 1, maxLength: 9 }), { minLength: 3, maxLength: 8 });

/** Of two doctors; the seventh time is another week's. */
const times = ['2026-03-04 09:00', '2026-03-04 10:00', '2026-03-05 09:00', '2026-03-11 09:00'];
const seen = new Set<string>();

test('whatever people do at once: places taken are those of bookings, nobody is there twice, no limit is passed', async () => {
  await fc.assert(
    fc.asyncProperty(rounds, async (all) => {
      const place = await emptyPlace();
      for (const round of all) {
        const results = await Promise.allSettled(round.map((one) => run(one, place)));
        for (const [index, result] of results.entries())
          if (result.status === 'fulfilled') seen.add(round[index]!.kind);
          else if (!(result.reason instanceof UserError)) throw result.reason;
        await check();
      }
      await freePlaces(hall.deps);
      await check();
      expect(await hall.db.query('SELECT id FROM appointment_slots WHERE kept > 0')).toEqual([]);
      expect(
        await hall.db.query(`SELECT a.id FROM appointments a JOIN appointment_slots s ON s.id = a.slot_id
          WHERE s.status = 'stopped' AND a.${active}`),
      ).toEqual([]);
    }),
    { numRuns: 45 },
  );
  // A property whose acts were all refused would prove nothing.
  expect([...seen].sort()).toEqual([...new Set<string>(kinds)].sort());
}, 180_000);

type Place = { resources: [number, number]; slots: string[] };

async function emptyPlace(): Promise<Place> {
  hall.setTime('2026-03-02 10:00');
  for (const table of ['waiting', 'no_shows'].map((name) => `appointment_${name}`))
    await hall.db.query(`DELETE FROM ${table}`);
  await hall.db.query('DELETE FROM appointments');
  await hall.db.query('DELETE FROM appointment_slots');
  await hall.db.query('DELETE FROM appointment_exceptions');
  const policy = { returnAfterMinutes: { least: 0, most: 3 } };
  const resources: [number, number] = [await hall.resource(policy), await hall.resource(policy)];
  const slots: string[] = [];
  for (const [index, time] of times.entries()) slots.push(await hall.slot(resources[0], 1 + (index % 2), time));
  for (const time of ['2026-03-04 15:00', '2026-03-05 15:00', '2026-03-12 15:00'])
    slots.push(await hall.slot(resources[1], 1, time));
  return { resources, slots };
}

async function run({ kind, who, slot, pick }: Act, { resources, slots }: Place): Promise<unknown> {
  const citizen = citizens[who]!;
  const slotId = slots[slot]!;
  const resourceId = resources[slot < 4 ? 0 : 1];
  const { deps, now, db } = hall;
  const day = pick % 2 ? '2026-03-04' : '2026-03-05';
  switch (kind) {
    case 'hold':
      return hall.hold(hall.wants(citizen, slotId));
    case 'book':
      return hall.book(hall.wants(citizen, slotId));
    case 'wait':
      return db.transaction((tx) => waitFor(tx, { ...citizen, resourceId, day, at: now }));
    case 'stop':
      return db.transaction((tx) => stopSlots(tx, { slotIds: [slotId], reason: '示例停诊' }));
    case 'stop-clinic':
      return stopClinics(
        staff,
        {
          resourceIds: pick % 3 ? [resourceId] : resources,
          from: day,
          to: day,
          half: null,
          reason: '示例停诊',
          instead: pick > 2 ? 'office' : 'resource',
        },
        deps,
      );
    case 'reopen':
      return reopenTimes(staff, { resourceId, slotIds: [slotId] }, deps);
    case 'substitute':
      return substitute(
        staff,
        { resourceId, slotIds: [slotId], by: resources[slot < 4 ? 1 : 0], reason: '示例替诊' },
        deps,
      );
    case 'more':
    case 'fewer':
      return changeCapacity(staff, { resourceId, slotId, capacity: kind === 'more' ? 2 + pick : 1 }, deps);
    case 'extra':
      return addExtra(
        staff,
        resourceId,
        { day, from: `1${pick}:30`, to: `1${pick}:50`, capacity: 1, pool: 'online' },
        deps,
      );
    case 'time':
      return hall.pass(pick);
    case 'expire':
      return freePlaces(deps);
    default:
      return change(kind, citizen, slotId, pick);
  }
}

async function change(kind: 'confirm' | 'cancel' | 'reschedule', citizen: Citizen, slotId: string, pick: number) {
  const { db, deps, now } = hall;
  const mine = await db.query<{ id: string }>('SELECT id::text FROM appointments WHERE openid = $1 ORDER BY id DESC', [
    citizen.openid,
  ]);
  const own = { ...citizen, id: mine[pick % Math.max(1, mine.length)]?.id ?? '0' };
  return db.transaction((tx) => {
    if (kind === 'confirm') return confirm(tx, own, now, deps);
    if (kind === 'cancel') return cancel(tx, own, now, deps);
    return reschedule(tx, own, { slotId, key: `${own.id} to ${slotId}`, at: now }, deps);
  });
}

const active = `status IN ('offered','held','booked','checked-in','served')`;
/** Whoever was given another time because theirs was stopped may have one more than the limits. */
const chosen = `${active} AND NOT EXISTS (SELECT 1 FROM appointments o WHERE o.id = a.moved_from AND o.status = 'stopped')`;

/** What must never be found. */
const faults = {
  'more or fewer taken than there are': 'SELECT id FROM appointment_slots WHERE taken NOT BETWEEN 0 AND capacity',
  'one person twice a day': `SELECT person_id FROM appointments WHERE ${active} GROUP BY person_id, organisation_id, day HAVING count(*) > 1`,
  'over the limit of a week': `SELECT person_id FROM appointments a WHERE ${chosen}
     GROUP BY person_id, date_trunc('week', day) HAVING count(*) > 2`,
  'over the limit of a telephone': `SELECT phone_hash FROM appointments a WHERE ${chosen}
     GROUP BY phone_hash, day HAVING count(DISTINCT person_id) > 2`,
  'a booking with another doctor than its time': `SELECT a.id FROM appointments a JOIN appointment_slots s ON s.id = a.slot_id
     WHERE a.resource_id <> s.resource_id OR a.starts_at <> s.starts_at`,
  'one doctor at two times at once': `SELECT one.id FROM appointment_slots one JOIN appointment_slots other
       ON other.resource_id = one.resource_id AND other.id > one.id AND one.status = 'open' AND other.status = 'open'
      AND one.starts_at < other.ends_at AND one.ends_at > other.starts_at`,
  'an offer that nobody in line has': `SELECT w.id FROM appointment_waiting w JOIN appointments a ON a.id = w.appointment_id
     WHERE (w.status = 'offered') <> (a.status = 'offered')`,
};

async function check(): Promise<void> {
  expect(await recount(hall.db, '2026-01-01')).toEqual([]);
  for (const [fault, sql] of Object.entries(faults)) expect([fault, await hall.db.query(sql)]).toEqual([fault, []]);
}
