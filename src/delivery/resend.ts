import type { Queryable } from '../platform/database';
import { notFound, UserError } from '../platform/errors';
import { wakeRunner } from './enqueue';
import { type DeliveryDeps, type Row, updated } from './row';
import { giveUpMillis, later } from './schedule';

/**
 * Sends a delivery again that has not arrived, by decision of a person: with all channels open, as if it were new.
 * @throws UserError 404; 409 for one that has arrived or is on its way
 */
export async function resend(on: Queryable, id: string, { clock }: Pick<DeliveryDeps, 'clock'>): Promise<void> {
  const now = clock.now();
  const [again] = await on.query<Row>(
    updated(`SET status = 'queued', next_at = $2, give_up_at = $3, not_before = NULL, expires_at = NULL, attempts = 0, tried = '{}',
      unsure = false, client_msg_id = NULL, client_msg_at = NULL, msg_id = NULL, receipt = NULL, reserved = NULL, reserved_until = NULL,
      sent_at = NULL, finished_at = NULL, waiting_at = NULL, reason_code = NULL, reason = NULL
      WHERE id = $1 AND (status IN ('failed', 'waiting') OR (status = 'sent' AND reason_code = 'unconfirmed'))`),
    [id, now, later(now, giveUpMillis)],
  );
  if (again) return wakeRunner(on, { accountId: again.account_id, openid: again.openid });
  const [row] = await on.query<Row>('SELECT * FROM deliveries WHERE id = $1', [id]);
  if (!row) throw notFound(`消息 ${id}`);
  throw new UserError(409, 'not-resendable', '这条消息已送达或正在发送，不能再发');
}
