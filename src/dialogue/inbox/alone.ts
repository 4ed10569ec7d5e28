import type { Delivery } from '../../delivery/delivery';
import type { Texts } from '../../delivery/texts';
import type { Database, Tx } from '../../platform/database';
import { isUniqueViolation } from '../../platform/errors';
import type { Events } from '../../platform/events';
import type { FieldEncryption } from '../../platform/field-encryption';
import { type Answered, isWriting, type Outcome } from '../chat';
import { type Reply, text } from '../message';
import { contactOf, record, toJson } from './record';
import { messageColumns, sessionColumns } from './rows';
import type { Run } from './run';
import * as sql from './statements';

type AloneDeps = { db: Database; events: Events; encryption: FieldEncryption; texts: Texts; delivery: Delivery };

/** Another process was quicker with this citizen's session; what was done in this run is undone and done again. */
export class SessionMoved extends Error {}

/** The inbox's own key says that this message is stored already. */
export const isKnownMessage = (error: unknown) =>
  isUniqueViolation(error) && 'table' in error && String(error.table).startsWith('inbox_');

/**
 * Stores one message in a transaction of its own, together with whatever its handler writes, its session and its deliveries.
 * @throws SessionMoved, and whatever the handler throws; nothing of it has happened then
 */
export function storeAlone(deps: AloneDeps, run: Run, answered: Answered, at: number): Promise<Outcome> {
  const { db, delivery, encryption } = deps;
  const who = { accountId: run.account.id, openid: run.inbound.openid };
  return db.transaction(async (tx) => {
    await tx.query(
      `SELECT set_config('statement_timeout', '20s', true), set_config('idle_in_transaction_session_timeout', '60s', true)`,
    );
    const outcome = isWriting(answered) ? await answered.write(tx) : answered;
    // Stored as late meanwhile? Known for sure before the message is written.
    const late = (await run.lateness) ?? false;
    if (late) await answerLate(deps, run, outcome, tx);
    else {
      const one: [Run, Outcome][] = [[run, outcome]];
      const columns = [...sessionColumns(one, encryption), ...messageColumns(one, encryption)];
      if ((await tx.query(sql.commit, [at, ...columns])).length > 0) throw new SessionMoved();
    }
    if (run.waiting > 0 && contactOf(run.inbound) > 0) await delivery.contacted(tx, who);
    const follows = [
      ...(late && outcome.reply.type !== 'none' ? [lateReply(outcome.reply, deps, run)] : []),
      ...(outcome.rest ?? []),
    ];
    for (const message of follows) {
      await delivery.enqueue(tx, { ...who, message, source: outcome.handledBy, personal: outcome.personal });
    }
    return outcome;
  });
}

async function answerLate({ events, encryption }: AloneDeps, run: Run, outcome: Outcome, tx: Tx): Promise<void> {
  const { account, inbound } = run;
  const session = [run.receivedAt / 1000, ...sessionColumns([[run, outcome]], encryption)];
  if ((await tx.query(sql.saveSessions, session)).length === 0) throw new SessionMoved();
  const { reply, sealed } = record(inbound, outcome, encryption);
  const status = outcome.failed ? 'failed' : 'answered';
  const key = [account.id, inbound.openid, inbound.createTime, inbound.dedupe, events.processId()];
  const answered = await tx.query(sql.answerLate, [...key, status, reply && toJson(reply), sealed, outcome.handledBy]);
  if (answered.length === 0) throw new Error('a late message was answered by another process');
}

function lateReply(reply: Reply, { texts }: AloneDeps, run: Run): Reply {
  return reply.type === 'text' ? text(texts.say('dialogue.late', { reply: reply.content }, run.account.id)) : reply;
}
