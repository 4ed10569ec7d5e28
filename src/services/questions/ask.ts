import type { ServiceDeps } from '../../dialogue/service';
import { shanghai } from '../../platform/clock';
import type { Tx } from '../../platform/database';
import { UserError } from '../../platform/errors';
import { giveOut } from './assignment';
import { departmentByRules, dispatch } from './dispatch';
import { addImages, citizenOwner, type Picture } from './images';
import { limitsOf } from './limits';
import { addMessage, messageOf } from './messages';
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
  const { accountId, openid, at } = question;
  await takeTurn(tx, openid);
  const earlier = question.key && (await askedWith(tx, question));
  if (earlier) return earlier;
  const left = await leftToday(tx, question, deps);
  if (left === 0) throw new UserError(429, 'too-many', tooMany(deps));
  const { text, sealed } = guarded(question.text, deps.encryption);
  const [{ id } = { id: '' }] = await tx.query<{ id: string }>(
    `INSERT INTO questions (number, account_id, openid, text, text_sealed, publishable, latitude, longitude, place,
                            asked_at, last_at, waiting_since, unread, search)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $10, 1, array_to_tsvector($11::text[])) RETURNING id::text`,
    [
      await nextNumber(tx, at),
      accountId,
      openid,
      text,
      sealed,
      question.publishable,
      question.place?.latitude ?? null,
      question.place?.longitude ?? null,
      question.place ? labelOf(question.place) : null,
      at,
      termsOf(text),
    ],
  );
  const { pictures = [], key } = question;
  const messageId = await addMessage(tx, { questionId: id, at, kind: 'citizen', text: question.text, key }, deps);
  await addImages(tx, { questionId: id, messageId, at }, { pictures, owner: citizenOwner(question) }, deps);
  const organisationId =
    question.organisationId ?? (await departmentByRules(tx, accountId, text, question.place?.label));
  if (organisationId !== undefined) {
    await dispatch(tx, deps, { id, organisationId, at });
    await giveOut(tx, { id, organisationId, at }, deps);
  }
  const asked = (await questionById(tx, id))!;
  await tell(tx, deps, asked, 'asked');
  return asked;
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

async function askedWith(tx: Tx, { accountId, openid, key }: NewQuestion): Promise<QuestionRow | undefined> {
  const latest = await tx.query<{ id: string }>(
    'SELECT q.id::text FROM questions q WHERE q.account_id = $1 AND q.openid = $2 ORDER BY q.id DESC LIMIT 10',
    [accountId, openid],
  );
  for (const { id } of latest) if (await messageOf(tx, id, key!)) return questionById(tx, id);
  return undefined;
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
