import { UserError } from '../errors';

/**
 * A picture being worked on takes up to some hundred megabytes and a whole core. One at a time in each process leaves the rest to
 * those who wait for an answer; a queue that grows without end would keep all uploads in memory.
 */
const mostWaiting = 12;

let last: Promise<unknown> = Promise.resolve();
let waiting = 0;

/** @throws UserError 503 when too many wait */
export async function takeTurn<T>(work: () => Promise<T>): Promise<T> {
  if (waiting >= mostWaiting) throw new UserError(503, 'busy', '现在传图片的人太多，请过一会儿再试');
  waiting += 1;
  const mine = last.then(work);
  last = mine.catch(() => undefined);
  try {
    return await mine;
  } finally {
    waiting -= 1;
  }
}
