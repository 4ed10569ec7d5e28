import type { ServiceDeps } from '../../dialogue/service';
import type { Tx } from '../../platform/database';
import { guarded } from './wording';

export type NewMessage = {
  questionId: string;
  at: Date;
  kind: 'citizen' | 'answer' | 'note' | 'event';
  text: string;
  staffId?: number;
  deliveryId?: string;
  key?: string;
};

/** One more line of a question's thread. @returns its id */
export async function addMessage(
  tx: Tx,
  { questionId, at, kind, text, staffId, deliveryId, key }: NewMessage,
  { encryption }: Pick<ServiceDeps, 'encryption'>,
): Promise<string> {
  const words = guarded(text, encryption);
  const [row] = await tx.query<{ id: string }>(
    `INSERT INTO question_messages (question_id, at, kind, staff_id, text, text_sealed, delivery_id, key)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id::text`,
    [questionId, at, kind, staffId ?? null, words.text, words.sealed, deliveryId ?? null, key ?? null],
  );
  return row!.id;
}

/** What an earlier request with this key has made. */
export async function messageOf(
  tx: Tx,
  questionId: string,
  key: string,
): Promise<{ id: string; delivery_id: string | null } | undefined> {
  const [row] = await tx.query<{ id: string; delivery_id: string | null }>(
    'SELECT id::text, delivery_id::text FROM question_messages WHERE question_id = $1 AND key = $2',
    [questionId, key],
  );
  return row;
}
