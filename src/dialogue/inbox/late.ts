import type { Accounts } from '../../people/accounts';
import type { Clock } from '../../platform/clock';
import type { Database } from '../../platform/database';
import { type Events, processIsAlive } from '../../platform/events';
import type { FieldEncryption } from '../../platform/field-encryption';
import type { Inbound } from '../message';
import type { Inbox } from './inbox';
import { openRecord, type StoredMessage } from './record';
import * as sql from './statements';

export type LateDeps = { db: Database; clock: Clock; events: Events; accounts: Accounts; encryption: FieldEncryption };

/** A run still has its process a moment to finish by itself. */
const patienceMillis = 10_000;
const mostAttempts = 3;

/** Runs late messages again whose process died before it could answer them. */
export async function rerunLate(deps: LateDeps, inbox: Inbox): Promise<void> {
  const { db, clock, events, accounts } = deps;
  const rows = await db.query<LateRow>(sql.findLate, [new Date(clock.millis() - patienceMillis)]);
  for (const row of rows) {
    const account = accounts.byId(row.account_id);
    if (!account || (await lives(db, row.process_id))) continue;
    const key = [row.account_id, row.openid, row.sent, row.dedupe, row.process_id];
    const taken = await db.query<{ attempts: number }>(sql.takeOver, [...key, events.processId()]);
    if (taken.length === 0) continue;
    await inbox.rerun(account, restore(row, account.originalId, deps.encryption), taken[0]!.attempts > mostAttempts);
  }
}

async function lives(db: Database, processId: number): Promise<boolean> {
  const [row] = await db.query<{ alive: boolean }>(`SELECT ${processIsAlive} AS alive`, [processId]);
  return row!.alive;
}

function restore(row: LateRow, to: string, encryption: FieldEncryption): Inbound {
  const { message } = openRecord({ message: row.message, reply: null, sealed: row.sealed }, encryption);
  return { ...message, to, openid: row.openid, createTime: row.sent, dedupe: row.dedupe } as unknown as Inbound;
}

type LateRow = {
  account_id: number;
  openid: string;
  sent: number;
  dedupe: string;
  process_id: number;
  attempts: number;
  message: StoredMessage;
  sealed: string | null;
};
