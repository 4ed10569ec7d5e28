import { z } from 'zod';
import type { ServiceDeps } from '../../dialogue/service';
import { prefixes } from '../../people/organisations';
import { type Staff, scopeOf } from '../../people/staff';
import { recordAudit } from '../../platform/audit';
import type { Queryable, Tx } from '../../platform/database';
import { notFound } from '../../platform/errors';
import { dispatchers, workers } from './contract';
import { addMessage } from './messages';

export const assignmentContract = z.strictObject({
  mode: z
    .enum(['claim', 'assign', 'round-robin'])
    .describe('各自认领；由派单或督查人员分派；按手头件数轮流分给在岗的人'),
  silentMinutes: z
    .number()
    .int()
    .min(10)
    .max(10_000)
    .nullable()
    .describe('在岗的人多少工作分钟没有动静就算离岗，手上的提问放回；空为不管'),
});
export type Assignment = z.infer<typeof assignmentContract>;
const unsaid: Assignment = { mode: 'claim', silentMinutes: 120 };

/** What holds for the department with this path: its own way, or that of the nearest one above. */
export async function assignmentOf(on: Queryable, path: string): Promise<Assignment> {
  const [row] = await on.query<Assignment>(
    `SELECT a.mode, a.silent_minutes AS "silentMinutes" FROM question_assignments a
       JOIN organisations o ON o.id = a.organisation_id
      WHERE starts_with($1, o.path) ORDER BY length(o.path) DESC LIMIT 1`,
    [path],
  );
  return row ?? unsaid;
}

/** The ways that departments in sight have for themselves. */
export const listAssignments = (caller: Staff, { db }: ServiceDeps) =>
  db.query<Assignment & { organisationId: number; title: string }>(
    `SELECT a.organisation_id AS "organisationId", o.title, a.mode, a.silent_minutes AS "silentMinutes"
       FROM question_assignments a JOIN organisations o ON o.id = a.organisation_id
      WHERE o.path LIKE ANY ($1) ORDER BY o.path LIMIT 500`,
    [prefixes(scopeOf(caller, workers))],
  );

export async function setAssignment(
  organisationId: number,
  { mode, silentMinutes }: Assignment,
  { caller, address }: { caller: Staff; address: string },
  deps: ServiceDeps,
): Promise<void> {
  await deps.db.transaction(async (tx) => {
    const [mine] = await tx.query('SELECT 1 FROM organisations WHERE id = $1 AND path LIKE ANY ($2)', [
      organisationId,
      prefixes(scopeOf(caller, dispatchers)),
    ]);
    if (!mine) throw notFound('这个部门');
    await tx.query(
      `INSERT INTO question_assignments (organisation_id, mode, silent_minutes) VALUES ($1, $2, $3)
       ON CONFLICT (organisation_id) DO UPDATE SET mode = excluded.mode, silent_minutes = excluded.silent_minutes`,
      [organisationId, mode, silentMinutes],
    );
    await recordAudit(tx, {
      at: deps.clock.now(),
      staffId: caller.id,
      organisationId,
      action: 'question-assignment.change',
      subject: `organisation:${organisationId}`,
      detail: { mode, silentMinutes },
      address,
    });
  });
}

/**
 * Where the department's questions go round: to whoever is on duty there with the fewest open ones, then to who got one longest ago.
 * The caller holds the question. @returns whether somebody got it
 */
export async function giveOut(
  tx: Tx,
  { id, organisationId, at }: { id: string; organisationId: number; at: Date },
  deps: Pick<ServiceDeps, 'encryption'>,
): Promise<boolean> {
  const [place] = await tx.query<{ path: string }>('SELECT path FROM organisations WHERE id = $1', [organisationId]);
  if ((await assignmentOf(tx, place!.path)).mode !== 'round-robin') return false;
  // One after another in a department, or two would find the same person idle.
  await tx.query('SELECT pg_advisory_xact_lock(7269030, $1)', [organisationId]);
  const [next] = await tx.query<{ id: number; name: string }>(
    `SELECT s.id, s.name FROM staff_roles r JOIN staff s ON s.id = r.staff_id JOIN staff_duty d ON d.staff_id = s.id
      WHERE r.organisation_id = $1 AND r.role = 'clerk' AND s.disabled_at IS NULL AND d.on_duty
      ORDER BY (SELECT count(*) FROM questions q WHERE q.assignee_id = s.id AND q.status = 'open'),
               d.last_given_at NULLS FIRST, s.id LIMIT 1`,
    [organisationId],
  );
  if (!next) return false;
  await tx.query('UPDATE questions SET assignee_id = $2 WHERE id = $1', [id, next.id]);
  await tx.query('UPDATE staff_duty SET last_given_at = $2 WHERE staff_id = $1', [next.id, at]);
  await addMessage(tx, { questionId: id, at, kind: 'event', text: `自动分给 ${next.name}` }, deps);
  return true;
}
