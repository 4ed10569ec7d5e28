import type { FieldEncryption } from '../../platform/field-encryption';
import type { Chat, Outcome } from '../chat';
import type { Reply } from '../message';
import { contactOf, kindOf, record, recordChat, toJson } from './record';
import type { Run } from './run';

/** The parameter of `load`: what tells each message from every other. */
export function loadRows(runs: Run[]): string {
  return toJson(
    runs.map(({ account, inbound }) => ({
      account_id: account.id,
      openid: inbound.openid,
      sent: inbound.createTime,
      dedupe: inbound.dedupe,
    })),
  );
}

/** A row of `load`: nulls where there is no session yet, or the message is new. */
export type LoadedRow = {
  n: number;
  version: number | null;
  state: Chat | { sealed: string } | null;
  following: boolean | null;
  waiting: number | null;
  status: string | null;
  reply: Reply | null;
  sealed: string | null;
  answered_at: number | null;
};

/** The parameter of `commit`: each message with its reply and its session. */
export function commitRows(group: [Run, Outcome][], encryption: FieldEncryption): string {
  return toJson(
    group.map(([run, outcome]) => ({
      ...sessionRow(run, outcome, encryption),
      sent: run.inbound.createTime,
      dedupe: run.inbound.dedupe,
      kind: kindOf(run.inbound),
      ...record(run.inbound, outcome, encryption),
      status: outcome.failed ? 'failed' : 'answered',
      handled_by: outcome.handledBy,
    })),
  );
}

/** The parameter of `saveSessions`. */
export const sessionRows = (run: Run, outcome: Outcome, encryption: FieldEncryption): string =>
  toJson([sessionRow(run, outcome, encryption)]);

function sessionRow(run: Run, outcome: Outcome, encryption: FieldEncryption) {
  return {
    account_id: run.account.id,
    openid: run.inbound.openid,
    version: run.version,
    state: recordChat(outcome.chat, outcome.personal, encryption),
    contact: contactOf(run.inbound),
    following: followingAfter(run),
    waiting: run.waiting,
  };
}

/** Whether the citizen follows the account once this message is handled. */
export function followingAfter({ inbound, following }: Run): boolean {
  if (inbound.type !== 'event') return true;
  if (inbound.event === 'unsubscribe') return false;
  return inbound.event === 'subscribe' || following;
}
