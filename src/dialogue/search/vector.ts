import { wordsOf } from './words';

/** How much a word counts by where it stands: A most, D least. */
export type Weight = 'A' | 'B' | 'C' | 'D';

/** Postgres keeps positions up to this; later words count as standing there. */
const lastPosition = 16_383;

/** Texts as a tsvector in its written form, the most telling first. */
export function searchVector(parts: [Weight, readonly (string | undefined)[]][]): string {
  const found = new Map<string, string[]>();
  let position = 0;
  for (const [weight, texts] of parts)
    for (const word of texts.flatMap((text) => wordsOf(text ?? ''))) {
      position = Math.min(position + 1, lastPosition);
      found.set(word, [...(found.get(word) ?? []), `${position}${weight}`]);
    }
  return [...found].map(([word, positions]) => `${quoted(word)}:${positions.slice(0, 255).join(',')}`).join(' ');
}

const quoted = (word: string) => `'${word.replace(/['\\]/g, '$&$&')}'`;
