import type { ServiceDeps } from '../../dialogue/service';
import type { Queryable, Tx } from '../../platform/database';
import { UserError } from '../../platform/errors';
import type { NewPlace } from './ask';
import { dispatch } from './dispatch';
import { addImages, citizenOwner, mostPhotos, mustHaveRoom, type Picture } from './images';
import { addMessage, messageOf } from './messages';
import { notifyStaff } from './notify';
import { lockQuestion, type QuestionRow, questionById, selectQuestions } from './tables';
import { tell } from './tell';
import { labelOf } from './wording';

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

export type More = {
  id: string;
  text: string;
  pictures?: readonly Picture[];
  place?: NewPlace;
  key?: string;
  at: Date;
};

/**
 * More about a question: words, pictures, the place. One that was answered is open again by that, and its clock starts anew.
 * @throws UserError 409 for one that is closed, or has as many pictures as it may
 */
export async function supplement(tx: Tx, more: More, deps: ServiceDeps): Promise<QuestionRow> {
  const { id, pictures = [], place, key, at } = more;
  const asked = await lockMerged(tx, id);
  if (key && (await messageOf(tx, asked.id, key))) return asked;
  if (asked.status === 'closed')
    throw new UserError(409, 'closed', `提问 ${asked.number} 已经结束，有新的问题请重新提问`);
  await mustHaveRoom(tx, asked.id, pictures.length, deps);
  const text = more.text || (place ? `位置：${labelOf(place)}` : '');
  const messageId =
    (text === '' ? await roomInLast(tx, asked.id, { at, more: pictures.length }) : undefined) ??
    (await addMessage(tx, { questionId: asked.id, at, kind: 'citizen', text, key }, deps));
  await addImages(tx, { questionId: asked.id, messageId, at }, { pictures, owner: citizenOwner(ownerOf(asked)) }, deps);
  if (place)
    await tx.query('UPDATE questions SET place = $2, latitude = $3, longitude = $4 WHERE id = $1', [
      asked.id,
      labelOf(place),
      place.latitude ?? null,
      place.longitude ?? null,
    ]);
  await tx.query(
    `UPDATE questions SET last_at = $2, version = version + 1, unread = unread + 1,
            waiting_since = coalesce(waiting_since, $2), snoozed_until = NULL WHERE id = $1`,
    [asked.id, at],
  );
  if (asked.status === 'answered') await openAgain(tx, asked, at, deps);
  await notifyStaff(tx, deps, [{ id: asked.id, event: 'supplemented' }]);
  return told(tx, asked, 'supplemented', deps);
}

/** Photos that a phone sends one after another are one message, as they were when they were chosen. */
const togetherMillis = 2 * 60_000;

async function roomInLast(
  tx: Tx,
  questionId: string,
  { at, more }: { at: Date; more: number },
): Promise<string | undefined> {
  const [last] = await tx.query<{ id: string; kind: string; text: string; at: Date; images: number }>(
    `SELECT m.id::text, m.kind, m.text, m.at, (SELECT count(*)::int FROM question_images i WHERE i.message_id = m.id) AS images
       FROM question_messages m WHERE m.question_id = $1 ORDER BY m.id DESC LIMIT 1`,
    [questionId],
  );
  const fits = last?.kind === 'citizen' && last.text === '' && last.images + more <= mostPhotos;
  return fits && at.getTime() - last.at.getTime() <= togetherMillis ? last.id : undefined;
}

const ownerOf = ({ account_id, openid }: QuestionRow): Citizen => ({ accountId: account_id, openid });

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
  await tell(tx, deps, now, event, before);
  return now;
}
