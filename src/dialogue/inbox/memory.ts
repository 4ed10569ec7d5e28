import { LRUCache } from 'lru-cache';
import type { Chat } from '../chat';
import type { Run } from './run';

/** A session as this process left it, and the CreateTimes of its latest messages. */
type Remembered = { version: number; chat: Chat | null; following: boolean; waiting: number; answered: number[] };

export type Memory = ReturnType<typeof createMemory>;

const mostSessions = 10_000;
const mostAnswered = 4;
/** Runs that go to Postgres at once after a session was found to have moved: beside other processes remembering does not pay. */
const caution = 64;
const mostCaution = 4096;

/**
 * Sessions that this process wrote last, so that the next message of a citizen needs no look-up. Only ever a guess: the commit
 * compares version and waiting deliveries with what Postgres holds, and the inbox's key knows every repeat; where the guess was wrong nothing has
 * happened, and the message starts again from Postgres.
 */
export function createMemory() {
  const sessions = new LRUCache<string, Remembered>({ max: mostSessions });
  let cautious = 0;

  function enter(lane: string): Remembered {
    const fresh: Remembered = { version: 0, chat: null, following: true, waiting: 0, answered: [] };
    sessions.set(lane, fresh);
    return fresh;
  }

  return {
    /** Undefined: ask Postgres. */
    recall(run: Run): Remembered | undefined {
      if (cautious > 0) {
        cautious--;
        return undefined;
      }
      const remembered = sessions.get(run.lane);
      // A repeat has the CreateTime of the first; whether it is one, Postgres knows.
      return remembered && !remembered.answered.includes(run.inbound.createTime) ? remembered : undefined;
    },
    keep(run: Run, chat: Chat | null, following: boolean): void {
      const remembered = sessions.get(run.lane) ?? enter(run.lane);
      remembered.version = run.version + 1;
      remembered.chat = chat;
      remembered.following = following;
      remembered.waiting = run.waiting;
      if (remembered.answered.push(run.inbound.createTime) > mostAnswered) remembered.answered.shift();
    },
    forget: (lane: string) => void sessions.delete(lane),
    /** The guess was wrong. */
    moved(lane: string): void {
      sessions.delete(lane);
      cautious = Math.min(mostCaution, cautious + caution);
    },
    clear: () => sessions.clear(),
  };
}
