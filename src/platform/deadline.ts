import { elapsed } from './clock';

/**
 * Tells of whatever is still under way `millis` after it was started. One timer serves all: one for each of thousands a second
 * would cost more than what it guards.
 */
export function createDeadline<Item>(millis: number, over: (item: Item) => void) {
  // In the order in which they came, so that the first is the next to be due.
  const since = new Map<Item, number>();
  let timer: NodeJS.Timeout | undefined;

  const wait = (time: number) => {
    timer = setTimeout(look, time);
    timer.unref();
  };
  const look = () => {
    timer = undefined;
    for (const [item, at] of since) {
      const left = at + millis - elapsed();
      // A timer may be early by a fraction of a millisecond.
      if (left > 0) return wait(Math.ceil(left));
      since.delete(item);
      over(item);
    }
  };

  return {
    start(item: Item): void {
      since.set(item, elapsed());
      if (!timer) wait(millis);
    },
    end: (item: Item): void => void since.delete(item),
  };
}
