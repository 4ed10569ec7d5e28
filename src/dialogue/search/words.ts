import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { Jieba } from '@node-rs/jieba';
import { parse } from 'yaml';
import { z } from 'zod';

/** The words of a text that say what it is about, each in the one form that the index knows, in order, repeats included. */
export const wordsOf = (text: string): string[] => termsOf(text).map(({ word }) => word);

/** A word, and where others mean the same: the one that was said, in a form that no word has. */
export type Term = { word: string; said?: string };

export function termsOf(text: string): Term[] {
  const { jieba, stop, same, alike } = lexicon();
  const terms: Term[] = [];
  for (const cut of jieba.cutForSearch(fold(text), false)) {
    const word = same.get(cut) ?? cut;
    if (!stop.has(word) && meaningful.test(word)) terms.push(alike.has(word) ? { word, said: `=${cut}` } : { word });
  }
  return terms;
}

/**
 * A word asked for: how much it counts, and whether it names a topic by which something can be found. `said` is the citizen's very
 * word, where many have others that mean the same.
 */
export type Asked = { word: string; said?: string; gain: number; topic: boolean };

/** What a citizen asks for: their words with full weight, what those lead to with less. */
export function wordsAsked(text: string): Asked[] {
  const { acts, leads } = lexicon();
  const asked = new Map<string, Asked>();
  for (const { word, said } of termsOf(text.slice(0, longestQuestion)))
    if (!asked.has(word)) asked.set(word, { word, said, gain: 1, topic: !acts.has(word) });
  for (const word of [...asked.keys()])
    for (const led of leads.get(word) ?? [])
      if (!asked.has(led)) asked.set(led, { word: led, gain: 0.5, topic: false });
  return [...asked.values()];
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

/** Another one for every change of what an index has beside the words. */
const indexForm = 'with the words that were said';
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
    alike: new Set(Object.keys(same)),
    leads: new Map(Object.entries(leads)),
    version: createHash('sha256').update(indexForm).update(source).digest('hex').slice(0, 16),
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
