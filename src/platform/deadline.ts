import { elapsed } from './clock';

/** One that is waited for; without an item once it has ended. */
export type Waiting<Item> = { item: Item | undefined; readonly due: number };

/**
 * Tells of whatever is still under way `millis` after it was started. One timer serves all: one for each of thousands a second
 * would cost more than what it guards.
 */
export function createDeadline<Item>(millis: number, over: (item: Item) => void) {
  // In the order in which they came, so that the first is the next to be due. No Map: one that is filled and emptied all the time
  // leaves old tables behind, each knowing the next, and the collector then takes everything that was ever in them for alive.
  const waiting: Waiting<Item>[] = [];
  let first = 0;
  let timer: NodeJS.Timeout | undefined;

  const wait = (time: number) => {
    timer = setTimeout(look, time);
    timer.unref();
  };
  const look = () => {
    timer = undefined;
    for (let next = earliest(); next; next = earliest()) {
      const left = next.due - elapsed();
      // A timer may be early by a fraction of a millisecond.
      if (left > 0) return wait(Math.ceil(left));
      const item = next.item!;
      next.item = undefined;
      over(item);
    }
  };
  const earliest = (): Waiting<Item> | undefined => {
    while (first < waiting.length && waiting[first]!.item === undefined) first++;
    if (first >= 64 && first * 2 >= waiting.length) {
      waiting.splice(0, first);
      first = 0;
    }
    return waiting[first];
  };

  return {
    start(item: Item): Waiting<Item> {
      const one = { item, due: elapsed() + millis };
      waiting.push(one);
      if (!timer) wait(millis);
      return one;
    },
    end(one: Waiting<Item>): void {
      one.item = undefined;
      earliest();
    },
  };
}
