import type { Clock } from '../platform/clock';
import type { Queryable } from '../platform/database';
import type { Events } from '../platform/events';
import type { Log } from '../platform/log';
import type { Holds } from './hold';

/** An account as the platform knows it: what its owner entered in the platform's console. */
export type SimulatedAccount = {
  key: string;
  title: string;
  appid: string;
  secret: string;
  originalId: string;
  mode: 'plain' | 'compat' | 'safe';
  token: string;
  aesKey: string;
};

export type SimulatorDeps = {
  db: Queryable;
  clock: Clock & { readonly offset: number };
  /** Moves the one clock of all processes, and tells them by the event `clock`. */
  advance(seconds: number): Promise<void>;
  events: Pick<Events, 'publish' | 'subscribe'>;
  log: Log;
  publicUrl: string;
  accounts: {
    list(): Promise<SimulatedAccount[]>;
    byKey(key: string): Promise<SimulatedAccount | undefined>;
  };
  /** Where callbacks are pushed to, when that is not `publicUrl` (a proxy's address that this machine does not reach). */
  callbackBase?: string;
  /** How long a callback may take before the connection is dropped; WeChat's 5 s unless a test is in a hurry. */
  pushTimeoutMs?: number;
  /** How often a push is tried in all: WeChat gives a callback three times 5 s. */
  pushAttempts?: number;
  /** Pause before trying again after a quick failure (a time-out is tried again at once). */
  retryDelayMs?: number;
};

export type Simulator = SimulatorDeps & {
  holds: Holds;
  /** being stopped: nothing is tried again */
  closing: boolean;
  /** Work that goes on after an answer was given, such as the receipt of a template message. */
  later(work: () => Promise<unknown>): void;
};

/** One bubble, card or grey line of a chat, as the phone shows it. */
export type ChatMessage = {
  id: number;
  at: string;
  from: 'citizen' | 'account';
  via: string;
  type: string;
  [part: string]: unknown;
};

/** A bubble before it is stored. */
export type NewMessage = {
  from: 'citizen' | 'account';
  via: 'citizen' | 'reply' | 'custom' | 'template' | 'subscribe' | 'menu' | 'notice';
  type: string;
  body: Record<string, unknown>;
};
