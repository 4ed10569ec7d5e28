import type { Queryable, Tx } from '../../platform/database';

/** Where the question goes, a helper leads now; back with the dispatcher, nobody helps. */
export const endHelp = (tx: Tx, id: string, at: Date, organisationId: number | null) =>
  tx.query(
    `UPDATE question_helpers SET ended_at = $2, outcome = 'done'
      WHERE question_id = $1 AND ended_at IS NULL AND ($3::int IS NULL OR organisation_id = $3)`,
    [id, at, organisationId],
  );

/** The departments that help with any of these. */
export const helpersOf = (on: Queryable, ids: readonly string[]) =>
  on.query<{ id: string; path: string }>(
    `SELECT h.question_id::text AS id, o.path FROM question_helpers h JOIN organisations o ON o.id = h.organisation_id
      WHERE h.question_id = ANY ($1::bigint[]) AND h.ended_at IS NULL`,
    [ids],
  );

/** Who helps, and who has. */
export async function jointOf(on: Queryable, id: string) {
  const rows = await on.query<{
    id: number;
    title: string;
    reason: string;
    invited_at: Date;
    ended_at: Date | null;
    outcome: 'done' | 'declined' | null;
  }>(
    `SELECT o.id, o.title, h.reason, h.invited_at, h.ended_at, h.outcome FROM question_helpers h
       JOIN organisations o ON o.id = h.organisation_id WHERE h.question_id = $1 ORDER BY h.invited_at, o.id`,
    [id],
  );
  return rows.map(({ id: organisationId, title, reason, invited_at, ended_at, outcome }) => ({
    organisation: { id: organisationId, title },
    reason,
    invitedAt: invited_at.toISOString(),
    endedAt: ended_at?.toISOString() ?? null,
    outcome,
  }));
}
