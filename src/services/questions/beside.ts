import type { ServiceDeps } from '../../dialogue/service';
import type { Staff } from '../../people/staff';
import type { Queryable } from '../../platform/database';
import { notFound } from '../../platform/errors';
import { type Act, change } from './change';
import { staffOwner } from './images';
import { helps, sees, sightOf } from './scope';
import { type QuestionRow, questionById } from './tables';
import { tell } from './tell';
import { opened } from './wording';

/** What somebody sees of a question without changing it. @throws UserError 404 */
export async function seen(on: Queryable, id: string, caller: Staff): Promise<QuestionRow> {
  const question = await questionById(on, id);
  if (!question || !(sees(sightOf(caller), question) || helps(caller, question))) throw notFound('这个提问');
  return question;
}

export type Draft = { text: string; images: string[] };

/** What somebody has begun to write, and the pictures chosen for it. */
export async function keepDraft(id: string, { text, images }: Draft, caller: Staff, deps: ServiceDeps): Promise<void> {
  const question = await seen(deps.db, id, caller);
  if (text.trim() === '' && images.length === 0) {
    await deps.db.query('DELETE FROM question_drafts WHERE question_id = $1 AND staff_id = $2', [id, caller.id]);
    return;
  }
  await deps.db.query(
    `INSERT INTO question_drafts (question_id, staff_id, text, images, at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (question_id, staff_id) DO UPDATE SET text = excluded.text, images = excluded.images, at = excluded.at`,
    [question.id, caller.id, deps.encryption.seal(text), images, deps.clock.now()],
  );
}

/** Without the pictures that are no longer there: what is not sent within a day is swept. */
export async function draftOf(
  id: string,
  caller: Staff,
  { db, encryption, files }: ServiceDeps,
): Promise<Draft | null> {
  const [draft] = await db.query<Draft>(
    'SELECT text, images FROM question_drafts WHERE question_id = $1 AND staff_id = $2',
    [id, caller.id],
  );
  if (!draft) return null;
  const images = await files.waiting(db, draft.images, staffOwner(caller));
  return { text: encryption.open(draft.text), images };
}

/** Somebody who has not been heard of for so long is not there any more. */
const presentMillis = 45_000;

/** One looks at one question at a time. Colleagues are told when it is news to them. */
export async function present(id: string, doing: 'viewing' | 'typing', caller: Staff, deps: ServiceDeps) {
  const question = await seen(deps.db, id, caller);
  const now = deps.clock.now();
  await deps.db.transaction(async (tx) => {
    const [known] = await tx.query<{ id: string; doing: string; at: Date }>(
      'SELECT question_id::text AS id, doing, at FROM question_presence WHERE staff_id = $1',
      [caller.id],
    );
    await tx.query(
      `INSERT INTO question_presence (staff_id, question_id, doing, at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (staff_id) DO UPDATE SET question_id = excluded.question_id, doing = excluded.doing, at = excluded.at`,
      [caller.id, id, doing, now],
    );
    await tx.query('UPDATE staff_duty SET last_seen_at = $2 WHERE staff_id = $1', [caller.id, now]);
    const news =
      known?.id !== question.id || known.doing !== doing || known.at.getTime() < now.getTime() - presentMillis;
    if (news) await tell(tx, deps, question, 'presence');
  });
}

export async function othersAt(id: string, caller: Staff, { db, clock }: ServiceDeps) {
  return db.query<{ name: string; doing: 'viewing' | 'typing' }>(
    `SELECT s.name, p.doing FROM question_presence p JOIN staff s ON s.id = p.staff_id
      WHERE p.question_id = $1 AND p.staff_id <> $2 AND p.at > $3 ORDER BY p.at LIMIT 20`,
    [id, caller.id, new Date(clock.millis() - presentMillis)],
  );
}

/** Somebody has looked: nothing is unread any more. */
export async function markRead(question: QuestionRow, deps: ServiceDeps): Promise<void> {
  if (question.unread === 0) return;
  await deps.db.transaction(async (tx) => {
    const cleared = await tx.query(
      'WITH u AS (UPDATE questions SET unread = 0 WHERE id = $1 AND version = $2 RETURNING id) SELECT id FROM u',
      [question.id, question.version],
    );
    if (cleared.length > 0) await tell(tx, deps, question, 'read');
  });
}

/** Everything in the clear, with the reason in the audit trail. */
export async function reveal(act: Act, reason: string, deps: ServiceDeps) {
  const { value } = await change(act, deps, async ({ tx, question }) => {
    const rows = await tx.query<{ kind: string; text: string; text_sealed: string | null }>(
      `SELECT kind, text, text_sealed FROM question_messages
        WHERE question_id = $1 AND text_sealed IS NOT NULL ORDER BY id DESC LIMIT 200`,
      [question.id],
    );
    const bubbles = rows.reverse().map((row) => ({
      from: row.kind === 'citizen' ? ('citizen' as const) : ('account' as const),
      text: opened(row, deps.encryption),
    }));
    return { value: { openid: question.openid, bubbles }, detail: { reason }, line: '查看了原文' };
  });
  return value;
}
