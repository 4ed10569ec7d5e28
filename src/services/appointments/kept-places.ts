import type { ServiceDeps } from '../../dialogue/service';
import type { Tx } from '../../platform/database';
import { type Context, firstInLine, offer, type Place, placeColumns } from './give-out';

/**
 * Places that are free on days for which people wait go to those in line, and count as taken until they are offered: what staff add
 * is not for whoever happens to look just then. Asked again it keeps no more than there are people waiting.
 */
export async function keepForWaiting(tx: Tx, resourceId: number, { clock }: Pick<ServiceDeps, 'clock'>): Promise<void> {
  // What somebody is booking right now is theirs: nobody here waits for them, so nobody waits in a circle.
  const free = await tx.query<{ id: string }>(
    `SELECT id::text FROM appointment_slots s
      WHERE resource_id = $1 AND status = 'open' AND pool = 'online' AND NOT withdrawn AND starts_at > $2 AND opens_at <= $2
        AND taken < capacity
        AND EXISTS (SELECT 1 FROM appointment_waiting w WHERE w.resource_id = $1 AND w.day = s.day AND w.status = 'waiting')
        FOR UPDATE SKIP LOCKED`,
    [resourceId, clock.now()],
  );
  if (free.length === 0) return;
  await tx.query(
    `WITH waiting AS (
       SELECT w.day, count(*) - (SELECT coalesce(sum(kept), 0) FROM appointment_slots WHERE resource_id = $1 AND day = w.day) AS people
         FROM appointment_waiting w WHERE w.resource_id = $1 AND w.status = 'waiting' GROUP BY w.day),
     free AS (
       SELECT id, day, capacity - taken AS places,
              coalesce(sum(capacity - taken) OVER (PARTITION BY day ORDER BY starts_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)
                AS before
         FROM appointment_slots WHERE id = ANY ($2::bigint[]))
     UPDATE appointment_slots s SET taken = taken + n, kept = kept + n
       FROM (SELECT free.id, least(places, people - before)::int AS n FROM free JOIN waiting USING (day) WHERE people > before) k
      WHERE s.id = k.id`,
    [resourceId, free.map(({ id }) => id)],
  );
}

/**
 * Offers one kept place to the first in line, or frees it where nobody waits any more. The person's turn first and the slot last, as
 * everybody does; of two processes that take the same place one finds it gone. @returns 0 when none is left
 */
export async function offerKept(tx: Tx, context: Context): Promise<number> {
  const [place] = await tx.query<Place>(
    `SELECT ${placeColumns} FROM appointment_slots s JOIN appointment_resources r ON r.id = s.resource_id
      WHERE s.kept > 0 ORDER BY s.id LIMIT 1`,
  );
  if (!place) return 0;
  const next = await firstInLine(tx, place, context);
  const [mine] = await tx.query(
    `UPDATE appointment_slots SET kept = kept - 1, taken = taken - $3, capacity = capacity - CASE WHEN withdrawn THEN $3 ELSE 0 END
      WHERE id = $1 AND resource_id = $2 AND status = $4 AND withdrawn = $5 AND kept > 0 RETURNING id`,
    [place.id, place.resource_id, next ? 0 : 1, place.status, place.withdrawn],
  );
  if (mine && next) await offer(tx, next, place, context);
  return 1;
}
