import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

/** `tune`: may be looked at when words are added to the lexicon or aliases to entries. `held out`: only its figure may. */
export type Half = 'tune' | 'held out';
export type Paraphrase = { q: string; want: string[]; half: Half };

/** The citizens' questions of questions.yaml. Halves are of entries, so that what is done for one question helps none held out. */
export function paraphrases(): Paraphrase[] {
  const byEntry = parse(readFileSync(path.join(__dirname, 'questions.yaml'), 'utf8')) as Record<string, string[]>;
  return Object.entries(byEntry).flatMap(([entries, questions]) => {
    const half: Half = createHash('sha256').update(entries).digest()[0]! % 2 === 0 ? 'tune' : 'held out';
    return questions.map((q) => ({ q: String(q), want: entries.split(' | '), half }));
  });
}
