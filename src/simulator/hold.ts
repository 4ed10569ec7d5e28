/** How long something is held back at most when nothing comes along to overtake it. */
const longest = 2000;

export type Holds = ReturnType<typeof createHolds>;

/**
 * Reordering: a call that is held goes on only when the next one of the same line has finished.
 * Kept by each process for itself; a call in another process does not overtake.
 */
export function createHolds() {
  const held = new Map<string, (() => void)[]>();
  return {
    /** Waits until the next call of this line is done, `ms` at most. */
    hold(line: string, ms = longest): Promise<void> {
      return new Promise((resolve) => {
        const timer = setTimeout(release, ms);
        function release() {
          clearTimeout(timer);
          resolve();
        }
        held.set(line, [...(held.get(line) ?? []), release]);
      });
    },
    /** To be called when a call of this line is done. */
    passed(line: string) {
      const waiting = held.get(line) ?? [];
      held.delete(line);
      for (const release of waiting) release();
    },
  };
}
