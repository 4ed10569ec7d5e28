import type { Queryable } from '../platform/database';
import { wakeRunner } from './enqueue';
import { type Citizen, type DeliveryDeps, updated } from './row';
import { giveUpMillis, later } from './schedule';

/**
 * The citizen was in touch: what waits for them is tried again, oldest first. To be called in the transaction that opens
 * the windows, after it has updated the session.
 */
export async function contacted(on: Queryable, citizen: Citizen, deps: Pick<DeliveryDeps, 'clock'>): Promise<void> {
  if (await wakeRows(on, citizen, deps)) await wakeRunner(on, citizen);
}

/** Puts what waits back into the line with all channels open again. @returns whether there was anything */
export async function wakeRows(
  on: Queryable,
  { accountId, openid }: Citizen,
  { clock }: Pick<DeliveryDeps, 'clock'>,
): Promise<boolean> {
  const now = clock.now();
  // The session first, as everyone locks it who decides about this citizen.
  await on.query('UPDATE sessions SET waiting = 0 WHERE account_id = $1 AND openid = $2', [accountId, openid]);
  const woken = await on.query(
    updated(`SET status = 'queued', next_at = $3, give_up_at = $4, attempts = 0, tried = '{}', reason_code = NULL, reason = NULL,
      waiting_at = NULL WHERE account_id = $1 AND openid = $2 AND status = 'waiting'`),
    [accountId, openid, now, later(now, giveUpMillis)],
  );
  return woken.length > 0;
}
