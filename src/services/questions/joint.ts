import type { ServiceDeps } from '../../dialogue/service';
import { scopeOf } from '../../people/staff';
import { notFound, UserError } from '../../platform/errors';
import { type Act, change, mustBeOpen } from './change';
import { workers } from './contract';
import { departmentBelow, notDispatched } from './routing';
import { sees, sightOf } from './scope';

/**
 * 协办: another department sees the question from then on and writes what it knows into the thread; whoever had it first leads and
 * answers (首接负责).
 */
export function invite(
  act: Act,
  { organisationId, reason }: { organisationId: number; reason: string },
  deps: ServiceDeps,
) {
  return change(act, deps, async ({ tx, question, at }) => {
    mustBeOpen(question);
    if (question.organisation_id === null) throw notDispatched();
    const title = await departmentBelow(tx, organisationId, question.account_path);
    if (question.organisation_id === organisationId)
      throw new UserError(422, 'invalid-input', '本部门已经在办', { organisationId: '请选择另一个部门' });
    const [fresh] = await tx.query(
      `INSERT INTO question_helpers AS h (question_id, organisation_id, reason, invited_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (question_id, organisation_id) DO UPDATE
         SET reason = excluded.reason, invited_at = excluded.invited_at, ended_at = NULL, outcome = NULL
         WHERE h.ended_at IS NOT NULL
       RETURNING question_id`,
      [question.id, organisationId, reason, at],
    );
    if (!fresh) throw new UserError(409, 'there-already', `${title}已经在协办`);
    return { value: undefined, detail: { to: organisationId, reason }, line: `请${title}协办：${reason}` };
  });
}

export type JointEnd = { outcome: 'done' | 'declined'; text: string };

/** By the department that helps, with what it has to say, or by the one that leads. */
export function endJoint(act: Act, organisationId: number, { outcome, text }: JointEnd, deps: ServiceDeps) {
  return change({ ...act, helpers: true }, deps, async ({ tx, question, caller, at }) => {
    const [helper] = await tx.query<{ title: string; path: string }>(
      `SELECT o.title, o.path FROM question_helpers h JOIN organisations o ON o.id = h.organisation_id
        WHERE h.question_id = $1 AND h.organisation_id = $2 AND h.ended_at IS NULL`,
      [question.id, organisationId],
    );
    const theirs = helper && scopeOf(caller, workers).some((root) => helper.path.startsWith(root));
    if (!helper || !(theirs || sees(sightOf(caller), question))) throw notFound('这个协办');
    await tx.query(
      'UPDATE question_helpers SET ended_at = $3, outcome = $4 WHERE question_id = $1 AND organisation_id = $2',
      [question.id, organisationId, at, outcome],
    );
    const did = theirs ? (outcome === 'done' ? '协办完成' : '不接受协办') : '的协办已结束';
    return { value: undefined, detail: { of: organisationId, outcome, text }, line: `${helper.title}${did}：${text}` };
  });
}
