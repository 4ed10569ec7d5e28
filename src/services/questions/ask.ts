import type { ServiceDeps } from '../../dialogue/service';
import { shanghai } from '../../platform/clock';
import type { Tx } from '../../platform/database';
import { UserError } from '../../platform/errors';
import { giveOut } from './assignment';
import { departmentByRules, dispatch } from './dispatch';
import { addImages, citizenOwner, type Picture } from './images';
import { limitsOf } from './limits';
import { addMessage } from './messages';
import { type QuestionRow, questionById } from './tables';
import { tell } from './tell';
import { guarded, labelOf } from './wording';
import { termsOf } from './words';

/** Where it is about: in words, as a point on the map, or both. */
export type NewPlace = { label: string; latitude?: number; longitude?: number };

export type NewQuestion = {
  accountId: number;
  openid: string;
  /** null: the citizen does not know whom to ask */
  organisationId: number | null;
  text: string;
  publishable: boolean;
  at: Date;
  place?: NewPlace;
  pictures?: readonly Picture[];
  /** the page's own, so that a form sent twice asks once */
  key?: string;
};

/**
 * A citizen asks. It goes to the department they named, or where a rule sends it, or to the dispatcher.
 * @throws UserError 429 when they have asked often enough today
 */
export async function ask(tx: Tx, question: NewQuestion, deps: ServiceDeps): Promise<QuestionRow> {
  const { accountId, openid, at, place, key, pictures = [] } = question;
  await takeTurn(tx, openid);
  const earlier = key && (await askedWith(tx, question));
  if (earlier) return earlier;
  if ((await leftToday(tx, question, deps)) === 0) throw new UserError(429, 'too-many', tooMany(deps));
  const { id, text } = await store(tx, question, deps);
  const messageId = await addMessage(tx, { questionId: id, at, kind: 'citizen', text: question.text, key }, deps);
  await addImages(tx, { questionId: id, messageId, at }, { pictures, owner: citizenOwner(question) }, deps);
  const organisationId = question.organisationId ?? (await departmentByRules(tx, accountId, text, place?.label));
  if (organisationId !== undefined) {
    await dispatch(tx, deps, { id, organisationId, at });
    await giveOut(tx, { id, organisationId, at }, deps);
  }
  const asked = (await questionById(tx, id))!;
  await tell(tx, deps, asked, 'asked');
  return asked;
}

/** @returns its id, and the words as they may be read */
async function store(
  tx: Tx,
  { accountId, openid, publishable, at, place, ...question }: NewQuestion,
  { encryption }: ServiceDeps,
): Promise<{ id: string; text: string }> {
  const { text, sealed } = guarded(question.text, encryption);
  const [stored] = await tx.query<{ id: string }>(
    `INSERT INTO questions (number, account_id, openid, text, text_sealed, publishable, latitude, longitude, place,
                            asked_at, last_at, waiting_since, unread, search)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $10, 1, array_to_tsvector($11::text[])) RETURNING id::text`,
    [
      await nextNumber(tx, at),
      accountId,
      openid,
      text,
      sealed,
      publishable,
      place?.latitude ?? null,
      place?.longitude ?? null,
      place ? labelOf(place) : null,
      at,
      termsOf(text),
    ],
  );
  return { id: stored!.id, text };
}

/** How many more a citizen may ask today. */
export async function leftToday(
  on: Pick<Tx, 'query'>,
  { accountId, openid, at }: Pick<NewQuestion, 'accountId' | 'openid' | 'at'>,
  { settings }: Pick<ServiceDeps, 'settings'>,
): Promise<number> {
  const { perDay } = limitsOf(settings);
  const [row] = await on.query<{ asked: number }>(
    `SELECT count(*)::int AS asked FROM (
       SELECT asked_at FROM questions WHERE account_id = $1 AND openid = $2 ORDER BY id DESC LIMIT $3) latest
      WHERE asked_at >= $4`,
    [accountId, openid, perDay, new Date(`${shanghai(at).slice(0, 10)}T00:00:00+08:00`)],
  );
  return Math.max(0, perDay - row!.asked);
}

export const tooMany = ({ settings }: Pick<ServiceDeps, 'settings'>) =>
  `每天最多提 ${limitsOf(settings).perDay} 个问题，今天的已经用完，请明天再来。急事请打 12345。`;

/** One citizen's questions are counted one after another, whichever way they come. */
const takeTurn = (tx: Tx, openid: string) => tx.query('SELECT pg_advisory_xact_lock(7269020, hashtext($1))', [openid]);

/** Of the last few: who sends a form again does it at once. */
async function askedWith(tx: Tx, { accountId, openid, key }: NewQuestion): Promise<QuestionRow | undefined> {
  const [earlier] = await tx.query<{ id: string }>(
    `SELECT q.id::text FROM (SELECT id FROM questions WHERE account_id = $1 AND openid = $2 ORDER BY id DESC LIMIT 10) q
      WHERE EXISTS (SELECT 1 FROM question_messages m WHERE m.question_id = q.id AND m.key = $3)`,
    [accountId, openid, key],
  );
  return earlier && questionById(tx, earlier.id);
}

/** `Q2611240001`: the day in Asia/Shanghai and the question's place in it. */
async function nextNumber(tx: Tx, at: Date): Promise<string> {
  const day = shanghai(at).slice(0, 10);
  const [row] = await tx.query<{ last: number }>(
    `INSERT INTO question_numbers AS n (day, last) VALUES ($1, 1)
     ON CONFLICT (day) DO UPDATE SET last = n.last + 1 RETURNING last`,
    [day],
  );
  return `Q${day.slice(2).replaceAll('-', '')}${String(row!.last).padStart(4, '0')}`;
}
