import type { ServiceDeps } from '../../dialogue/service';
import type { Tx } from '../../platform/database';
import { dayOf } from './days';

const days = 28;
/** A few of them, in several departments: enough to read figures by. */
const busy = ['internal-1', 'internal-2', 'children-1', 'household-1', 'exit-entry-1'].map((key) => `demo-${key}`);
const nobody = '示例市民';

/**
 * Four weeks that never were: places, who came and who did not, all of them 示例市民 and nobody's in WeChat. What becomes of a place
 * follows from a hash of it, so that it looks by chance and is the same each time.
 */
export async function loadDemoPast(tx: Tx, { clock, encryption }: Pick<ServiceDeps, 'clock' | 'encryption'>) {
  const now = clock.now();
  const places = await tx.query<{ id: string }>(placesSql, [busy, dayOf(now), days]);
  const ids = places.map(({ id }) => id);
  await tx.query(visitsSql, [ids, encryption.seal(nobody)]);
  await tx.query(takenSql, [ids]);
  const [person] = await tx.query<{ id: string }>(
    `INSERT INTO persons (document_kind, document_hash, document_sealed, created_at)
     VALUES ('id-card', 'demo', '', $1) RETURNING id::text`,
    [now],
  );
  await tx.query(linesSql, [ids, person!.id]);
}

/** As the weekly rules would have made them. */
const placesSql = `
  INSERT INTO appointment_slots (resource_id, organisation_id, pool, day, starts_at, ends_at, opens_at, capacity)
  SELECT r.id, r.organisation_id, u.pool, starts_at::date, starts_at AT TIME ZONE 'Asia/Shanghai',
         starts_at AT TIME ZONE 'Asia/Shanghai' + make_interval(mins => u.minutes),
         starts_at AT TIME ZONE 'Asia/Shanghai' - interval '14 days', u.capacity
    FROM appointment_resources r JOIN appointment_rules u ON u.resource_id = r.id
    JOIN generate_series($2::date::timestamp - make_interval(days => $3), $2::date::timestamp - interval '1 day', interval '1 day') AS day
      ON extract(isodow FROM day)::int = ANY (u.weekdays)
    JOIN LATERAL generate_series(day + u.from_time, day + u.to_time - make_interval(mins => u.minutes),
                                 make_interval(mins => u.minutes)) AS starts_at ON true
   WHERE r.key = ANY ($1) RETURNING appointment_slots.id::text`;

const hash = (what: string) => `(hashtext(${what}) & 1023)`;

/** Of 1024 places about 610 are used, 60 wait in vain, 70 are given up; the others stay free. */
const visitsSql = `
  INSERT INTO appointments (code, slot_id, resource_id, organisation_id, day, starts_at, name_sealed, status, made_at, booked_at, ended_at)
  SELECT 10000000 + row_number() OVER (PARTITION BY day ORDER BY id, place), id, resource_id, organisation_id, day, starts_at, $2,
         becomes, booked_at, booked_at,
         CASE becomes WHEN 'cancelled' THEN booked_at + interval '2 hours' ELSE starts_at + interval '40 minutes' END
    FROM (
      SELECT s.id, s.resource_id, s.organisation_id, s.day, s.starts_at, place,
             s.starts_at - make_interval(days => lead, hours => 3) AS booked_at,
             CASE WHEN chance < 610 THEN 'served' WHEN chance < 670 THEN 'no-show' WHEN chance < 740 THEN 'cancelled' END AS becomes
        FROM appointment_slots s, generate_series(1, s.capacity) AS place,
             LATERAL (SELECT ${hash(`s.id || ' ' || place`)} AS chance,
                             ('{0,0,1,1,1,1,2,2,3,3,4,5,6,7,7,9,11,13}'::int[])[
                               1 + ${hash(`place || ' ' || s.id`)} % 18] AS lead) AS drawn
       WHERE s.id = ANY ($1::bigint[])) AS visits
   WHERE becomes IS NOT NULL`;

const takenSql = `
  UPDATE appointment_slots s SET taken = a.count
    FROM (SELECT slot_id, count(*)::int AS count FROM appointments
           WHERE slot_id = ANY ($1::bigint[]) AND status <> 'cancelled' GROUP BY slot_id) a
   WHERE a.slot_id = s.id`;

/** On some days a few waited for a place; most of them got one. */
const linesSql = `
  INSERT INTO appointment_waiting (resource_id, organisation_id, day, account_id, openid, person_id, at, status)
  SELECT resource_id, organisation_id, day, (SELECT min(id) FROM accounts), 'o-demo-waiting', $2, min(opens_at),
         CASE WHEN ${hash(`place || ' ' || min(id)`)} < 660 THEN 'done' ELSE 'gone' END
    FROM appointment_slots, generate_series(1, 4) AS place
   WHERE id = ANY ($1::bigint[])
   GROUP BY resource_id, organisation_id, day, place HAVING ${hash(`min(id) || ' ' || place`)} < 300`;
