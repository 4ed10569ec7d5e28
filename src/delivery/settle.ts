import type { Tx } from '../platform/database';
import { takeTurn } from './claim';
import { deliver, fail, markSent, markUnconfirmed } from './endings';
import type { Channel, SendOutcome } from './port';
import type { DeliveryDeps, Row } from './row';
import { later, mostAttempts, pausedMillis, retryMillis, unsureMillis } from './schedule';
import { closeWindows, giveBack, lockSession } from './windows';

type Refusal = Exclude<SendOutcome, { outcome: 'accepted' }>;

/** Stores how a send ended, and when the delivery is to be looked at next. */
export function settle(claimed: Row, outcome: SendOutcome, deps: DeliveryDeps): Promise<void> {
  return deps.db.transaction(async (tx) => {
    const citizen = { accountId: claimed.account_id, openid: claimed.openid };
    await takeTurn(tx, citizen);
    await lockSession(tx, citizen);
    const [row] = await tx.query<Row>('SELECT * FROM deliveries WHERE id = $1 FOR UPDATE', [claimed.id]);
    if (row) await apply(tx, row, claimed, outcome, deps);
  });
}

async function apply(tx: Tx, row: Row, claimed: Row, outcome: SendOutcome, deps: DeliveryDeps): Promise<unknown> {
  if (row.status !== 'sending' || row.attempts !== claimed.attempts) return overtaken(tx, row, outcome, deps);
  if (outcome.outcome === 'accepted') return accepted(tx, row, outcome.msgId, deps);
  const { code, reason } = outcome;
  switch (outcome.outcome) {
    case 'window':
    case 'count':
      // Its place was none; the next look finds the windows closed and takes another channel.
      await closeWindows(tx, row);
      return requeue(tx, row, outcome, { at: deps.clock.now(), keepPlace: false }, deps);
    case 'nobody':
      await giveBack(tx, row);
      return fail(tx, row, code, reason, deps);
    case 'refused':
    case 'quota':
      await giveBack(tx, row);
      warn(row, outcome, deps);
      return nextChannel(tx, row, outcome, deps);
    case 'busy':
      // It may have been counted: the place is kept for the next try.
      return requeue(tx, row, outcome, { at: nextTry(row, deps), keepPlace: true }, deps);
    case 'not-sent':
      await giveBack(tx, row);
      return requeue(tx, row, outcome, { at: nextTry(row, deps), keepPlace: false }, deps);
    case 'unavailable':
      await giveBack(tx, row);
      return requeue(
        tx,
        row,
        outcome,
        { at: later(deps.clock.now(), pausedMillis), keepPlace: false, free: true },
        deps,
      );
    case 'unknown':
      return row.channel === 'custom' ? markUnconfirmed(tx, row, deps) : repeatSafely(tx, row, outcome, deps);
  }
}

function accepted(tx: Tx, row: Row, msgId: string | null, deps: DeliveryDeps): Promise<'again'> {
  if (row.channel === 'custom') return deliver(tx, row, msgId, deps);
  const { receipt } = row;
  if (!receipt || (msgId !== null && receipt.msgId !== msgId)) return markSent(tx, row, msgId, deps);
  return receipt.ok ? deliver(tx, row, receipt.msgId, deps) : fail(tx, row, receipt.code, receipt.reason, deps);
}

/** Another process took this send for lost. Only that it arrived after all still matters. */
async function overtaken(tx: Tx, row: Row, outcome: SendOutcome, deps: DeliveryDeps): Promise<void> {
  const open = row.reason_code === 'unconfirmed' || row.unsure;
  if (open && outcome.outcome === 'accepted') await accepted(tx, row, outcome.msgId, deps);
}

/** A send that may have landed is repeated while the platform still knows it. */
function nextTry(row: Row, { clock }: DeliveryDeps): Date {
  return later(clock.now(), row.unsure ? unsureMillis : retryMillis);
}

type Again = { at: Date; keepPlace: boolean /** costs no attempt */; free?: boolean };

async function requeue(
  tx: Tx,
  row: Row,
  { code, reason }: Refusal,
  { at, keepPlace, free = false }: Again,
  deps: DeliveryDeps,
): Promise<unknown> {
  const used = row.attempts - (free ? 1 : 0);
  if (used >= mostAttempts || at >= row.give_up_at) return fail(tx, row, code, `多次尝试没有成功：${reason}`, deps);
  return tx.query(
    `UPDATE deliveries SET status = 'queued', next_at = $2, attempts = $3, reason_code = $4, reason = $5,
       reserved = CASE WHEN $6 THEN reserved END, reserved_until = CASE WHEN $6 THEN reserved_until END WHERE id = $1`,
    [row.id, at, used, code, reason, keepPlace],
  );
}

function nextChannel(tx: Tx, row: Row, { outcome, code, reason }: Refusal, deps: DeliveryDeps): Promise<unknown> {
  return tx.query(
    `UPDATE deliveries SET status = 'queued', next_at = $2, tried = tried || $3::jsonb, reason_code = $4, reason = $5, unsure = false,
       client_msg_id = NULL, client_msg_at = NULL, reserved = NULL, reserved_until = NULL WHERE id = $1`,
    [row.id, deps.clock.now(), JSON.stringify({ [row.channel!]: outcome }), code, reason],
  );
}

/** With the same client_msg_id, while the platform knows it. */
function repeatSafely(tx: Tx, row: Row, { code, reason }: Refusal, deps: DeliveryDeps): Promise<unknown> {
  // A receipt that came meanwhile says how it ended.
  if (row.receipt) return accepted(tx, row, row.receipt.msgId, deps);
  return tx.query(
    `UPDATE deliveries SET status = 'queued', unsure = true, next_at = $2, reason_code = $3, reason = $4 WHERE id = $1`,
    [row.id, later(deps.clock.now(), unsureMillis), code, reason],
  );
}

/** Templates and rights are set up by people: they should hear of it, once a message. */
function warn(row: Row, { code, reason }: Refusal, { log }: DeliveryDeps): void {
  const channel: Channel = row.channel!;
  if (code !== '43101' && code !== '43004')
    log.warn({ delivery: row.id, channel, code, reason }, 'a channel refused a delivery');
}
