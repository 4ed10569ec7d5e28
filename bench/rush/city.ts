import type { Client } from 'pg';
import { bindPerson } from '../../src/people/identity/bindings';
import { checkCharacter } from '../../src/people/identity/documents';
import type { Tx } from '../../src/platform/database';
import { createFieldEncryption } from '../../src/platform/field-encryption';
import { dayOf, moment, plusDays } from '../../src/services/appointments/days';

export const secretKey = 'only-for-measuring-never-for-real-0123456789';
export const encryption = createFieldEncryption(secretKey);

export type Doctor = { resourceId: number; organisationId: number; slots: string[] };
export type Hall = { day: string; doctors: Doctor[] };
export type Registered = { n: number; openid: string; personId: string; phone: string };

/** Three doctors of one department with as many places each, on a day three days from now, already given out. */
export async function openHall(
  client: Client,
  { now, slots, capacity }: { now: Date; slots: number; capacity: number },
): Promise<Hall> {
  const day = plusDays(dayOf(now), 3);
  const { rows } = await client.query<{ id: number }>(
    `INSERT INTO appointment_resources (key, organisation_id, kind, title, subtitle)
     SELECT 'rush-' || $1 || '-' || n, o.id, 'doctor', '示例医生' || n, '主任医师' FROM generate_series(1, 3) n,
            (SELECT organisation_id AS id FROM appointment_resources ORDER BY id LIMIT 1) o RETURNING id`,
    [String(now.getTime())],
  );
  const doctors: Doctor[] = [];
  for (const { id } of rows) {
    const made = await client.query<{ id: string; organisation_id: number }>(
      `INSERT INTO appointment_slots (resource_id, organisation_id, pool, day, starts_at, ends_at, opens_at, capacity)
       SELECT r.id, r.organisation_id, 'online', $2, at, at + interval '10 minutes', $3, $4
         FROM appointment_resources r, generate_series($5::timestamptz, $5::timestamptz + $6 * interval '10 minutes', interval '10 minutes') at
        WHERE r.id = $1 RETURNING id::text, organisation_id`,
      [id, day, now, capacity, moment(day, '09:00'), slots - 1],
    );
    doctors.push({
      resourceId: id,
      organisationId: made.rows[0]!.organisation_id,
      slots: made.rows.map((row) => row.id),
    });
  }
  return { day, doctors };
}

/** People who have registered, each with a document and a phone of their own. */
export async function register(client: Client, count: number, now: Date): Promise<Registered[]> {
  const { rows } = await client.query<{ id: number }>('SELECT min(id) AS id FROM accounts');
  const accountId = rows[0]!.id;
  const tx = {
    query: async (sql: string, values?: unknown[]) => (await client.query(sql, values)).rows,
  } as unknown as Tx;
  const registered: Registered[] = [];
  await client.query('BEGIN');
  for (let n = 0; n < count; n++) {
    const openid = `oRush${String(n).padStart(23, '0')}`;
    const phone = `139${String(n).padStart(8, '0')}`;
    const document = { kind: 'id-card' as const, number: idCard(n) };
    const fresh = { accountId, openid, relation: 'self' as const, name: '示例市民', phone, document, at: now };
    registered.push({ n, openid, phone, personId: await bindPerson(tx, fresh, encryption) });
  }
  await client.query('COMMIT');
  await client.query('ANALYZE');
  return registered;
}

/** All have agreed before to what a hospital learns of them, as the server words it. */
export async function agreeToHealth(client: Client, people: Registered[], port: number): Promise<void> {
  const asked = await fetch(`http://127.0.0.1:${port}/api/h5/consents/health`);
  const { version, text } = (await asked.json()) as { version: string; text: string };
  await client.query(
    `INSERT INTO consent_texts (version, kind, text, first_shown_at) VALUES ($1, 'health', $2, now()) ON CONFLICT DO NOTHING`,
    [version, text],
  );
  await client.query(
    `INSERT INTO consents (account_id, openid, kind, version, given_at)
     SELECT (SELECT min(id) FROM accounts), openid, 'health', $1, now() FROM unnest($2::text[]) openid ON CONFLICT DO NOTHING`,
    [version, people.map(({ openid }) => openid)],
  );
}

/** A year in which everybody came every ten days: Postgres plans by what is stored, as it does where people have long been booking. */
export async function rememberYear(client: Client, people: Registered[], now: Date): Promise<void> {
  const { rows } = await client.query<{ id: number }>('SELECT min(id) AS id FROM accounts');
  await client.query(
    `WITH days AS (SELECT n, $1::date - n * 10 AS day FROM generate_series(1, 36) n),
     slots AS (
       INSERT INTO appointment_slots (resource_id, organisation_id, pool, day, starts_at, ends_at, opens_at, capacity, taken)
       SELECT r.id, r.organisation_id, 'online', day, day + time '10:00', day + time '10:10', day - 14, 10000, $2
         FROM days, (SELECT id, organisation_id FROM appointment_resources ORDER BY id LIMIT 1) r
       ON CONFLICT DO NOTHING RETURNING id, resource_id, organisation_id, day, starts_at)
     INSERT INTO appointments (code, slot_id, resource_id, organisation_id, day, starts_at, account_id, openid, person_id, name_sealed,
                               phone_hash, phone_sealed, status, key, made_at, booked_at)
     SELECT lpad(p.n::text, 8, '0'), s.id, s.resource_id, s.organisation_id, s.day, s.starts_at, $3, b.openid, b.person_id, b.name_sealed,
            b.phone_hash, b.phone_sealed, 'served', 'year ' || s.day, s.starts_at, s.starts_at
       FROM slots s, unnest($4::bigint[]) WITH ORDINALITY p (person_id, n) JOIN person_bindings b ON b.person_id = p.person_id`,
    [dayOf(now), people.length, rows[0]!.id, people.map(({ personId }) => personId)],
  );
  await client.query('VACUUM ANALYZE');
}

/** Of a region that does not exist. */
function idCard(n: number): string {
  const born = `19${String(50 + (Math.floor(n / 1000) % 50)).padStart(2, '0')}0228`;
  const first17 = `110000${born}${String(n % 1000).padStart(3, '0')}`;
  return first17 + checkCharacter(first17);
}
