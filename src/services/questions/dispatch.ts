import type { ServiceDeps } from '../../dialogue/service';
import type { Tx } from '../../platform/database';
import { startClock } from './clocks';

/**
 * Gives a question to a department: from here on it is theirs, and their clock runs, whether they have looked at it or not.
 * The same again for a question that was answered and is open once more.
 */
export async function dispatch(
  tx: Tx,
  deps: ServiceDeps,
  { id, organisationId, at }: { id: string; organisationId: number; at: Date },
): Promise<void> {
  await tx.query(
    `UPDATE questions SET organisation_id = $2, dispatched_at = $3, status = 'open', answered_at = NULL, closed_at = NULL
      WHERE id = $1`,
    [id, organisationId, at],
  );
  await startClock(tx, id, deps);
}

/**
 * The first rule that fits says where a question goes by itself; undefined where a person has to decide. A rule's region fits where
 * the place that came along or the words name it: citizens are known by no address. One for a department that was given up fits nothing.
 */
export async function departmentByRules(
  tx: Tx,
  accountId: number,
  text: string,
  place = '',
): Promise<number | undefined> {
  const [rule] = await tx.query<{ organisation_id: number }>(
    `SELECT r.organisation_id FROM question_rules r
       JOIN organisations o ON o.id = r.organisation_id AND o.disabled_at IS NULL
      WHERE (account_id IS NULL OR account_id = $1) AND (word IS NULL OR strpos(lower($2), lower(word)) > 0)
        AND (region IS NULL OR strpos(lower($3 || ' ' || $2), lower(region)) > 0)
      ORDER BY r.position, r.id LIMIT 1`,
    [accountId, text, place],
  );
  return rule?.organisation_id;
}
