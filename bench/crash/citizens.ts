import { message, request, type Script } from '../callback/messages';
import { openConnection } from '../support/keep-alive';

/**
 * Citizens who keep writing through WeChat while the server dies: what was not answered is repeated, as WeChat does, a few messages
 * arrive twice at the same time, and a few that were answered are repeated later.
 */
export function createCitizens(script: Script, port: number) {
  /** the answer that each message got first, by its number */
  const answers = new Map<number, string>();
  /** numbers whose repeat was answered otherwise than they were */
  const otherwise: number[] = [];
  const again: number[] = [];
  let next = 0;
  let enough = false;
  let waiting: (() => void)[] = [];

  function pick(): number | undefined {
    const unanswered = again.shift();
    if (unanswered !== undefined) return unanswered;
    if (enough) return undefined;
    if (next > 100 && Math.random() < 0.05) return Math.floor(Math.random() * next);
    const fresh = next++;
    if (Math.random() < 0.05) again.push(fresh);
    return fresh;
  }

  function note(n: number, status: number, body: string): void {
    if (status !== 200) again.push(n);
    else if (!answers.has(n)) answers.set(n, body);
    else if (answers.get(n) !== body) otherwise.push(n);
  }

  /** One connection of WeChat's, which it opens again when it breaks. Ends when there is nothing left to say. */
  async function talk(): Promise<void> {
    for (;;) {
      const n = pick();
      if (n === undefined) return;
      try {
        await converse(n);
      } catch {
        // The server is gone. `revive` says when it is back; should it have said so already, a second later will do.
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
          setTimeout(resolve, 1000);
        });
      }
    }
  }

  /** Sends this message and whatever comes next, until the connection breaks or all is said. */
  function converse(first: number): Promise<void> {
    return new Promise((resolve, reject) => {
      let current: number | undefined = first;
      const connection = openConnection(
        port,
        ({ status, body }) => {
          note(current!, status, body.toString('utf8'));
          current = pick();
          if (current !== undefined) return connection.send(request(message(current, script), 'plain'));
          connection.close();
          resolve();
        },
        (error) => {
          if (current !== undefined) again.push(current);
          reject(error);
        },
      );
      connection.send(request(message(first, script), 'plain'));
    });
  }

  return {
    answers,
    otherwise,
    sent: () => next,
    /** Lets so many of them at the server; resolves when the last has nothing left to say. */
    start: (connections: number) => Promise.all(Array.from({ length: connections }, talk)),
    /** The server is back. */
    revive(): void {
      const resting = waiting;
      waiting = [];
      for (const goOn of resting) goOn();
    },
    /** Says nothing new any more; what is unanswered is still repeated. */
    finish(): void {
      enough = true;
    },
  };
}
