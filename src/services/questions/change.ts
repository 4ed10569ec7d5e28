import type { ServiceDeps } from '../../dialogue/service';
import type { Staff, StaffRole } from '../../people/staff';
import { recordAudit } from '../../platform/audit';
import type { Tx } from '../../platform/database';
import { notFound, UserError } from '../../platform/errors';
import { workers } from './contract';
import { addMessage } from './messages';
import { helps, sees, sightOf } from './scope';
import { lockQuestion, type QuestionRow, questionById } from './tables';
import { tell } from './tell';

export type QuestionAct =
  | 'answer'
  | 'assign'
  | 'bounce'
  | 'claim'
  | 'extend'
  | 'grade'
  | 'joint'
  | 'joint-end'
  | 'merge'
  | 'note'
  | 'pause'
  | 'priority'
  | 'reopen'
  | 'resend'
  | 'resolve'
  | 'resume'
  | 'reveal'
  | 'snooze'
  | 'transfer';

/** Who wants to do what to which question. */
export type Act = {
  id: string;
  /** `answer`: the audit's `question.answer`, and what open pages are told */
  action: QuestionAct;
  caller: Staff;
  address: string;
  /** only in these roles, which the caller may hold elsewhere than here */
  roles?: readonly StaffRole[];
  /** also departments that help (协办) may do it */
  helpers?: true;
};

type Called = { params: { id: string }; caller: Act['caller']; address: string };
export const toAct = ({ params, caller, address }: Called, action: QuestionAct, roles?: Act['roles']): Act => ({
  id: params.id,
  action,
  caller,
  address,
  roles,
});

export type Acting = { tx: Tx; deps: ServiceDeps; caller: Staff; at: Date; question: QuestionRow };

/** What was done, if anything was. */
export type Done<Value> = {
  value: Value;
  /** for the audit trail; undefined where nothing was changed */
  detail?: Record<string, unknown>;
  /** a line in the thread, where the act itself has not written one */
  line?: string;
};

/**
 * One change of a question by staff: held, looked at with the caller's eyes, changed, counted, written into the audit trail and
 * told to open pages, all in one transaction.
 * @throws UserError 404 for what the caller does not see
 */
export async function change<Value>(
  act: Act,
  deps: ServiceDeps,
  work: (acting: Acting) => Promise<Done<Value>>,
): Promise<{ done: true; version: number; value: Value }> {
  return deps.db.transaction(async (tx) => {
    const question = await lockSeen(tx, act);
    const at = deps.clock.now();
    const { caller } = act;
    const { value, detail, line } = await work({ tx, deps, caller, at, question });
    if (!detail) return { done: true, version: question.version, value };
    if (line)
      await addMessage(tx, { questionId: question.id, at, kind: 'event', text: line, staffId: caller.id }, deps);
    await tx.query('UPDATE questions SET version = version + 1 WHERE id = $1', [question.id]);
    await tx.query('UPDATE staff_duty SET last_seen_at = $2 WHERE staff_id = $1', [caller.id, at]);
    const now = (await questionById(tx, question.id))!;
    await recordAudit(tx, {
      at,
      staffId: caller.id,
      organisationId: question.organisation_id ?? question.account_organisation_id,
      action: `question.${act.action}`,
      subject: `question:${question.number}`,
      detail,
      address: act.address,
    });
    await tell(tx, deps, now, act.action, question);
    return { done: true, version: now.version, value };
  });
}

/** What is not to be seen is not there. */
export async function lockSeen(
  tx: Tx,
  { id, caller, roles = workers, helpers }: Pick<Act, 'id' | 'caller' | 'roles' | 'helpers'>,
): Promise<QuestionRow> {
  const question = await lockQuestion(tx, id);
  if (question && sees(sightOf(caller, roles), question)) return question;
  if (!question || !helps(caller, question)) throw notFound('这个提问');
  if (helpers) return question;
  throw new UserError(403, 'lead-only', '协办部门可以写备注；答复和办理由首接部门来做');
}

/** @throws UserError 409 for one that is done with */
export function mustBeOpen({ status, number }: QuestionRow): void {
  if (status !== 'open') throw new UserError(409, 'not-open', `提问 ${number} 已经办结，不能再改`);
}

/** What a supervisor has to decide, nobody else moves. @throws UserError 403 */
export function mustDecide({ caller, question }: Pick<Acting, 'caller' | 'question'>): void {
  if (question.escalated_at === null || sees(sightOf(caller, ['supervisor']), question)) return;
  throw new UserError(403, 'not-allowed', '这个提问要由督查人员决定');
}
