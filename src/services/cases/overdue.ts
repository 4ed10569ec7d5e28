import type { ServiceDeps } from '../../dialogue/service';
import type { Queryable, Tx } from '../../platform/database';

const batch = 500;

type Deps = Pick<ServiceDeps, 'db' | 'clock' | 'notify'>;

/**
 * Cases whose day has passed are flagged, each once, and whoever supervises the office is told how many there are now. The day is
 * reckoned in working days when a case is stored; an office that moves its promise takes the flag away, and may be late again.
 */
export async function flagOverdue(deps: Deps): Promise<void> {
  for (let flagged = batch; flagged === batch; ) flagged = await flagSome(deps);
}

const flagSome = ({ db, clock, notify }: Deps): Promise<number> =>
  db.transaction(async (tx) => {
    const now = clock.now();
    const rows = await tx.query<{ source_id: number }>(
      `UPDATE cases SET flagged_at = $1
        WHERE id IN (SELECT id FROM cases WHERE due_at <= $1 AND done_at IS NULL AND flagged_at IS NULL
                      ORDER BY due_at LIMIT ${batch} FOR UPDATE SKIP LOCKED)
        RETURNING source_id`,
      [now],
    );
    await tellOverdue(tx, [...new Set(rows.map(({ source_id }) => source_id))], notify);
    return rows.length;
  });

/** Tells whoever supervises the offices how many there are now. Of a source that is switched off nothing is said until it is on again. */
export async function tellOverdue(tx: Tx, sourceIds: number[], notify: Deps['notify']): Promise<void> {
  const sources = await sourcesOf(tx, sourceIds);
  await notify(
    tx,
    sources
      .filter(({ overdue }) => overdue > 0)
      .map(({ id, title, organisation_id: organisationId, overdue }) => ({
        roles: { roles: ['supervisor'] as const, organisationId },
        kind: 'overdue' as const,
        title: `${title}：有 ${overdue >= countedUpTo ? `${countedUpTo} 个以上` : `${overdue} 个`}办件超期`,
        link: '/cases?overdue=1',
        about: `cases-overdue:${id}`,
      })),
  );
}

const countedUpTo = 1000;

const sourcesOf = (on: Queryable, ids: number[]) =>
  on.query<{ id: number; title: string; organisation_id: number; overdue: number }>(
    `SELECT s.id, s.title, s.organisation_id,
            (SELECT count(*)::int FROM (SELECT 1 FROM cases c WHERE c.source_id = s.id AND c.done_at IS NULL
                AND c.flagged_at IS NOT NULL LIMIT ${countedUpTo}) few) AS overdue
       FROM case_sources s WHERE s.id = ANY ($1::int[]) AND s.disabled_at IS NULL ORDER BY s.id`,
    [ids],
  );
