import { termsOf } from './words';

/** How much a word counts by where it stands: A most, D least. */
export type Weight = 'A' | 'B' | 'C' | 'D';

/** Postgres keeps positions up to this; later words count as standing there. */
const lastPosition = 16_383;

/** Texts as a tsvector in its written form, the most telling first. */
export function searchVector(parts: [Weight, readonly (string | undefined)[]][]): string {
  const found = new Map<string, string[]>();
  let position = 0;
  for (const [weight, texts] of parts)
    for (const { word, said } of texts.flatMap((text) => termsOf(text ?? ''))) {
      position = Math.min(position + 1, lastPosition);
      for (const one of said ? [word, said] : [word])
        found.set(one, [...(found.get(one) ?? []), `${position}${weight}`]);
    }
  return [...found].map(([word, positions]) => `${quoted(word)}:${positions.slice(0, 255).join(',')}`).join(' ');
}

const quoted = (word: string) => `'${word.replace(/['\\]/g, '$&$&')}'`;
