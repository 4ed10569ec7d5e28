import type { z } from 'zod';
import { hasNoticeTemplate } from '../../delivery/notice-templates';
import type { Session } from '../../delivery/windows';
import type { ServiceDeps } from '../../dialogue/service';
import type { Staff } from '../../people/staff';
import { answerNotice } from './answer';
import { draftOf, markRead, othersAt, seen } from './beside';
import type { message, thread } from './contract';
import { imagesOf } from './images';
import { jointOf } from './joint-departments';
import { limitsOf } from './limits';
import { show } from './queues';
import { claimable } from './routing';
import { likes, seenWhere, sees, sightOf } from './scope';
import { suggestionsFor } from './suggestions';
import type { QuestionRow } from './tables';
import { excerpt } from './wording';

const messagesShown = 200;
const historyShown = 10;

/** One question with all that whoever answers it wants to have before them. Opening it makes it read. */
export async function readQuestion(id: string, caller: Staff, deps: ServiceDeps): Promise<z.input<typeof thread>> {
  const question = await seen(deps.db, id, caller);
  await markRead(question, deps);
  const [messages, window, draft, others, history, suggestions, mergedInto] = await Promise.all([
    messagesOf(question, deps),
    windowOf(question, deps),
    draftOf(id, caller, deps),
    othersAt(id, caller, deps),
    historyOf(question, caller, deps),
    suggestionsFor(question, caller, deps),
    mergedOf(question, deps),
  ]);
  const { latitude, longitude, place: label } = question;
  const { bounces, extensionDays } = limitsOf(deps.settings);
  return {
    ...show({ ...question, unread: 0 }, deps.clock.now()),
    text: question.text,
    personal: question.text_sealed !== null,
    version: question.version,
    publishable: question.publishable,
    place: label === null ? null : { label, latitude, longitude },
    grade: question.grade,
    extendedUntil: question.extended_until?.toISOString() ?? null,
    mergedInto,
    messages,
    window,
    noticed: hasNoticeTemplate(deps.accounts.byId(question.account_id), answerNotice),
    limits: { bounces, extensionDays },
    draft,
    others,
    history,
    suggestions,
    joint: await jointOf(deps.db, id),
    claimable: await claimable(deps.db, question, caller),
    leading: sees(sightOf(caller), question),
  };
}

async function messagesOf({ id }: QuestionRow, { db }: ServiceDeps): Promise<z.input<typeof message>[]> {
  const rows = await db.query<MessageRow>(
    `SELECT m.id::text, m.at, m.kind, s.name AS staff, m.text, m.text_sealed IS NOT NULL AS personal,
            m.delivery_id::text AS delivery_id, d.status, d.reason
       FROM question_messages m LEFT JOIN staff s ON s.id = m.staff_id LEFT JOIN deliveries d ON d.id = m.delivery_id
      WHERE m.question_id = $1 ORDER BY m.id DESC LIMIT $2`,
    [id, messagesShown],
  );
  const pictures = await imagesOf(db, id, (image) => `/api/console/services/questions/${id}/images/${image}`);
  return rows.reverse().map(({ at, status, reason, delivery_id, ...row }) => ({
    ...row,
    ...pictures(row.id),
    at: at.toISOString(),
    deliveryId: delivery_id,
    fate: status === null ? null : { status, reason },
  }));
}

type MessageRow = {
  id: string;
  at: Date;
  kind: 'citizen' | 'answer' | 'note' | 'event';
  staff: string | null;
  text: string;
  personal: boolean;
  delivery_id: string | null;
  status: string | null;
  reason: string | null;
};

/** How long, and for how many messages, the citizen can still be written to directly. */
async function windowOf({ account_id, openid }: QuestionRow, { db, clock }: ServiceDeps) {
  const [session] = await db.query<Session>(
    'SELECT message_until, message_left, tap_until, tap_left FROM sessions WHERE account_id = $1 AND openid = $2',
    [account_id, openid],
  );
  const now = clock.now();
  const windows = session
    ? [
        { until: session.message_until, left: session.message_left },
        { until: session.tap_until, left: session.tap_left },
      ]
    : [];
  // A tap opens one of a minute beside that of two days: how many are left is told of the one whose end is told.
  const [last] = windows
    .filter(({ until, left }) => until && until > now && left > 0)
    .sort((one, other) => other.until!.getTime() - one.until!.getTime());
  return last ? { until: last.until!.toISOString(), left: last.left } : null;
}

/** What else the same citizen has asked, as far as the caller may see it. */
async function historyOf(question: QuestionRow, caller: Staff, { db }: ServiceDeps) {
  const sight = likes(sightOf(caller));
  const rows = await db.query<Pick<QuestionRow, 'id' | 'number' | 'status' | 'asked_at' | 'text'>>(
    `SELECT q.id::text, q.number, q.status, q.asked_at, q.text FROM questions q
       JOIN accounts a ON a.id = q.account_id JOIN organisations ao ON ao.id = a.organisation_id
       LEFT JOIN organisations o ON o.id = q.organisation_id
      WHERE q.account_id = $1 AND q.openid = $2 AND q.id <> $3 AND ${seenWhere(4)} ORDER BY q.id DESC LIMIT $6`,
    [question.account_id, question.openid, question.id, sight.departments, sight.undispatched, historyShown],
  );
  return rows.map(({ id, number, status, asked_at, text }) => ({
    id,
    number,
    status,
    askedAt: asked_at.toISOString(),
    excerpt: excerpt(text),
  }));
}

async function mergedOf({ merged_into }: QuestionRow, { db }: ServiceDeps) {
  if (merged_into === null) return null;
  const [row] = await db.query<{ id: string; number: string }>('SELECT id::text, number FROM questions WHERE id = $1', [
    merged_into,
  ]);
  return row ?? null;
}
