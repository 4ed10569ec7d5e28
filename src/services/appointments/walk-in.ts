import type { ServiceDeps } from '../../dialogue/service';
import { phoneHash } from '../../people/identity/bindings';
import type { Tx } from '../../platform/database';
import { freeCode, newCodes } from './booking';
import { dayOf } from './days';
import { changed, refused, seen, visitById, type Who } from './desk';
import { lineUp } from './queue';
import type { Visit } from './visit';

export type WalkIn = {
  name: string;
  phone: string | null /** the form's own: sent again, it is the same person */;
  key: string;
};

/**
 * Somebody came without booking: they get a place of today's counter pool and stand in line at once. Places that are booked online are
 * not touched, and no more than there are is given out.
 * @throws UserError 404, 409 where the counter's places are gone
 */
export async function walkIn(who: Who, resourceId: number, person: WalkIn, deps: ServiceDeps): Promise<Visit> {
  return deps.db.transaction(async (tx) => {
    await seen(tx, who.caller, resourceId);
    // The same form twice at once: the second finds what the first has made.
    await tx.query('SELECT pg_advisory_xact_lock(7269044, hashtext($1))', [person.key]);
    const [earlier] = await tx.query<{ id: string }>(
      'SELECT id::text FROM appointments WHERE resource_id = $1 AND key = $2 AND walk_in',
      [resourceId, person.key],
    );
    if (earlier) return visitById(tx, earlier.id);
    const id = await occupy(tx, resourceId, person, deps);
    const one = await visitById(tx, id);
    await lineUp(tx, one);
    return changed(tx, who, one, 'walk-in', deps);
  });
}

async function occupy(
  tx: Tx,
  resourceId: number,
  { name, phone, key }: WalkIn,
  { clock, encryption }: ServiceDeps,
): Promise<string> {
  const now = clock.now();
  const [made] = await tx.query<{ id: string }>(
    `WITH place AS (
       UPDATE appointment_slots SET taken = taken + 1 WHERE taken < capacity AND status = 'open' AND id = (
         SELECT id FROM appointment_slots
          WHERE resource_id = $1 AND day = $2 AND pool = 'counter' AND status = 'open' AND NOT withdrawn AND taken < capacity AND ends_at > $3
          ORDER BY starts_at LIMIT 1 FOR UPDATE)
       RETURNING id, resource_id, organisation_id, day, starts_at)
     INSERT INTO appointments (code, slot_id, resource_id, organisation_id, day, starts_at, name_sealed, phone_hash, phone_sealed,
                               status, key, made_at, booked_at, walk_in)
     SELECT ${freeCode('$4', 'place.day')},
            id, resource_id, organisation_id, day, starts_at, $5, $6, $7, 'booked', $8, $3, $3, true FROM place
     RETURNING id::text`,
    [
      resourceId,
      dayOf(now),
      now,
      newCodes(),
      encryption.seal(name),
      phone && phoneHash(phone, encryption),
      phone && encryption.seal(phone),
      key,
    ],
  );
  if (made) return made.id;
  const [any] = await tx.query(
    `SELECT 1 FROM appointment_slots WHERE resource_id = $1 AND day = $2 AND pool = 'counter' AND NOT withdrawn LIMIT 1`,
    [resourceId, dayOf(now)],
  );
  const what = any ? '今天窗口的现场号已经没有了' : '今天这里没有放现场取的号';
  throw refused('full', `${what}，请引导网上预约，或请运营人员在「号源」里加「窗口」号`);
}
