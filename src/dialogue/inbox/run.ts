import type { Account } from '../../people/accounts';
import type { Waiting } from '../../platform/deadline';
import type { Chat } from '../chat';
import type { Inbound, Reply } from '../message';

/** What leaves for WeChat. `at` (seconds) is stored with it, so that a repeat gets the same bytes. */
export type Received = { reply: Reply; at: number };

/** One message on its way through the inbox. */
export type Run = {
  /** one citizen of one account: their runs take turns */
  readonly lane: string;
  readonly account: Account;
  readonly inbound: Inbound;
  readonly receivedAt: number;
  /** settled when an answer is committed, or the message as late */
  readonly result: Promise<Received>;
  settle(received: Received): void;
  refuse(error: unknown): void;
  settled: boolean;
  attempts: number;
  /** what ends its waiting to become late */
  limit: Waiting<Run> | undefined;
  /** what its handler answered could not be stored, an apology is tried */
  refusedOnce?: boolean;
  /** from Postgres; version 0: no session yet */
  version: number;
  chat: Chat | null;
  following: boolean;
  /** deliveries that wait for this contact */
  waiting: number;
  /** under way once 4.5 s have passed; true when the message was stored as late */
  lateness?: Promise<boolean>;
  /** not to be handled any more, only answered with an apology */
  givenUp?: boolean;
};

export const laneOf = (account: Account, { openid }: Inbound): string => `${account.id}/${openid}`;

/** What tells two messages of one lane apart: a repeat has both in common. */
export const isSame = (one: Inbound, other: Inbound): boolean =>
  one.createTime === other.createTime && one.dedupe === other.dedupe;

export function newRun(account: Account, inbound: Inbound, receivedAt: number): Run {
  let settle!: (received: Received) => void;
  let refuse!: (error: unknown) => void;
  const result = new Promise<Received>((resolve, reject) => {
    settle = resolve;
    refuse = reject;
  });
  const run: Run = {
    lane: laneOf(account, inbound),
    account,
    inbound,
    receivedAt,
    result,
    settle: (received) => {
      run.settled = true;
      settle(received);
    },
    refuse: (error) => {
      run.settled = true;
      refuse(error);
    },
    settled: false,
    attempts: 0,
    limit: undefined,
    version: 0,
    chat: null,
    following: true,
    waiting: 0,
  };
  return run;
}
