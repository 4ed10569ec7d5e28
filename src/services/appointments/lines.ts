import type { Citizen } from '../../people/citizen';
import type { Queryable, Tx } from '../../platform/database';

/** A place in line, and the offer it has become. */
export type Line = {
  id: string;
  day: string;
  status: 'waiting' | 'offered';
  place: number;
  resource_title: string;
  resource_subtitle: string;
  organisation_id: number;
  organisation_title: string;
  house_title: string | null;
  name_sealed: string;
  appointment_id: string | null;
  until: Date | null;
};

/** Where a citizen waits, for whom, and what is on offer; the next day first. */
export const linesOf = (on: Queryable, { accountId, openid }: Citizen, today: string, at: Date): Promise<Line[]> =>
  on.query<Line>(
    `SELECT w.id::text, w.day::text, w.status, r.title AS resource_title, r.subtitle AS resource_subtitle, w.organisation_id,
            o.title AS organisation_title, h.title AS house_title, b.name_sealed, a.id::text AS appointment_id, a.until,
            (SELECT count(*)::int FROM appointment_waiting before
              WHERE before.resource_id = w.resource_id AND before.day = w.day AND before.status = 'waiting' AND before.id <= w.id)
              AS place
       FROM appointment_waiting w
       JOIN appointment_resources r ON r.id = w.resource_id
       JOIN organisations o ON o.id = w.organisation_id
       LEFT JOIN organisations h ON h.id = o.parent_id AND o.kind = 'department'
       JOIN person_bindings b ON b.account_id = w.account_id AND b.openid = w.openid AND b.person_id = w.person_id
        AND b.unbound_at IS NULL
       LEFT JOIN appointments a ON a.id = w.appointment_id AND w.status = 'offered' AND a.status = 'offered'
      WHERE w.account_id = $1 AND w.openid = $2 AND w.day >= $3
        AND (w.status = 'waiting' OR (w.status = 'offered' AND a.until > $4))
      ORDER BY w.day, w.id LIMIT 50`,
    [accountId, openid, today, at],
  );

/** @returns how many there were */
export async function leaveLines(tx: Tx, { accountId, openid }: Citizen): Promise<number> {
  const left = await tx.query(
    `WITH u AS (UPDATE appointment_waiting SET status = 'gone'
                 WHERE account_id = $1 AND openid = $2 AND status = 'waiting' RETURNING id) SELECT id FROM u`,
    [accountId, openid],
  );
  return left.length;
}

/** Who takes back what hospitals need waits in no line of theirs. */
export async function leaveHospitalLines(tx: Tx, { accountId, openid }: Citizen): Promise<void> {
  await tx.query(
    `UPDATE appointment_waiting w SET status = 'gone'
       FROM organisations o WHERE w.account_id = $1 AND w.openid = $2 AND w.status = 'waiting' AND o.id = w.organisation_id
        AND EXISTS (SELECT 1 FROM organisations h WHERE h.kind = 'hospital' AND starts_with(o.path, h.path))`,
    [accountId, openid],
  );
}
