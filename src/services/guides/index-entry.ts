import type { Matter } from './matter';
import { wordsOf } from './words';

/** Postgres keeps positions up to this; later words count as standing there. */
const lastPosition = 16_383;

/**
 * The tsvector of a matter. A: its title; B: how citizens put it; C: tags and summary; D: what else is said. Materials are left
 * out: nearly every matter wants an identity card, and few people ask by what they have to bring.
 */
export function searchVector(matter: Matter): string {
  const { title, aliases, tags, summary, who, steps, online, notes } = matter;
  const found = new Map<string, string[]>();
  let position = 0;
  const put = (texts: readonly (string | undefined)[], weight: 'A' | 'B' | 'C' | 'D') => {
    for (const text of texts)
      for (const word of wordsOf(text ?? '')) {
        position = Math.min(position + 1, lastPosition);
        found.set(word, [...(found.get(word) ?? []), `${position}${weight}`]);
      }
  };
  put([title], 'A');
  put(aliases, 'B');
  put([...tags, summary], 'C');
  put([who, ...steps, online, ...notes], 'D');
  return [...found].map(([word, positions]) => `${quoted(word)}:${positions.slice(0, 255).join(',')}`).join(' ');
}

const quoted = (word: string) => `'${word.replace(/['\\]/g, '$&$&')}'`;
