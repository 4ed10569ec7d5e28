import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { Jieba } from '@node-rs/jieba';
import { parse } from 'yaml';
import { z } from 'zod';

/** The words of a text that say what it is about, each in the one form that the index knows, in order, repeats included. */
export function wordsOf(text: string): string[] {
  const { jieba, stop, same } = lexicon();
  const words: string[] = [];
  for (const cut of jieba.cutForSearch(fold(text), false)) {
    const word = same.get(cut) ?? cut;
    if (!stop.has(word) && meaningful.test(word)) words.push(word);
  }
  return words;
}

/** A word asked for: how much it counts, and whether it names a topic by which something can be found. */
export type Asked = { word: string; gain: number; topic: boolean };

/** What a citizen asks for: their words with full weight, what those lead to with less. */
export function wordsAsked(text: string): Asked[] {
  const { acts, leads } = lexicon();
  const asked = new Map(wordsOf(text.slice(0, longestQuestion)).map((word) => [word, 1]));
  for (const word of [...asked.keys()])
    for (const led of leads.get(word) ?? []) if (!asked.has(led)) asked.set(led, 0.5);
  return [...asked].map(([word, gain]) => ({ word, gain, topic: gain === 1 && !acts.has(word) }));
}

/** Blanks, punctuation, width and case mean nothing to the search. */
export const fold = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

/** Changes whenever a text may give other words than before: an index made with another one is stale. */
export const lexiconVersion = (): string => lexicon().version;

/** A question is a sentence or two; what comes after that only costs time. */
const longestQuestion = 200;
const meaningful = /^[\p{L}\p{N}]+$/u;

const list = z.string().transform((words) => words.split(/\s+/).filter((word) => word !== ''));
const shape = z.strictObject({
  words: list,
  stop: list,
  acts: list,
  same: z.record(z.string(), list),
  leads: z.record(z.string(), list),
});

/** Read when the first word is asked for and kept: the dictionary takes a quarter of a second and about 25 MB. */
let kept: ReturnType<typeof readLexicon> | undefined;
const lexicon = () => (kept ??= readLexicon());

function readLexicon() {
  const source = readFileSync(path.join(__dirname, 'lexicon.yaml'), 'utf8');
  const { words, stop, acts, same, leads } = shape.parse(parse(source));
  const dictionary = readFileSync(createRequire(__filename).resolve('@node-rs/jieba/dict.txt'));
  const jieba = Jieba.withDict(commonWords(dictionary));
  const own = [...new Set([...words, ...acts, ...Object.keys(same), ...Object.values(same).flat()])].filter(
    (word) => word.length > 1,
  );
  jieba.loadDict(Buffer.from(own.map((word) => `${word} 20000 n`).join('\n')));
  return {
    jieba,
    stop: new Set(stop),
    acts: new Set(acts),
    same: new Map(Object.entries(same).flatMap(([word, others]) => others.map((other) => [other, word] as const))),
    leads: new Map(Object.entries(leads)),
    version: createHash('sha256').update(source).digest('hex').slice(0, 16),
  };
}

/** Two thirds of jieba's 350,000 words are rarer than this: names and terms that no citizen asks by, and 35 MB of memory. */
const rarest = 10;
const [newline, blank, zero, nine] = [10, 32, 48, 57];

/** The lines `word frequency tag` of the dictionary whose frequency is at least `rarest`, without making strings of them. */
function commonWords(dictionary: Buffer): Buffer {
  const kept = Buffer.allocUnsafe(dictionary.length);
  let length = 0;
  for (let start = 0, end = 0; start < dictionary.length; start = end) {
    const line = dictionary.indexOf(newline, start);
    end = line === -1 ? dictionary.length : line + 1;
    let frequency = 0;
    for (let at = dictionary.indexOf(blank, start) + 1; dictionary[at]! >= zero && dictionary[at]! <= nine; at++)
      frequency = frequency * 10 + dictionary[at]! - zero;
    if (frequency >= rarest) length += dictionary.copy(kept, length, start, end);
  }
  return kept.subarray(0, length);
}
