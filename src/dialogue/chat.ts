import type { Tx } from '../platform/database';
import type { Option } from './flow';
import type { Reply } from './message';
import type { Offer } from './service';

/** Where a chat stands, stored as readable JSON in sessions.state; null when nothing is under way. */
export type Chat = {
  /** the open flow: named answers, the question asked, and what was offered as 1, 2, 3 */
  flow?: {
    flow: string;
    answers: Record<string, unknown>;
    asked: string;
    offered: Option[];
    /** where those are that were left out */
    rest?: string;
  };
  /** choices that do not hold the citizen: anything but a number goes on as if they were not there */
  offers?: Offer[];
  /** seconds since 1970 of the last turn, for the idle limit */
  at: number;
};

/** What one message led to. */
export type Outcome = {
  reply: Reply;
  chat: Chat | null;
  /** what answered, e.g. `appointments.book`, `text:dialogue.fallback`: for figures */
  handledBy: string;
  /** holds an identifier of a person: sealed where it is stored */
  personal?: boolean;
  /** further messages, delivered after the reply */
  rest?: Reply[];
  failed?: boolean;
};

/** Work that writes: it runs in the transaction that also holds the message and the session. */
export type Writing = { write: (tx: Tx) => Promise<Outcome> };

export type Answered = Outcome | Writing;

export const isWriting = (answered: Answered): answered is Writing => 'write' in answered;
