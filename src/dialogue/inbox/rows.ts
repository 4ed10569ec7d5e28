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

/** The parameter of `commit`: each message with its reply and its session. Written out, since spreading objects would cost as much as all the rest. */
export function commitRows(group: [Run, Outcome][], encryption: FieldEncryption): string {
  return toJson(
    group.map(([run, outcome]) => {
      const { account, inbound, version, waiting } = run;
      const { message, reply, sealed } = record(inbound, outcome, encryption);
      return {
        account_id: account.id,
        openid: inbound.openid,
        version,
        state: recordChat(outcome.chat, outcome.personal, encryption),
        contact: contactOf(inbound),
        following: followingAfter(run),
        waiting,
        sent: inbound.createTime,
        dedupe: inbound.dedupe,
        kind: kindOf(inbound),
        message,
        reply,
        sealed,
        status: outcome.failed ? 'failed' : 'answered',
        handled_by: outcome.handledBy,
      };
    }),
  );
}

/** Whether the citizen follows the account once this message is handled. */
export function followingAfter({ inbound, following }: Run): boolean {
  if (inbound.type !== 'event') return true;
  if (inbound.event === 'unsubscribe') return false;
  return inbound.event === 'subscribe' || following;
}
