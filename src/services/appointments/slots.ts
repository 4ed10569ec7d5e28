import type { ServiceDeps } from '../../dialogue/service';
import type { Tx } from '../../platform/database';
import { keepForWaiting } from './kept-places';
import { keyOf, type Plan, type PlannedSlot, planOf } from './plan';

type Deps = Pick<ServiceDeps, 'settings' | 'clock'>;

/**
 * Makes the slots of one resource up to its horizon. Run again it adds what is missing and changes nothing: a slot that was made
 * belongs to whoever booked it, and to staff.
 * @returns how many were added
 */
export async function makeSlots(tx: Tx, resourceId: number, deps: Deps): Promise<number> {
  const plan = await planOf(tx, resourceId, deps);
  if (!plan) return 0;
  const added = await insert(tx, resourceId, plan);
  await keepForWaiting(tx, resourceId, deps);
  return added;
}

/** `kept`: bookings at times that the rules no longer make. They stay, and nobody else can book these times. */
export type Changes = { added: number; changed: number; removed: number; kept: number };

type Made = {
  id: string;
  pool: string;
  starts_at: Date;
  ends_at: Date;
  opens_at: Date;
  capacity: number;
  taken: number;
  used: boolean;
};

/**
 * Has the slots to come follow rules, exceptions and policy that were changed. Nobody loses a booking by it; times that staff have
 * made or changed by hand, and those that are stopped, stay as they are.
 */
export async function followRules(tx: Tx, resourceId: number, deps: Deps): Promise<Changes> {
  const plan = await planOf(tx, resourceId, deps);
  if (!plan) return { added: 0, changed: 0, removed: 0, kept: 0 };
  const now = deps.clock.now();
  const made = await lockMade(tx, resourceId, now);
  const wanted = new Map(plan.slots.map((slot) => [keyOf(slot.pool, slot.startsAt), slot]));
  const gone: Made[] = [];
  const changed: (PlannedSlot & { id: string })[] = [];
  for (const slot of made) {
    const planned = wanted.get(keyOf(slot.pool, slot.starts_at));
    const lasts = planned?.endsAt.getTime() === slot.ends_at.getTime();
    // One of another length is another one: whether it fits between those that stay, `insert` knows.
    if (!planned || !lasts) gone.push(slot);
    else {
      const capacity = Math.max(planned.capacity, slot.taken);
      // What has been released stays so.
      const opensAt = slot.opens_at > now ? planned.opensAt : slot.opens_at;
      if (capacity !== slot.capacity || opensAt.getTime() !== slot.opens_at.getTime())
        changed.push({ ...planned, id: slot.id, capacity, opensAt });
    }
  }
  await withdraw(tx, gone);
  await change(tx, changed);
  const added = await insert(tx, resourceId, plan);
  await keepForWaiting(tx, resourceId, deps);
  return {
    added,
    changed: changed.length,
    removed: gone.filter(({ taken }) => taken === 0).length,
    kept: gone.reduce((sum, { taken }) => sum + taken, 0),
  };
}

/** In two statements: what the second reads cannot change any more. */
async function lockMade(tx: Tx, resourceId: number, now: Date): Promise<Made[]> {
  const which = `resource_id = $1 AND starts_at > $2 AND status = 'open' AND NOT by_hand AND NOT withdrawn ORDER BY id`;
  await tx.query(`SELECT 1 FROM appointment_slots WHERE ${which} FOR UPDATE`, [resourceId, now]);
  return tx.query<Made>(
    `SELECT id::text, pool, starts_at, ends_at, opens_at, capacity, taken,
            EXISTS (SELECT 1 FROM appointments a WHERE a.slot_id = s.id) AS used
       FROM appointment_slots s WHERE ${which}`,
    [resourceId, now],
  );
}

async function withdraw(tx: Tx, gone: Made[]): Promise<void> {
  const idsOf = (used: boolean) => gone.filter((slot) => slot.used === used).map(({ id }) => id);
  await tx.query('DELETE FROM appointment_slots WHERE id = ANY ($1::bigint[])', [idsOf(false)]);
  await tx.query('UPDATE appointment_slots SET withdrawn = true, capacity = taken WHERE id = ANY ($1::bigint[])', [
    idsOf(true),
  ]);
}

const change = (tx: Tx, slots: (PlannedSlot & { id: string })[]) =>
  tx.query(
    `UPDATE appointment_slots s SET capacity = t.capacity, opens_at = t.opens_at
       FROM unnest($1::bigint[], $2::int[], $3::timestamptz[]) AS t (id, capacity, opens_at)
      WHERE s.id = t.id`,
    [slots.map(({ id }) => id), slots.map(({ capacity }) => capacity), slots.map(({ opensAt }) => opensAt)],
  );

/**
 * What is missing. One that was withdrawn comes back; and nothing is laid across a time at which somebody still comes, or that staff
 * have set by hand or stopped.
 */
async function insert(tx: Tx, resourceId: number, { organisationId, slots }: Plan): Promise<number> {
  if (slots.length === 0) return 0;
  const added = await tx.query(
    `INSERT INTO appointment_slots (resource_id, organisation_id, pool, day, starts_at, ends_at, opens_at, capacity)
     SELECT $1, $2, pool, day, starts_at, ends_at, opens_at, capacity
       FROM unnest($3::text[], $4::date[], $5::timestamptz[], $6::timestamptz[], $7::timestamptz[], $8::int[])
            AS t (pool, day, starts_at, ends_at, opens_at, capacity)
      WHERE NOT EXISTS (
        SELECT 1 FROM appointment_slots s
         WHERE s.resource_id = $1 AND s.day = t.day AND s.pool = t.pool AND s.starts_at <> t.starts_at
           AND s.starts_at < t.ends_at AND s.ends_at > t.starts_at AND (s.by_hand OR s.status = 'stopped' OR (s.withdrawn AND s.taken > 0)))
     ON CONFLICT (resource_id, pool, starts_at) DO UPDATE
        SET withdrawn = false, ends_at = excluded.ends_at, opens_at = excluded.opens_at,
            capacity = greatest(excluded.capacity, appointment_slots.taken)
      WHERE appointment_slots.withdrawn AND (appointment_slots.taken = 0 OR appointment_slots.ends_at = excluded.ends_at)
     RETURNING id`,
    [
      resourceId,
      organisationId,
      slots.map(({ pool }) => pool),
      slots.map(({ day }) => day),
      slots.map(({ startsAt }) => startsAt),
      slots.map(({ endsAt }) => endsAt),
      slots.map(({ opensAt }) => opensAt),
      slots.map(({ capacity }) => capacity),
    ],
  );
  return added.length;
}
