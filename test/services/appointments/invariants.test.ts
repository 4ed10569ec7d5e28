import fc from 'fast-check';
import { UserError } from '../../../src/platform/errors';
import { cancel, confirm, reschedule } from '../../../src/services/appointments/change';
import { freePlaces } from '../../../src/services/appointments/jobs';
import { recount } from '../../../src/services/appointments/recount';
import { stopSlots } from '../../../src/services/appointments/stop';
import { waitFor } from '../../../src/services/appointments/waiting';
import { type Citizen, type Hall, openHall } from './hall';

let hall: Hall;
let citizens: Citizen[];
beforeAll(async () => {
  hall = await openHall();
  citizens = await Promise.all(Array.from({ length: 8 }, () => hall.citizen()));
});
afterAll(() => hall.close());

type Act = { kind: (typeof kinds)[number]; who: number; slot: number; pick: number };
const kinds = ['hold', 'book', 'confirm', 'cancel', 'reschedule', 'wait', 'stop', 'time', 'expire'] as const;
const act = fc.record({
  kind: fc.constantFrom(...kinds),
  who: fc.nat(7),
  slot: fc.nat(3),
  pick: fc.nat(5),
});

/** Rounds of acts that run at the same time on connections of their own. */
const rounds = fc.array(fc.array(act, { minLength: 1, maxLength: 8 }), { minLength: 3, maxLength: 8 });

test('whatever people do at once: places taken are those of bookings, nobody is there twice, no limit is passed', async () => {
  await fc.assert(
    fc.asyncProperty(rounds, async (all) => {
      hall.setTime('2026-03-02 10:00');
      await hall.db.query(`DELETE FROM appointment_waiting`);
      await hall.db.query(`DELETE FROM appointments`);
      await hall.db.query(`DELETE FROM appointment_slots`);
      const resource = await hall.resource({ returnAfterMinutes: { least: 0, most: 3 }, personsPerPhone: 1 });
      const slots = await Promise.all(
        ['2026-03-04 09:00', '2026-03-04 10:00', '2026-03-05 09:00', '2026-03-11 09:00'].map((time, index) =>
          hall.slot(resource, 1 + (index % 2), time),
        ),
      );
      for (const round of all) {
        const results = await Promise.allSettled(round.map((one) => run(one, resource, slots)));
        for (const result of results)
          if (result.status === 'rejected' && !(result.reason instanceof UserError)) throw result.reason;
        await check();
      }
    }),
    { numRuns: 40 },
  );
  await freePlaces(hall.deps);
  expect(
    await hall.db.query(`SELECT a.id FROM appointments a JOIN appointment_slots s ON s.id = a.slot_id
    WHERE s.status = 'stopped' AND a.${active}`),
  ).toEqual([]);
});

async function run({ kind, who, slot, pick }: Act, resourceId: number, slots: string[]): Promise<unknown> {
  const citizen = citizens[who]!;
  const slotId = slots[slot]!;
  const { deps, now } = hall;
  switch (kind) {
    case 'hold':
      return hall.hold(hall.wants(citizen, slotId));
    case 'book':
      return hall.book(hall.wants(citizen, slotId));
    case 'wait':
      return hall.db.transaction((tx) =>
        waitFor(tx, { ...citizen, resourceId, day: pick % 2 ? '2026-03-04' : '2026-03-05', at: now }),
      );
    case 'stop':
      return pick === 0
        ? hall.db.transaction((tx) => stopSlots(tx, { slotIds: [slotId], reason: '示例停诊' }))
        : undefined;
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

async function check(): Promise<void> {
  expect(await recount(hall.db, '2026-01-01')).toEqual([]);
  expect(
    await hall.db.query(`SELECT person_id, day FROM appointments WHERE ${active} GROUP BY 1, 2 HAVING count(*) > 1`),
  ).toEqual([]);
  expect(
    await hall.db.query(
      `SELECT person_id FROM appointments WHERE ${active} GROUP BY person_id, date_trunc('week', day) HAVING count(*) > 2`,
    ),
  ).toEqual([]);
}
