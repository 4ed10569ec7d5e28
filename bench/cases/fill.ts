import type { Client } from 'pg';
import { documentHash } from '../../src/people/identity/bindings';
import { checkCharacter, type IdentityDocument } from '../../src/people/identity/documents';
import { codeHash } from '../../src/services/cases/stored';
import { encryption } from '../rush/city';

/** As long as every list is at a thousand stored, so that both sides read and show as many. */
export const asked = 10;
/** Late since the last sweep. */
export const justDue = 50;
/** Only these can be looked up: the hashes of a million would take longer than all the rest, and the others are as random. */
const known = 1000;
const casesEach = 4;

const place = (n: number) => n % known;
export const numberOf = (n: number) => `SZ${String(place(n) * 1000).padStart(10, '0')}`;
export const codeOf = (n: number) => String(100_000 + place(n));
export function personOf(n: number): IdentityDocument {
  const first17 = `11000019000101${String(Math.floor(place(n) / casesEach)).padStart(3, '0')}`;
  return { kind: 'id-card', number: first17 + checkCharacter(first17) };
}

/** Two years of cases, the latest an hour ago; of every hundred five are late, and one kind is rare. */
export async function fill(client: Client, size: number): Promise<{ sourceId: number; seconds: number }> {
  const start = performance.now();
  const { rows } = await client.query<{ id: number }>(`SELECT id FROM case_sources WHERE key = 'demo-police'`);
  const sourceId = rows[0]!.id;
  await client.query('DELETE FROM cases');
  const all = Array.from({ length: known }, (_, n) => n);
  await client.query(
    `INSERT INTO cases (source_id, number, kind, person_hash, tail_hash, code_hash, state, steps, opened_at, moved_at, due_at, done_at,
                        updated_at, flagged_at)
     SELECT $1, 'SZ' || lpad((n * 1000000 / $2)::text, 10, '0'), CASE WHEN n % 50 = 0 THEN 'vehicle' ELSE 'passport' END,
            coalesce(k.person, md5((n / ${casesEach})::text)), md5('t' || n), coalesce(k.code, md5('c' || n)),
            CASE WHEN open THEN 'accepted' ELSE 'ready' END,
            jsonb_build_array(jsonb_build_object('state', 'accepted', 'at', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))),
            at, at, at + interval '7 days', CASE WHEN NOT open THEN at END, at, CASE WHEN open THEN at + interval '7 days' END
       FROM generate_series(0::bigint, $2::bigint - 1) n
       LEFT JOIN unnest($3::bigint[], $4::text[], $5::text[]) AS k (nth, person, code) ON k.nth * 1000 = n * 1000000 / $2,
       LATERAL (SELECT n % 20 = 7 AS open, $6::timestamptz - interval '1 hour' - ($2 - n) * (interval '730 days' / $2) AS at) t`,
    [
      sourceId,
      size,
      all,
      all.map((n) => documentHash(personOf(n), encryption)),
      all.map((n) => codeHash(numberOf(n), codeOf(n), encryption)),
      new Date(),
    ],
  );
  await client.query('VACUUM ANALYZE cases');
  return { sourceId, seconds: (performance.now() - start) / 1000 };
}

/** As many are late again as the last sweep found. */
export async function resetDue(client: Client): Promise<void> {
  await client.query(
    `UPDATE cases SET flagged_at = NULL WHERE id IN (
       SELECT id FROM cases WHERE done_at IS NULL AND flagged_at IS NOT NULL ORDER BY due_at LIMIT ${justDue})`,
  );
}
