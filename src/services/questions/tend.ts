import type { ServiceDeps } from '../../dialogue/service';
import { shanghai } from '../../platform/clock';
import { UserError } from '../../platform/errors';
import { notify } from './answer';
import { type Act, change, mustBeOpen } from './change';
import { extendClock, gradeClock, pauseClock, resumeClock } from './clocks';
import { dispatch } from './dispatch';
import { limitsOf } from './limits';
import { addMessage, messageOf } from './messages';
import { type Grade, gradeTitles } from './policies';

/** For colleagues alone; the same key again writes it once. */
export function note(act: Act, { text, key }: { text: string; key: string }, deps: ServiceDeps) {
  return change(act, deps, async ({ tx, question, caller, at }) => {
    if (await messageOf(tx, question.id, key)) return { value: undefined };
    const messageId = await addMessage(
      tx,
      { questionId: question.id, at, kind: 'note', text, staffId: caller.id, key },
      deps,
    );
    return { value: undefined, detail: { messageId } };
  });
}

const longestSnooze = 30 * 24 * 3600_000;

/** Out of sight until then, or until the citizen writes. Its clock runs on. */
export function snooze(act: Act, until: Date | null, deps: ServiceDeps) {
  return change(act, deps, async ({ tx, question, at }) => {
    mustBeOpen(question);
    if (until && (until <= at || until.getTime() > at.getTime() + longestSnooze))
      throw new UserError(422, 'invalid-input', '请选一个 30 天以内、还没到的时间', { until: '30 天以内的将来' });
    await tx.query('UPDATE questions SET snoozed_until = $2 WHERE id = $1', [question.id, until]);
    return {
      value: undefined,
      detail: { until: until?.toISOString() ?? null },
      line: until ? `稍后处理，到 ${shanghai(until)}` : '不再稍后处理',
    };
  });
}

const priorities = ['普通', '紧急', '特急'];

export function prioritise(act: Act, priority: number, deps: ServiceDeps) {
  return change(act, deps, async ({ tx, question }) => {
    mustBeOpen(question);
    if (question.priority === priority) return { value: undefined };
    await tx.query('UPDATE questions SET priority = $2 WHERE id = $1', [question.id, priority]);
    return { value: undefined, detail: { priority }, line: `改为${priorities[priority]}` };
  });
}

/** Each grade has its own time limits, counted from the same start. */
export function regrade(act: Act, grade: Grade, deps: ServiceDeps) {
  return change(act, deps, async ({ tx, question }) => {
    mustBeOpen(question);
    if (question.grade === grade) return { value: undefined };
    await gradeClock(tx, question.id, grade, deps);
    return { value: undefined, detail: { grade }, line: `难易改为${gradeTitles[grade]}，时限重算` };
  });
}

/**
 * 延期: asked for before the deadline, and told to the citizen.
 * @throws UserError 409 when it is too late for that
 */
export function extend(act: Act, { days, reason }: { days: number; reason: string }, deps: ServiceDeps) {
  return change(act, deps, async (acting) => {
    const { tx, question } = acting;
    mustBeOpen(question);
    const { extensionDays } = limitsOf(deps.settings);
    if (days > extensionDays)
      throw new UserError(422, 'invalid-input', `一次最多延 ${extensionDays} 个工作日`, {
        days: `最多 ${extensionDays}`,
      });
    const until = await extendClock(tx, question.id, days, deps);
    const day = shanghai(until).slice(0, 10);
    await notify(acting, {
      text: 'questions.extended',
      data: { 状态: '已延期', 答复期限: day, 延期原因: reason },
      variables: { day, reason },
    });
    return {
      value: undefined,
      detail: { days, reason, until: until.toISOString() },
      line: `延期 ${days} 个工作日，到 ${day}：${reason}`,
    };
  });
}

/** The clock stands still while something else has to come first. */
export function pause(act: Act, reason: string, deps: ServiceDeps) {
  return change(act, deps, async ({ tx, question }) => {
    mustBeOpen(question);
    await pauseClock(tx, question.id, deps);
    return { value: undefined, detail: { reason }, line: `暂停计时：${reason}` };
  });
}

export function resume(act: Act, deps: ServiceDeps) {
  return change(act, deps, async ({ tx, question }) => {
    mustBeOpen(question);
    await resumeClock(tx, question.id, deps);
    return { value: undefined, detail: {}, line: '恢复计时' };
  });
}

/** A supervisor has it worked on again. */
export function reopen(act: Act, deps: ServiceDeps) {
  return change(act, deps, async ({ tx, question, at }) => {
    if (question.status === 'open') return { value: undefined };
    if (question.merged_into !== null) throw new UserError(409, 'merged', '已并入另一个提问，请到那里处理');
    const { id, organisation_id } = question;
    if (organisation_id !== null) await dispatch(tx, deps, { id, organisationId: organisation_id, at });
    await tx.query(
      `UPDATE questions SET status = 'open', answered_at = NULL, closed_at = NULL, reopened = true, last_at = $2 WHERE id = $1`,
      [id, at],
    );
    return { value: undefined, detail: {}, line: '重新打开' };
  });
}
