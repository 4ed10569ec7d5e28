import { shanghai } from '../../platform/clock';
import type { Tx } from '../../platform/database';
import { freeCode, newCodes } from './booking';
import { type Deps, end } from './change';
import { takeTurns } from './limits';
import { tell } from './notices';
import { type Appointment, appointmentById } from './tables';

/** Whoever's time is stopped gets another with the same resource, with any of the office, or none. */
export type Instead = 'resource' | 'office' | 'release';

/** Tried one after another, since each may be taken by somebody else in the meantime. */
const mostTried = 8;

/**
 * Gives a booking of a stopped time the next one there is, never an earlier one: who expects to come on Friday does not look on Monday.
 * Limits do not stand in the way, only that nobody has two a day in one office.
 * @returns undefined where there is none; nothing is changed then
 */
export async function rebook(
  tx: Tx,
  one: Appointment,
  { instead, reason }: { instead: Instead; reason: string },
  deps: Deps & { at: Date },
): Promise<Appointment | undefined> {
  const { person_id: personId, phone_hash: phoneHash } = one;
  if (instead === 'release' || one.status !== 'booked' || personId === null || phoneHash === null) return undefined;
  await takeTurns(tx, [{ id: personId, phoneHash }]);
  const slots = await placesFor(tx, one, instead, deps.at);
  if (slots.length === 0) return undefined;
  // In one order, like everybody who changes places.
  await tx.query('SELECT 1 FROM appointment_slots WHERE id = ANY ($1::bigint[]) ORDER BY id FOR UPDATE', [
    [one.slot_id, ...slots],
  ]);
  for (const slotId of slots) {
    if (!(await takePlace(tx, slotId))) continue;
    await end(tx, one.id, { status: 'stopped', at: deps.at, returnsAt: null, reason });
    const other = await copyTo(tx, one, slotId, deps.at);
    await tell(tx, other, 'moved', deps, {
      原因: `原来的 ${shanghai(one.starts_at)} 停诊停办（${reason}），已为您改约；不合适可以改期或取消`,
    });
    return other;
  }
  return undefined;
}

/** The nearest days first, on a day the nearest to the hour they had. */
async function placesFor(tx: Tx, one: Appointment, instead: Instead, at: Date): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `SELECT s.id::text FROM appointment_slots s JOIN appointment_resources r ON r.id = s.resource_id
      WHERE s.organisation_id = $1 AND ($2::int IS NULL OR s.resource_id = $2) AND r.disabled_at IS NULL
        AND s.day >= $3 AND s.starts_at >= greatest($4::timestamptz, $5::timestamptz) AND s.opens_at <= $5
        AND s.status = 'open' AND s.pool = 'online' AND NOT s.withdrawn AND s.taken < s.capacity
        AND NOT EXISTS (SELECT 1 FROM appointments o WHERE o.person_id = $6 AND o.organisation_id = $1 AND o.day = s.day
                          AND o.id <> $7 AND o.status IN ('offered','held','booked','checked-in','served'))
      ORDER BY s.day, s.resource_id <> $8,
               abs(extract(epoch FROM s.starts_at - $4::timestamptz) - 86400 * (s.day - $3::date)), s.id LIMIT ${mostTried}`,
    [
      one.organisation_id,
      instead === 'resource' ? one.resource_id : null,
      one.day,
      one.starts_at,
      at,
      one.person_id,
      one.id,
      one.resource_id,
    ],
  );
  return rows.map(({ id }) => id);
}

async function takePlace(tx: Tx, slotId: string): Promise<boolean> {
  const taken = await tx.query(
    `UPDATE appointment_slots SET taken = taken + 1 WHERE id = $1 AND status = 'open' AND taken < capacity RETURNING id`,
    [slotId],
  );
  return taken.length > 0;
}

async function copyTo(tx: Tx, one: Appointment, slotId: string, at: Date): Promise<Appointment> {
  const [made] = await tx.query<{ id: string }>(
    `INSERT INTO appointments (code, slot_id, resource_id, organisation_id, day, starts_at, account_id, openid, person_id,
                               name_sealed, phone_hash, phone_sealed, status, made_at, booked_at, moved_from)
     SELECT ${freeCode('$3', 's.day')},
            s.id, s.resource_id, s.organisation_id, s.day, s.starts_at, old.account_id, old.openid, old.person_id,
            old.name_sealed, old.phone_hash, old.phone_sealed, 'booked', old.made_at, $4, old.id
       FROM appointment_slots s, appointments old WHERE s.id = $2 AND old.id = $1
     RETURNING id::text`,
    [one.id, slotId, newCodes(), at],
  );
  return (await appointmentById(tx, made!.id))!;
}
