/**
 * Gathers what arrives together and works it off in groups: whatever came while the groups under way were busy is the next
 * group, up to `largest`. No timer decides: alone in the house, an item goes at once.
 */
export function createBatch<Item>({
  work,
  largest,
  atOnce,
}: {
  work: (items: Item[]) => Promise<void>;
  largest: () => number;
  atOnce: number;
}) {
  let waiting: Item[] = [];
  let busy = 0;
  let scheduled = false;

  const flush = () => {
    scheduled = false;
    while (waiting.length > 0 && busy < atOnce) {
      const most = largest();
      const group = waiting.length <= most ? waiting : waiting.slice(0, most);
      waiting = waiting.length <= most ? [] : waiting.slice(most);
      busy++;
      work(group).finally(() => {
        busy--;
        if (waiting.length > 0) flush();
      });
    }
  };

  return {
    add(item: Item): void {
      waiting.push(item);
      if (scheduled || busy >= atOnce) return;
      scheduled = true;
      // After the sockets that are ready now have been read, so that what came together goes together.
      setImmediate(flush);
    },
  };
}
