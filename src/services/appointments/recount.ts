import type { Queryable } from '../../platform/database';

export type Fault = { slot_id: string; taken: number; active: number };

/**
 * Slots whose count of places taken is not that of their bookings, but for those kept for who waits. There should never be one;
 * looked for every night, and told rather than mended, since a wrong count has a cause.
 */
export const recount = (on: Queryable, fromDay: string): Promise<Fault[]> =>
  on.query<Fault>(
    // Apart from the order, for the sake of which Postgres would walk through all slots there ever were.
    `WITH wrong AS MATERIALIZED (
       SELECT s.id, s.taken - s.kept AS taken, count(a.id)::int AS active
         FROM appointment_slots s
         LEFT JOIN appointments a ON a.slot_id = s.id AND a.day >= $1
          AND (a.status IN ('offered','held','booked','checked-in','served','no-show') OR a.returns_at IS NOT NULL)
        WHERE s.day >= $1
        GROUP BY s.id HAVING s.taken - s.kept <> count(a.id))
     SELECT id::text AS slot_id, taken, active FROM wrong ORDER BY wrong.id LIMIT 100`,
    [fromDay],
  );
