import type { ServiceDeps } from '../../dialogue/service';
import { notFound, UserError } from '../../platform/errors';
import { type Act, change, lockSeen, mustBeOpen } from './change';
import { stopClock } from './clocks';
import { copyImages } from './images';
import { addMessage } from './messages';
import { opened } from './wording';

/**
 * The same citizen asked the same twice: one is worked on, the other is closed and points to it. What was asked goes along.
 * @throws UserError 422 where they are two citizens'
 */
export function merge(act: Act, into: string, deps: ServiceDeps) {
  return change(act, deps, async ({ tx, question, at }) => {
    mustBeOpen(question);
    if (into === question.id) throw unfit('不能并入自己');
    const target = await lockSeen(tx, { ...act, id: into }).catch((error: unknown) => {
      throw error instanceof UserError ? notFound('要并入的提问') : error;
    });
    if (target.account_id !== question.account_id || target.openid !== question.openid)
      throw unfit('只能合并同一位市民的提问');
    if (target.status === 'closed') throw unfit('要并入的提问已经结束');
    const asked = opened(question, deps.encryption);
    const text = `［并自 ${question.number}］${asked}`;
    const messageId = await addMessage(tx, { questionId: into, at, kind: 'citizen', text }, deps);
    await copyImages(tx, question.id, { questionId: into, messageId });
    await tx.query(
      `UPDATE questions SET version = version + 1, last_at = $2, unread = unread + 1,
              waiting_since = CASE WHEN status = 'open' THEN least(waiting_since, $3) ELSE waiting_since END WHERE id = $1`,
      [into, at, question.waiting_since],
    );
    await tx.query(
      `UPDATE questions SET status = 'closed', closed_at = $2, waiting_since = NULL, unread = 0, merged_into = $3,
              snoozed_until = NULL WHERE id = $1`,
      [question.id, at, into],
    );
    await stopClock(tx, question.id, deps);
    return { value: undefined, detail: { into: target.number }, line: `并入 ${target.number}` };
  });
}

const unfit = (message: string) => new UserError(422, 'invalid-input', message, { into: message });
