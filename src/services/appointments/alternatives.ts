import type { Queryable } from '../../platform/database';
import { dayOf } from './days';

export type Alternative = {
  organisation_id: number;
  resource_id: number;
  title: string;
  subtitle: string;
  day: string;
  free: number;
};

const horizonDays = 30;
const most = 4;

/** Where there are places left instead: others of the department on that day, and the same doctor or window on other days, in turn. */
export const alternativesTo = (
  on: Queryable,
  { resourceId, day, at }: { resourceId: number; day: string; at: Date },
): Promise<Alternative[]> =>
  on.query<Alternative>(
    `SELECT r.organisation_id, r.id AS resource_id, r.title, r.subtitle, s.day::text, sum(s.capacity - s.taken)::int AS free
       FROM appointment_resources own
      CROSS JOIN LATERAL (
        SELECT * FROM appointment_slots
         WHERE resource_id = own.id AND day BETWEEN $3::date AND $3::date + ${horizonDays} AND day <> $2::date
        UNION ALL
        SELECT * FROM appointment_slots WHERE organisation_id = own.organisation_id AND day = $2::date AND resource_id <> own.id) s
       JOIN appointment_resources r ON r.id = s.resource_id AND r.organisation_id = own.organisation_id AND r.disabled_at IS NULL
      WHERE own.id = $1 AND s.status = 'open' AND s.pool = 'online' AND s.starts_at > $4 AND s.opens_at <= $4 AND s.taken < s.capacity
      GROUP BY own.id, r.organisation_id, r.id, s.day
      ORDER BY row_number() OVER (PARTITION BY r.id = own.id ORDER BY abs(s.day - $2::date), r.position, r.id), r.id = own.id
      LIMIT ${most}`,
    [resourceId, day, dayOf(at), at],
  );

/** How many places a doctor or window has left on a day. */
export async function freeOn(
  on: Queryable,
  { resourceId, day, at }: { resourceId: number; day: string; at: Date },
): Promise<number> {
  const [row] = await on.query<{ free: number }>(
    `SELECT coalesce(sum(capacity - taken), 0)::int AS free FROM appointment_slots
      WHERE resource_id = $1 AND day = $2 AND status = 'open' AND pool = 'online' AND starts_at > $3 AND opens_at <= $3`,
    [resourceId, day, at],
  );
  return row!.free;
}
