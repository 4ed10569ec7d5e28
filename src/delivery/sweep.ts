import { processIsAlive } from '../platform/events';
import { takeTurn } from './claim';
import { deliver, fail, markUnconfirmed } from './endings';
import type { Citizen, DeliveryDeps, Row } from './row';
import type { Runner } from './runner';
import { later, patienceMillis, receiptMillis } from './schedule';
import { wakeRows } from './wake';

const batch = 200;
const atOnce = 8;
/** A contact and the decision to wait can miss each other; looked after for this long. */
const missedMillis = 10 * 60_000;

/** One round of everything that time decides, by the clock. Several processes may run it at once. */
export async function sweep(runner: Runner, deps: DeliveryDeps): Promise<void> {
  await runner.settleLeftOvers();
  await recoverLost(runner, deps);
  await wakeWaiting(deps);
  await endOverdue(deps);
  await sendDue(runner, deps);
}

/** Sends whose process died between «leaving» and the answer. */
async function recoverLost(runner: Runner, deps: DeliveryDeps): Promise<void> {
  const { db, clock } = deps;
  const lost = await db.query<Row>(
    `SELECT * FROM deliveries WHERE status = 'sending' AND sending_at <= $1 ORDER BY id LIMIT ${batch}`,
    [later(clock.now(), -patienceMillis)],
  );
  for (const row of lost) {
    if (runner.isUnderWay(row.id) || (await isAlive(row.process_id, deps))) continue;
    await db.transaction(async (tx) => {
      await takeTurn(tx, { accountId: row.account_id, openid: row.openid });
      const [still] = await tx.query<Row>(
        `SELECT * FROM deliveries WHERE id = $1 AND status = 'sending' AND attempts = $2 FOR UPDATE`,
        [row.id, row.attempts],
      );
      if (!still) return;
      if (still.receipt)
        await (still.receipt.ok
          ? deliver(tx, still, still.receipt.msgId, deps)
          : fail(tx, still, still.receipt.code, still.receipt.reason, deps));
      else if (still.channel === 'custom') await markUnconfirmed(tx, still, deps);
      else
        await tx.query(`UPDATE deliveries SET status = 'queued', unsure = true, next_at = $2 WHERE id = $1`, [
          still.id,
          clock.now(),
        ]);
    });
  }
}

async function isAlive(processId: number | null, { db, events }: DeliveryDeps): Promise<boolean> {
  // Ours, but not under way here: it was lost on the way.
  if (processId === null || processId === events.processId()) return false;
  const [row] = await db.query<{ alive: boolean }>(`SELECT ${processIsAlive} AS alive`, [processId]);
  return row!.alive;
}

/** Waiting ones whose time has come, and those that became waiting just when the citizen was in touch. */
async function wakeWaiting(deps: DeliveryDeps): Promise<void> {
  const { db, clock } = deps;
  const now = clock.now();
  const citizens = await db.query<Citizen>(
    `SELECT DISTINCT account_id AS "accountId", openid FROM deliveries WHERE status = 'waiting' AND next_at <= $1
     UNION
     SELECT d.account_id, d.openid FROM deliveries d JOIN sessions s ON s.account_id = d.account_id AND s.openid = d.openid
     WHERE d.status = 'waiting' AND d.waiting_at > $2
       AND ((s.message_left > 0 AND s.message_until > $1) OR (s.tap_left > 0 AND s.tap_until > $1))
       AND NOT d.tried ? 'custom'
     LIMIT ${batch}`,
    [now, later(now, -missedMillis)],
  );
  for (const citizen of citizens) await db.transaction((tx) => wakeRows(tx, citizen, deps));
}

async function endOverdue(deps: DeliveryDeps): Promise<void> {
  const { db, clock } = deps;
  const now = clock.now();
  const overdue = await db.query<Row>(
    `SELECT * FROM deliveries WHERE status IN ('queued', 'waiting') AND expires_at <= $1
     UNION ALL SELECT * FROM deliveries WHERE status = 'sent' AND sent_at <= $2 LIMIT ${batch}`,
    [now, later(now, -receiptMillis)],
  );
  for (const { id } of overdue) {
    await db.transaction(async (tx) => {
      const [row] = await tx.query<Row>(
        `SELECT * FROM deliveries WHERE id = $1 AND status IN ('queued', 'waiting', 'sent') FOR UPDATE`,
        [id],
      );
      if (row?.status === 'sent')
        await fail(
          tx,
          row,
          row.reason_code ?? 'no-receipt',
          row.reason ?? '微信平台已受理，但三天内没有送达回执',
          deps,
        );
      else if (row && !row.unsure) await fail(tx, row, 'expired', '已过有效时间，不再发送', deps);
    });
  }
}

/**
 * Citizens whose next message is due, the longest overdue first. One whose line is held up is not among them: looked up for each
 * row, so that a queue that has grown since Postgres last counted is not compared with the whole of itself.
 */
async function sendDue(runner: Runner, { db, clock, log }: DeliveryDeps): Promise<void> {
  const citizens = await db.query<Citizen>(
    `SELECT d.account_id AS "accountId", d.openid FROM deliveries d
     WHERE d.status = 'queued' AND d.next_at <= $1 AND (
       SELECT e.id FROM deliveries e WHERE e.account_id = d.account_id AND e.openid = d.openid AND e.id < d.id
          AND e.status IN ('queued', 'sending') AND (e.not_before IS NULL OR e.not_before <= $1) ORDER BY e.id LIMIT 1) IS NULL
     ORDER BY d.next_at LIMIT ${batch}`,
    [clock.now()],
  );
  const next = citizens.values();
  const lane = async () => {
    // A shared iterator: each lane takes the next citizen when it is free.
    for (const citizen of next)
      await runner
        .deliverTo(citizen)
        .catch((error: Error) => log.warn({ error: error.message }, 'deliveries of one citizen are tried later'));
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}
