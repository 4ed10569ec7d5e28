import type { Queryable } from '../../platform/database';
import type { Live } from '../../platform/live';
import { questionById } from './tables';
import { tell } from './tell';

/** What became of an answer: pages that show its question look again. */
export async function tellFate(on: Queryable, deliveryId: string, deps: { live: Live }): Promise<void> {
  const [answer] = await on.query<{ question_id: string }>(
    'SELECT question_id::text FROM question_messages WHERE delivery_id = $1',
    [deliveryId],
  );
  const question = answer && (await questionById(on, answer.question_id));
  if (question) await tell(on, deps, question, 'fate');
}
