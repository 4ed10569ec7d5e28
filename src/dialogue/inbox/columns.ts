import type { FieldEncryption } from '../../platform/field-encryption';
import type { Outcome } from '../chat';
import { contactOf, kindOf, record, recordChat } from './record';
import type { Run } from './run';

/** The parameters of `commit`: the time, then one array for each column. */
export function commitValues(group: [Run, Outcome][], at: number, encryption: FieldEncryption): unknown[] {
  const columns: unknown[][] = Array.from({ length: 14 }, () => []);
  for (const [run, outcome] of group) {
    const { inbound } = run;
    const { message, reply, sealed } = record(inbound, outcome, encryption);
    pushRow(columns, [
      ...sessionRow(run, outcome, encryption),
      inbound.createTime,
      inbound.dedupe,
      kindOf(inbound),
      message,
      reply,
      sealed,
      outcome.failed ? 'failed' : 'answered',
      outcome.handledBy,
    ]);
  }
  return [at, ...columns];
}

/** The parameters of `saveSessions`. */
export function sessionValues(run: Run, outcome: Outcome, encryption: FieldEncryption): unknown[] {
  return [run.receivedAt / 1000, ...sessionRow(run, outcome, encryption).map((value) => [value])];
}

export function pushRow(columns: unknown[][], row: unknown[]): void {
  for (let i = 0; i < row.length; i++) columns[i]!.push(row[i]);
}

function sessionRow(run: Run, outcome: Outcome, encryption: FieldEncryption): unknown[] {
  return [
    run.account.id,
    run.inbound.openid,
    run.version,
    recordChat(outcome.chat, outcome.personal, encryption),
    contactOf(run.inbound),
    followingAfter(run),
  ];
}

function followingAfter({ inbound, following }: Run): boolean {
  if (inbound.type !== 'event') return true;
  if (inbound.event === 'unsubscribe') return false;
  return inbound.event === 'subscribe' || following;
}
