import type { ServiceDeps } from '../../dialogue/service';
import { readCalendar } from '../../platform/calendar-setting';
import type { Tx } from '../../platform/database';
import { createWorkingCalendar } from '../../platform/working-calendar';
import { assignmentOf, giveOut } from './assignment';
import { addMessage } from './messages';
import { questionById } from './tables';
import { tell } from './tell';

const batch = 200;

/** Nobody's question stays with somebody who is not there. Any number of processes at once. */
export async function tendAssignments(deps: ServiceDeps): Promise<void> {
  await noticeSilence(deps);
  while ((await releaseBatch(deps)) === batch);
  for (const { id, path } of await departmentsOnDuty(deps))
    if ((await assignmentOf(deps.db, path)).mode === 'round-robin') while ((await giveBatch(id, deps)) === batch);
}

/** On duty, and no sign of them for so much working time: they have gone without saying so. */
async function noticeSilence({ db, clock }: ServiceDeps): Promise<void> {
  const now = clock.now();
  const calendar = createWorkingCalendar(await readCalendar(db));
  if (!calendar.isWorking(now)) return;
  const seen = await db.query<{ staff_id: number; last_seen_at: Date; path: string }>(
    `SELECT d.staff_id, d.last_seen_at, o.path FROM staff_duty d JOIN staff s ON s.id = d.staff_id
       JOIN organisations o ON o.id = s.organisation_id WHERE d.on_duty`,
  );
  for (const { staff_id, last_seen_at, path } of seen) {
    const { silentMinutes } = await assignmentOf(db, path);
    if (silentMinutes === null || calendar.workingMinutesBetween(last_seen_at, now) < silentMinutes) continue;
    await db.query('UPDATE staff_duty SET on_duty = false, since = $3 WHERE staff_id = $1 AND last_seen_at = $2', [
      staff_id,
      last_seen_at,
      now,
    ]);
  }
}

/** Theirs who are off duty, disabled, or hold no role any more where the question is: back to the department. */
async function releaseBatch(deps: ServiceDeps): Promise<number> {
  const gone = await deps.db.query<{ id: string; assignee_id: number; name: string }>(
    `SELECT q.id::text, q.assignee_id, s.name FROM staff s LEFT JOIN staff_duty d ON d.staff_id = s.id
       JOIN LATERAL (
         SELECT q.id, q.assignee_id, q.asked_at FROM questions q LEFT JOIN organisations o ON o.id = q.organisation_id
          WHERE q.assignee_id = s.id AND q.status = 'open'
            AND (s.disabled_at IS NOT NULL OR d.on_duty IS FALSE OR NOT EXISTS (
              SELECT 1 FROM staff_roles r JOIN organisations ro ON ro.id = r.organisation_id
               WHERE r.staff_id = s.id AND r.role IN ('clerk','dispatcher','supervisor') AND starts_with(o.path, ro.path)))
       ) q ON true ORDER BY q.asked_at, q.id LIMIT ${batch}`,
  );
  for (const one of gone) await deps.db.transaction((tx) => release(tx, one, deps));
  return gone.length;
}

async function release(tx: Tx, one: { id: string; assignee_id: number; name: string }, deps: ServiceDeps) {
  const [held] = await tx.query<{ id: string; organisation_id: number | null }>(
    `SELECT id::text, organisation_id FROM questions WHERE id = $1 AND assignee_id = $2 AND status = 'open' FOR UPDATE`,
    [one.id, one.assignee_id],
  );
  if (!held) return;
  const at = deps.clock.now();
  await tx.query('UPDATE questions SET assignee_id = NULL, version = version + 1 WHERE id = $1', [held.id]);
  const text = `${one.name} 不在岗，放回待认领`;
  await addMessage(tx, { questionId: held.id, at, kind: 'event', text }, deps);
  await tell(tx, deps, (await questionById(tx, held.id))!, 'released');
}

const departmentsOnDuty = ({ db }: ServiceDeps) =>
  db.query<{ id: number; path: string }>(
    `SELECT DISTINCT o.id, o.path FROM staff_duty d JOIN staff s ON s.id = d.staff_id
       JOIN staff_roles r ON r.staff_id = s.id AND r.role = 'clerk' JOIN organisations o ON o.id = r.organisation_id
      WHERE d.on_duty AND s.disabled_at IS NULL ORDER BY o.id`,
  );

/** The oldest first. What a supervisor has to decide is not given out. */
function giveBatch(organisationId: number, deps: ServiceDeps): Promise<number> {
  return deps.db.transaction(async (tx) => {
    const at = deps.clock.now();
    const waiting = await tx.query<{ id: string }>(
      `SELECT id::text FROM questions
        WHERE organisation_id = $1 AND status = 'open' AND assignee_id IS NULL AND escalated_at IS NULL
          AND (snoozed_until IS NULL OR snoozed_until <= $2)
        ORDER BY asked_at, id LIMIT ${batch} FOR UPDATE SKIP LOCKED`,
      [organisationId, at],
    );
    let given = 0;
    for (const { id } of waiting) {
      if (!(await giveOut(tx, { id, organisationId, at }, deps))) break;
      given++;
      await tx.query('UPDATE questions SET version = version + 1 WHERE id = $1', [id]);
      await tell(tx, deps, (await questionById(tx, id))!, 'assign');
    }
    return given;
  });
}
