import type { Queryable } from '../../../src/platform/database';
import type { FieldEncryption } from '../../../src/platform/field-encryption';

/** What is there when a city has booked for months: 100 doctors of one department, 125 days, four times a day with four bookings each. */
export const filled = { resources: 100, days: 125, slots: 50_000, appointments: 200_000, persons: 20_000 };
const tables = ['appointment_slots', 'appointments', 'appointment_no_shows', 'person_bindings'];

/** Written in a few statements, openly made up; the last 14 of the days are to come. */
export async function fill(
  on: Queryable,
  { accountId, organisationId, today }: { accountId: number; organisationId: number; today: string },
  encryption: FieldEncryption,
): Promise<void> {
  // Nor is each reference looked up.
  for (const table of tables) await on.query(`ALTER TABLE ${table} DISABLE TRIGGER ALL`);
  await on.query(
    `INSERT INTO appointment_resources (key, organisation_id, kind, title)
     SELECT 'filled-' || n, $1, 'doctor', '示例医生' || n FROM generate_series(1, $2::int) n`,
    [organisationId, filled.resources],
  );
  await on.query(
    `INSERT INTO appointment_slots (resource_id, organisation_id, pool, day, starts_at, ends_at, opens_at, capacity, taken)
     SELECT r.id, r.organisation_id, 'online', day, day + hour, day + hour + interval '30 minutes', day - 30, 5, 4
       FROM (SELECT $1::date + n AS day FROM generate_series(14 - $2::int + 1, 14) n) d,
            unnest('{09:00,10:00,14:00,15:00}'::time[]) hour, appointment_resources r WHERE r.key LIKE 'filled-%' ORDER BY day, r.id, hour`,
    [today, filled.days],
  );
  await on.query(
    `WITH made AS (
       INSERT INTO persons (document_kind, document_hash, document_sealed, created_at)
       SELECT 'id-card', 'filled-' || n, $3, $4 FROM generate_series(1, $5::int) n RETURNING id, document_hash)
     INSERT INTO person_bindings (account_id, openid, person_id, relation, name_sealed, phone_sealed, phone_hash, bound_at)
     SELECT $1, document_hash, id, 'self', $2, $2, document_hash, $4 FROM made`,
    [accountId, encryption.seal('示例市民'), encryption.seal('11010519491231002X'), new Date(0), filled.persons],
  );
  await on.query(
    `WITH slot AS (
       SELECT *, row_number() OVER (ORDER BY id) - 1 AS at FROM appointment_slots
        WHERE resource_id IN (SELECT id FROM appointment_resources WHERE key LIKE 'filled-%')),
     person AS (SELECT *, row_number() OVER (ORDER BY id) - 1 AS at FROM person_bindings WHERE openid LIKE 'filled-%')
     INSERT INTO appointments (code, slot_id, resource_id, organisation_id, day, starts_at, account_id, openid, person_id, name_sealed,
                               phone_hash, phone_sealed, status, key, made_at, booked_at)
     SELECT lpad((s.at * 4 + n)::text, 8, '0'), s.id, s.resource_id, s.organisation_id, s.day, s.starts_at, $1, p.openid, p.person_id,
            p.name_sealed, p.phone_hash, p.phone_sealed,
            CASE WHEN s.day >= $2::date THEN 'booked' WHEN (s.at + n) % 10 = 0 THEN 'no-show' ELSE 'served' END, 'filled ' || s.id, s.opens_at,
            s.opens_at
       FROM slot s, generate_series(0, 3) n JOIN person p ON true WHERE p.at = (s.at * 4 + n) % $3::int`,
    [accountId, today, filled.persons],
  );
  await on.query(
    `INSERT INTO appointment_no_shows (appointment_id, person_id, organisation_id, at, counts_until, ban_until)
     SELECT id, person_id, organisation_id, starts_at, starts_at, starts_at FROM appointments WHERE status = 'no-show' AND key LIKE 'filled %'`,
  );
  for (const table of tables) await on.query(`ALTER TABLE ${table} ENABLE TRIGGER ALL`);
  await addLines(on, accountId, today);
  await on.query(
    `VACUUM (ANALYZE) ${[...tables, 'appointment_resources', 'appointment_waiting', 'appointment_admissions', 'persons'].join(', ')}`,
  );
}

/** 6,000 who wait for a place, most of them of days gone by; 6,000 who stood in a rush, 900 of whom still stand. */
async function addLines(on: Queryable, accountId: number, today: string): Promise<void> {
  const people = `(SELECT openid, person_id, row_number() OVER (ORDER BY id) AS n FROM person_bindings WHERE openid LIKE 'filled-%') p`;
  const resources = `(SELECT id, organisation_id, row_number() OVER (ORDER BY id) AS n FROM appointment_resources WHERE key LIKE 'filled-%') r`;
  await on.query(
    `INSERT INTO appointment_waiting (resource_id, organisation_id, day, account_id, openid, person_id, at, status)
     SELECT r.id, r.organisation_id, $2::date + 10 - (p.n % 40)::int, $1, p.openid, p.person_id, $3,
            CASE WHEN p.n % 40 > 10 THEN 'gone' ELSE 'waiting' END
       FROM ${people} JOIN ${resources} ON r.n = p.n % 100 + 1 WHERE p.n <= 6000`,
    [accountId, today, new Date(0)],
  );
  await on.query(
    `INSERT INTO appointment_admissions (resource_id, slot_id, day, account_id, openid, person_id, key, via, at, status, settled_at, told_at)
     SELECT r.id, s.id, s.day, $1, p.openid, p.person_id, 'filled', CASE p.n % 2 WHEN 0 THEN 'chat' ELSE 'page' END, $3,
            CASE WHEN p.n <= 900 THEN 'waiting' ELSE 'over' END, CASE WHEN p.n > 900 THEN $3::timestamptz END,
            CASE WHEN p.n > 900 THEN $3::timestamptz END
       FROM ${people} JOIN ${resources} ON r.n = p.n % 3 + 1,
            LATERAL (SELECT id, day FROM appointment_slots WHERE resource_id = r.id AND day = $2::date + 2 ORDER BY id LIMIT 1) s
      WHERE p.n <= 6000`,
    [accountId, today, new Date(0)],
  );
}
