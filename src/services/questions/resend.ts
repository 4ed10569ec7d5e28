import type { ServiceDeps } from '../../dialogue/service';
import { notFound } from '../../platform/errors';
import { type Act, change } from './change';

/**
 * An answer that has not arrived leaves once more. Delivery decides by its row, held to the end of this transaction: what has
 * arrived, is on its way, or was sent again a moment ago is refused.
 * @throws UserError 404 for what is no answer of this question, 409
 */
export function resendAnswer(act: Act, messageId: string, deps: ServiceDeps) {
  return change(act, deps, async ({ tx, question }) => {
    const [message] = await tx.query<{ delivery_id: string | null }>(
      `SELECT delivery_id::text FROM question_messages WHERE id = $1 AND question_id = $2 AND kind = 'answer'`,
      [messageId, question.id],
    );
    if (!message?.delivery_id) throw notFound('这条答复');
    await deps.delivery.resend(message.delivery_id, tx);
    const detail = { messageId, deliveryId: message.delivery_id };
    return { value: undefined, detail, line: '把没有送到的答复再发一次' };
  });
}
