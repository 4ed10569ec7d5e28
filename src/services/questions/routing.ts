import type { ServiceDeps } from '../../dialogue/service';
import type { Staff } from '../../people/staff';
import type { Queryable } from '../../platform/database';
import { notFound, UserError } from '../../platform/errors';
import { assignmentOf, giveOut } from './assignment';
import { type Act, change, mustBeOpen, mustDecide } from './change';
import { moveClock, stopClock } from './clocks';
import { dispatchers } from './contract';
import { dispatch } from './dispatch';
import { endHelp } from './joint-departments';
import { limitsOf } from './limits';
import { notifyStaff } from './notify';
import { sees, sightOf } from './scope';
import type { QuestionRow } from './tables';

/** Nobody's yet, or the caller's already. @throws UserError 409 when a colleague was quicker */
export function claim(act: Act, deps: ServiceDeps) {
  return change(act, deps, async ({ tx, question, caller }) => {
    mustBeOpen(question);
    if (question.organisation_id === null) throw notDispatched();
    if (question.assignee_id === caller.id) return { value: undefined };
    if (!(await mayTake(tx, question, caller)))
      throw new UserError(409, 'assigned-here', '本部门由派单人员或督查人员分派，不能自己认领');
    if (question.assignee_id !== null)
      throw new UserError(409, 'taken', `${question.assignee_name} 已经认领了，需要时请改派`);
    await tx.query('UPDATE questions SET assignee_id = $2 WHERE id = $1', [question.id, caller.id]);
    return { value: undefined, detail: {}, line: '认领' };
  });
}

/** Where somebody gives the questions out (分派) only whoever does that takes one. */
async function mayTake(on: Queryable, question: QuestionRow, caller: Staff): Promise<boolean> {
  if (sees(sightOf(caller, dispatchers), question)) return true;
  return (await assignmentOf(on, question.organisation_path!)).mode !== 'assign';
}

/** Whether the caller is offered to take it. */
export const claimable = async (on: Queryable, question: QuestionRow, caller: Staff): Promise<boolean> =>
  question.status === 'open' &&
  question.organisation_id !== null &&
  question.assignee_id === null &&
  sees(sightOf(caller), question) &&
  (await mayTake(on, question, caller));

/** To a colleague of the department that has it, or to nobody. */
export function assign(act: Act, staffId: number | null, deps: ServiceDeps) {
  return change(act, deps, async ({ tx, question, caller }) => {
    mustBeOpen(question);
    if (question.organisation_id === null) throw notDispatched();
    const name = staffId === null ? null : await colleague(tx, staffId, question.organisation_path!);
    if (question.assignee_id === staffId) return { value: undefined };
    await tx.query('UPDATE questions SET assignee_id = $2 WHERE id = $1', [question.id, staffId]);
    await notifyStaff(tx, deps, [{ id: question.id, event: 'assigned' }], caller.id);
    return { value: undefined, detail: { staffId }, line: name === null ? '放回待认领' : `分给 ${name}` };
  });
}

/** 派单 where it has no department yet, else 转办: it is the other department's from then on, and its clock runs on. */
export function transfer(act: Act, to: { organisationId: number; reason?: string }, deps: ServiceDeps) {
  return change(act, deps, async (acting) => {
    const { tx, question, at } = acting;
    mustBeOpen(question);
    mustDecide(acting);
    const first = question.organisation_id === null;
    if (!first && !to.reason)
      throw new UserError(422, 'invalid-input', '请写明转办的理由', { reason: '请写明转办的理由，至少 2 个字' });
    if (question.organisation_id === to.organisationId) return { value: undefined };
    const title = await departmentBelow(tx, to.organisationId, question.account_path);
    if (first) await dispatch(tx, deps, { id: question.id, organisationId: to.organisationId, at });
    await tx.query(
      `UPDATE questions SET organisation_id = $2, assignee_id = NULL, snoozed_until = NULL, escalated_at = NULL WHERE id = $1`,
      [question.id, to.organisationId],
    );
    await endHelp(tx, question.id, at, to.organisationId);
    if (!first) await moveClock(tx, question.id, deps);
    await giveOut(tx, { id: question.id, organisationId: to.organisationId, at }, deps);
    return {
      value: undefined,
      detail: { from: question.organisation_id, to: to.organisationId, reason: to.reason ?? null },
      line: `${first ? '派给' : '转办给'}${title}${to.reason ? `：${to.reason}` : ''}`,
    };
  });
}

/**
 * 退单: not this department's affair. Back to the dispatcher; when it was sent back often enough a supervisor decides, and then
 * it stays where they send it.
 * @throws UserError 409 after that decision
 */
export function bounce(act: Act, reason: string, deps: ServiceDeps) {
  return change(act, deps, async ({ tx, question, at }) => {
    mustBeOpen(question);
    if (question.organisation_id === null) throw notDispatched();
    const { bounces } = limitsOf(deps.settings);
    if (question.bounced >= bounces)
      throw new UserError(409, 'decided', `已经退过 ${question.bounced} 次，督查人员的派单是最后决定，不能再退`);
    const last = question.bounced + 1 === bounces;
    await tx.query(
      `UPDATE questions SET organisation_id = NULL, assignee_id = NULL, dispatched_at = NULL, bounced = bounced + 1,
              escalated_at = CASE WHEN $2 THEN $3::timestamptz ELSE escalated_at END, snoozed_until = NULL
        WHERE id = $1`,
      [question.id, last, at],
    );
    await endHelp(tx, question.id, at, null);
    await stopClock(tx, question.id, deps);
    if (last) await notifyStaff(tx, deps, [{ id: question.id, event: 'escalation' }], act.caller.id);
    return {
      value: undefined,
      detail: { from: question.organisation_id, reason, times: question.bounced + 1 },
      line: `退单（第 ${question.bounced + 1} 次）${last ? '，由督查人员决定' : ''}：${reason}`,
    };
  });
}

export const notDispatched = () => new UserError(409, 'not-dispatched', '这个提问还没有派给部门');

/** @throws UserError 422 for somebody who would not see the question */
async function colleague(on: Queryable, staffId: number, path: string): Promise<string> {
  const [found] = await on.query<{ name: string }>(
    `SELECT s.name FROM staff s
      WHERE s.id = $1 AND s.disabled_at IS NULL AND EXISTS (
        SELECT 1 FROM staff_roles r JOIN organisations o ON o.id = r.organisation_id
         WHERE r.staff_id = s.id AND r.role IN ('clerk','dispatcher','supervisor') AND starts_with($2, o.path))`,
    [staffId, path],
  );
  if (found) return found.name;
  throw new UserError(422, 'invalid-input', '这位人员不在该部门', { staffId: '请选择该部门的人员' });
}

export async function departmentBelow(on: Queryable, id: number, path: string): Promise<string> {
  const [found] = await on.query<{ title: string }>(
    'SELECT title FROM organisations WHERE id = $1 AND starts_with(path, $2) AND disabled_at IS NULL',
    [id, path],
  );
  if (!found) throw notFound('这个部门');
  return found.title;
}
