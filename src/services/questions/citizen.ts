import type { ServiceDeps } from '../../dialogue/service';
import type { Queryable, Tx } from '../../platform/database';
import { UserError } from '../../platform/errors';
import { dispatch } from './dispatch';
import { addMessage, messageOf } from './messages';
import { lockQuestion, type QuestionRow, questionById, selectQuestions } from './tables';
import { tell } from './tell';

type Citizen = { accountId: number; openid: string };

/** A citizen's questions, newest first. */
export function questionsOf(
  on: Queryable,
  { accountId, openid }: Citizen,
  { before, limit }: { before?: string; limit: number },
): Promise<QuestionRow[]> {
  return on.query<QuestionRow>(
    `${selectQuestions} WHERE q.account_id = $1 AND q.openid = $2 AND ($3::bigint IS NULL OR q.id < $3)
      ORDER BY q.id DESC LIMIT $4`,
    [accountId, openid, before ?? null, limit],
  );
}

/** The last one that is still of concern: open, or with `also` in that state. */
export async function latestOf(
  on: Queryable,
  citizen: Citizen,
  states: QuestionRow['status'][],
): Promise<QuestionRow | undefined> {
  const latest = await questionsOf(on, citizen, { limit: 10 });
  return latest.find(({ status, merged_into }) => states.includes(status) && merged_into === null);
}

/** The last one that is resolved and was not rated. */
export async function toRate(on: Queryable, who: Citizen): Promise<QuestionRow | undefined> {
  const latest = await questionsOf(on, who, { limit: 10 });
  return latest.find((one) => one.answered_at !== null && one.rated_at === null && one.merged_into === null);
}

/**
 * More about a question. One that was answered is open again by that, and its clock starts anew.
 * @throws UserError 409 for one that is closed
 */
export async function supplement(
  tx: Tx,
  { id, text, key, at }: { id: string; text: string; key?: string; at: Date },
  deps: ServiceDeps,
): Promise<QuestionRow> {
  const asked = await lockMerged(tx, id);
  if (key && (await messageOf(tx, asked.id, key))) return asked;
  if (asked.status === 'closed')
    throw new UserError(409, 'closed', `提问 ${asked.number} 已经结束，有新的问题请重新提问`);
  await addMessage(tx, { questionId: asked.id, at, kind: 'citizen', text, key }, deps);
  await tx.query(
    `UPDATE questions SET last_at = $2, version = version + 1, unread = unread + 1,
            waiting_since = coalesce(waiting_since, $2), snoozed_until = NULL WHERE id = $1`,
    [asked.id, at],
  );
  if (asked.status === 'answered') await openAgain(tx, asked, at, deps);
  return told(tx, asked, 'supplemented', deps);
}

export type Rating = { solved: boolean /** 5 very satisfied … 1 very dissatisfied (好差评) */; satisfied: number };

/**
 * Whether it helped, and how satisfied the citizen is: two questions. Dissatisfaction opens it once more, for a supervisor;
 * after that the second answer stands.
 * @throws UserError 409 for one that nobody has answered, or that was rated
 */
export async function rate(
  tx: Tx,
  { id, solved, satisfied, at }: Rating & { id: string; at: Date },
  deps: ServiceDeps,
): Promise<QuestionRow> {
  const asked = await lockMerged(tx, id);
  if (asked.status === 'open' || asked.answered_at === null)
    throw new UserError(409, 'not-answered', `提问 ${asked.number} 还没有办结，办结后再请您评价`);
  if (asked.rated_at !== null) throw new UserError(409, 'rated', `提问 ${asked.number} 您已经评价过了`);
  const again = (!solved || satisfied <= 2) && !asked.reopened;
  const words = `市民评价：${solved ? '解决了' : '没解决'}，${levels[satisfied - 1]}`;
  await addMessage(tx, { questionId: asked.id, at, kind: 'event', text: words }, deps);
  await tx.query(
    `UPDATE questions SET solved = $2, satisfied = $3, rated_at = CASE WHEN $4 THEN NULL ELSE $5::timestamptz END,
            version = version + 1, status = 'closed', closed_at = coalesce(closed_at, $5), last_at = $5 WHERE id = $1`,
    [asked.id, solved, satisfied, again, at],
  );
  if (again) {
    await openAgain(tx, asked, at, deps);
    await tx.query(
      'UPDATE questions SET reopened = true, escalated_at = $2, assignee_id = NULL, waiting_since = $2 WHERE id = $1',
      [asked.id, at],
    );
  }
  return told(tx, asked, 'rated', deps);
}

/** The five levels of 好差评, worst first. */
export const levels = ['非常不满意', '不满意', '基本满意', '满意', '非常满意'] as const;

/** Back with whoever had it; the clock starts anew. */
async function openAgain(tx: Tx, { id, organisation_id }: QuestionRow, at: Date, deps: ServiceDeps): Promise<void> {
  if (organisation_id !== null) return dispatch(tx, deps, { id, organisationId: organisation_id, at });
  await tx.query(`UPDATE questions SET status = 'open', answered_at = NULL, closed_at = NULL WHERE id = $1`, [id]);
}

/** What is said about a question that was merged belongs to the one it was merged into. */
async function lockMerged(tx: Tx, id: string): Promise<QuestionRow> {
  const asked = (await lockQuestion(tx, id))!;
  return asked.merged_into === null ? asked : lockMerged(tx, asked.merged_into);
}

async function told(tx: Tx, before: QuestionRow, event: string, deps: ServiceDeps): Promise<QuestionRow> {
  const now = (await questionById(tx, before.id))!;
  await tell(tx, deps, now, event);
  return now;
}
