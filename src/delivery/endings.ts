import type { Queryable } from '../platform/database';
import type { DeliveryDeps, Row } from './row';
import { countWaiting } from './windows';

type Ending = Pick<DeliveryDeps, 'clock' | 'metrics' | 'onFate'>;

/** It arrived, as far as this channel can tell. */
export async function deliver(
  on: Queryable,
  row: Row,
  msgId: string | null,
  { clock, metrics, onFate }: Ending,
): Promise<'again'> {
  await on.query(
    `UPDATE deliveries SET status = 'delivered', msg_id = coalesce($2, msg_id), sent_at = coalesce(sent_at, $3), finished_at = $3,
       reason_code = NULL, reason = NULL, next_at = NULL, unsure = false WHERE id = $1`,
    [row.id, msgId, clock.now()],
  );
  metrics.deliveries.inc({ channel: row.channel ?? 'none', status: 'delivered' });
  await onFate(on, row.id);
  return 'again';
}

/** The platform has it; its receipt is to come. */
export async function markSent(
  on: Queryable,
  row: Row,
  msgId: string | null,
  { clock, metrics, onFate }: Ending,
): Promise<'again'> {
  await on.query(
    `UPDATE deliveries SET status = 'sent', msg_id = $2, sent_at = $3, reason_code = NULL, reason = NULL, next_at = NULL, unsure = false
     WHERE id = $1`,
    [row.id, msgId, clock.now()],
  );
  metrics.deliveries.inc({ channel: row.channel ?? 'none', status: 'sent' });
  await onFate(on, row.id);
  return 'again';
}

/**
 * No answer came, and asking again could send it twice. It counts as sent and says that nobody knows; staff may send it
 * again by hand. After three days without a receipt it has failed.
 */
export async function markUnconfirmed(on: Queryable, row: Row, { clock, metrics, onFate }: Ending): Promise<'again'> {
  await on.query(
    `UPDATE deliveries SET status = 'sent', reason_code = 'unconfirmed', reason = $2, sent_at = coalesce(sending_at, $3), next_at = NULL
     WHERE id = $1`,
    [row.id, '已交给微信，但没有得到应答，无法确认市民是否收到；为免重复，不会自动再发', clock.now()],
  );
  metrics.deliveries.inc({ channel: row.channel ?? 'none', status: 'unconfirmed' });
  await onFate(on, row.id);
  return 'again';
}

export async function fail(
  on: Queryable,
  row: Row,
  code: string,
  reason: string,
  { clock, metrics, onFate }: Ending,
): Promise<'again'> {
  await on.query(
    `UPDATE deliveries SET status = 'failed', reason_code = $2, reason = $3, finished_at = $4, next_at = NULL, unsure = false WHERE id = $1`,
    [row.id, code, reason, clock.now()],
  );
  metrics.deliveries.inc({ channel: row.channel ?? 'none', status: 'failed' });
  await onFate(on, row.id);
  return 'again';
}

/** Kept for the citizen's next contact; where `until` is given, tried again then even without one. */
export async function wait(
  on: Queryable,
  row: Row,
  until: Date | null,
  { clock, metrics, onFate }: Ending,
): Promise<'again'> {
  const now = clock.now();
  await on.query(
    `UPDATE deliveries SET status = 'waiting', waiting_at = $2, next_at = $3, reserved = NULL, reserved_until = NULL,
       reason_code = coalesce(reason_code, 'no-channel'), reason = coalesce(reason, $4) WHERE id = $1`,
    [row.id, now, until, '现在没有可用的发送渠道，市民下次联系公众号时送达'],
  );
  await countWaiting(on, { accountId: row.account_id, openid: row.openid }, now);
  metrics.deliveries.inc({ channel: row.channel ?? 'none', status: 'waiting' });
  await onFate(on, row.id);
  return 'again';
}
