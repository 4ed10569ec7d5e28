import { booleans, floats, ints, jsons, texts } from '../../platform/binary-arrays';
import type { FieldEncryption } from '../../platform/field-encryption';
import type { Chat, Outcome } from '../chat';
import type { Reply } from '../message';
import { chatJson, contactOf, kindOf, record, toJson } from './record';
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

/** The parameters of `saveSessions` after the time, and the first of `commit`: where each chat stands now. */
export function sessionColumns(group: [Run, Outcome][], encryption: FieldEncryption): Buffer[] {
  return [
    ints(group.map(([{ account }]) => account.id)),
    texts(group.map(([{ inbound }]) => inbound.openid)),
    ints(group.map(([{ version }]) => version)),
    jsons(group.map(([, outcome]) => chatJson(outcome, encryption))),
    ints(group.map(([{ inbound }]) => contactOf(inbound))),
    booleans(group.map(([run]) => followingAfter(run))),
    ints(group.map(([{ waiting }]) => waiting)),
  ];
}

/** The other parameters of `commit`: each message with its reply. */
export function messageColumns(group: [Run, Outcome][], encryption: FieldEncryption): Buffer[] {
  const recorded = group.map(([{ inbound }, outcome]) => record(inbound, outcome, encryption));
  return [
    floats(group.map(([{ inbound }]) => inbound.createTime)),
    texts(group.map(([{ inbound }]) => inbound.dedupe)),
    texts(group.map(([{ inbound }]) => kindOf(inbound))),
    jsons(recorded.map(({ message }) => toJson(message))),
    jsons(recorded.map(({ reply }) => reply && toJson(reply))),
    texts(recorded.map(({ sealed }) => sealed)),
    texts(group.map(([, { failed }]) => (failed ? 'failed' : 'answered'))),
    texts(group.map(([, { handledBy }]) => handledBy)),
  ];
}

/** Whether the citizen follows the account once this message is handled. */
export function followingAfter({ inbound, following }: Run): boolean {
  if (inbound.type !== 'event') return true;
  if (inbound.event === 'unsubscribe') return false;
  return inbound.event === 'subscribe' || following;
}
