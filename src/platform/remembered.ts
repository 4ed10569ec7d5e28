import { LRUCache } from 'lru-cache';

export type Remembered = ReturnType<typeof createRemembered>;

/** The last answers to what is asked over and over, so that most of it needs no query. Whoever changes something empties it. */
export function createRemembered(max: number) {
  const answers = new LRUCache<string, Promise<unknown>>({ max });
  return {
    // A promise is kept, so that many who ask at once cause one query, and what was read before a change is not kept after it.
    remember<T>(key: string, read: () => Promise<T>): Promise<T> {
      const known = answers.get(key) as Promise<T> | undefined;
      if (known) return known;
      const asked = read();
      answers.set(key, asked);
      asked.catch(() => answers.peek(key) === asked && answers.delete(key));
      return asked;
    },
    empty: () => answers.clear(),
  };
}
