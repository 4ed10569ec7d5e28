import type { Queryable } from '../../platform/database';

/** A question with what is needed to show it and to say whose it is. */
export type QuestionRow = {
  id: string;
  number: string;
  account_id: number;
  openid: string;
  organisation_id: number | null;
  assignee_id: number | null;
  status: 'open' | 'answered' | 'closed';
  text: string;
  text_sealed: string | null;
  publishable: boolean;
  latitude: number | null;
  longitude: number | null;
  place: string | null;
  asked_at: Date;
  dispatched_at: Date | null;
  first_replied_at: Date | null;
  answered_at: Date | null;
  closed_at: Date | null;
  last_at: Date;
  waiting_since: Date | null;
  unread: number;
  images: number;
  version: number;
  priority: number;
  snoozed_until: Date | null;
  grade: 'simple' | 'ordinary' | 'complex';
  cycle: number;
  first_due_at: Date | null;
  due_at: Date | null;
  paused_at: Date | null;
  paused_minutes: number;
  extended_until: Date | null;
  bounced: number;
  escalated_at: Date | null;
  reopened: boolean;
  solved: boolean | null;
  satisfied: number | null;
  rated_at: Date | null;
  merged_into: string | null;
  // of the rows it belongs to
  organisation_title: string | null;
  organisation_path: string | null;
  assignee_name: string | null;
  /** of the organisation whose the account is: whoever dispatches there sees what is with no department yet */
  account_organisation_id: number;
  account_path: string;
  /** of departments that help (协办): while it is not closed, since then nothing is left to help with */
  helper_paths: string[];
  /** the due time that counts now, null while none does */
  next_due_at: Date | null;
};

/** SELECT of whole rows; the caller adds what it is about. Nothing in it takes a parameter. */
export const selectQuestions = `
  SELECT q.id::text, q.number, q.account_id, q.openid, q.organisation_id, q.assignee_id, q.status, q.text, q.text_sealed,
         q.publishable, q.latitude, q.longitude, q.place, q.asked_at, q.dispatched_at, q.first_replied_at, q.answered_at,
         q.closed_at, q.last_at, q.waiting_since, q.unread, q.images, q.version, q.priority, q.snoozed_until, q.grade, q.cycle,
         q.first_due_at, q.due_at, q.paused_at, q.paused_minutes, q.extended_until, q.bounced, q.escalated_at, q.reopened,
         q.solved, q.satisfied, q.rated_at, q.merged_into::text, o.title AS organisation_title, o.path AS organisation_path,
         s.name AS assignee_name, ao.id AS account_organisation_id, ao.path AS account_path,
         ARRAY(SELECT ho.path FROM question_helpers h JOIN organisations ho ON ho.id = h.organisation_id
                WHERE h.question_id = q.id AND h.ended_at IS NULL AND q.status <> 'closed')::text[] AS helper_paths,
         nullif(q.next_due_at, 'infinity') AS next_due_at
    FROM questions q
    JOIN accounts a ON a.id = q.account_id
    JOIN organisations ao ON ao.id = a.organisation_id
    LEFT JOIN organisations o ON o.id = q.organisation_id
    LEFT JOIN staff s ON s.id = q.assignee_id`;

const selectOne = `${selectQuestions} WHERE q.id = $1`;

export async function questionById(on: Queryable, id: string): Promise<QuestionRow | undefined> {
  const [row] = await on.named<QuestionRow>('questions-one', selectOne, [id]);
  return row;
}

/** Whoever changes a question holds it first, so that what they have read still holds when they write. */
export async function lockQuestion(on: Queryable, id: string): Promise<QuestionRow | undefined> {
  const [locked] = await on.query('SELECT 1 FROM questions WHERE id = $1 FOR UPDATE', [id]);
  return locked && questionById(on, id);
}
