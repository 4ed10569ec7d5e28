import type { ServiceDeps } from '../../dialogue/service';
import type { Queryable, Tx } from '../../platform/database';
import { UserError } from '../../platform/errors';
import { dispatch } from './dispatch';
import { addMessage, messageOf } from './messages';
import { notifyStaff } from './notify';
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

/** The last one that is resolved and was not rated, or of whose rating one half is missing; or this one, if it is theirs. */
export async function toRate(on: Queryable, who: Citizen, id?: string): Promise<QuestionRow | undefined> {
  const latest = await questionsOf(on, who, { limit: 10 });
  return latest.find((one) => (id === undefined ? mayRate(one) : one.id === id));
}

export const mayRate = (one: QuestionRow): boolean =>
  one.merged_into === null && (ratingBegun(one) || (one.answered_at !== null && one.rated_at === null));

/** Said whether it helped, not yet whether they are satisfied, or the other way round. */
export const ratingBegun = ({ rated_at, solved, satisfied }: QuestionRow): boolean =>
  rated_at !== null && (solved === null || satisfied === null);

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
  await notifyStaff(tx, deps, [{ id: asked.id, event: 'supplemented' }]);
  return told(tx, asked, 'supplemented', deps);
}

/** Back with whoever had it; the clock starts anew. */
export async function openAgain(
  tx: Tx,
  { id, organisation_id }: QuestionRow,
  at: Date,
  deps: ServiceDeps,
): Promise<void> {
  if (organisation_id !== null) return dispatch(tx, deps, { id, organisationId: organisation_id, at });
  await tx.query(`UPDATE questions SET status = 'open', answered_at = NULL, closed_at = NULL WHERE id = $1`, [id]);
}

/** What is said about a question that was merged belongs to the one it was merged into. */
export async function lockMerged(tx: Tx, id: string): Promise<QuestionRow> {
  const asked = (await lockQuestion(tx, id))!;
  return asked.merged_into === null ? asked : lockMerged(tx, asked.merged_into);
}

export async function told(tx: Tx, before: QuestionRow, event: string, deps: ServiceDeps): Promise<QuestionRow> {
  const now = (await questionById(tx, before.id))!;
  await tell(tx, deps, now, event);
  return now;
}
