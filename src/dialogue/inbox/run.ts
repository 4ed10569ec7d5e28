import type { Account } from '../../people/accounts';
import type { Chat } from '../chat';
import type { Inbound, Reply } from '../message';

/** What leaves for WeChat. `at` (seconds) is stored with it, so that a repeat gets the same bytes. */
export type Received = { reply: Reply; at: number };

/** One message on its way through the inbox. */
export type Run = {
  readonly key: string;
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
  timer?: NodeJS.Timeout;
  /** not to be handled any more, only answered with an apology */
  givenUp?: boolean;
};

export function newRun(account: Account, inbound: Inbound, receivedAt: number): Run {
  const lane = `${account.id}/${inbound.openid}`;
  let settle!: (received: Received) => void;
  let refuse!: (error: unknown) => void;
  const result = new Promise<Received>((resolve, reject) => {
    settle = resolve;
    refuse = reject;
  });
  const run: Run = {
    key: `${lane}/${inbound.createTime}/${inbound.dedupe}`,
    lane,
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
    version: 0,
    chat: null,
    following: true,
    waiting: 0,
  };
  return run;
}
