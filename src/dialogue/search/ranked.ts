import type { Queryable } from '../../platform/database';
import { type Corpus, searchParameters, searchStatement } from './statement';
import { type Asked, fold, wordsAsked } from './words';

/** What was found: the columns that the corpus names, and how good it is. */
export type Found<Row> = Row & {
  key: string;
  title: string;
  /** 1: as good as one word that only this row has, in its title; more words and a likeness to the citizen's own put it above */
  score: number;
};

/** Rows for a citizen's words, best first; none where the words are about something else. One statement. */
export async function searchCorpus<Row>(
  corpus: Corpus,
  text: string,
  limit: number,
  db: Queryable,
  parameters: unknown[] = [],
): Promise<Found<Row>[]> {
  const asked = wordsAsked(text);
  if (!asked.some(({ topic }) => topic)) return [];
  const rows = await db.query<Candidate<Row>>(searchStatement(corpus), [...searchParameters(asked), ...parameters]);
  const ranked = rank(rows, text, asked);
  if (!ranked[0] || !isMeant(ranked[0])) return [];
  const least = ranked[0].found.score * tail;
  return ranked
    .filter(({ found }) => found.score >= least)
    .slice(0, limit)
    .map(({ found }) => found);
}

/** Whether the best hit is so much better than the next that a list would only be in the way. */
export const stands = (found: { score: number }[]): boolean =>
  found.length > 0 && found[0]!.score >= 1.8 * (found[1]?.score ?? 0);

/** A score as the hits of all services are compared by: between 0 and 1, and never certain. */
export const comparable = (score: number): number => score / (1 + score);

/** Hits much worse than the best are noise. */
const tail = 0.35;
/** A word that no row has may be what it is all about, or only the citizen's way of talking. */
const unknown = 0.6;
const isMeant = ({ found: { score }, share }: Ranked<unknown>) => score >= 1.08 || (score >= 0.55 && share >= 0.3);

type Candidate<Row> = Found<Row> & {
  /** here the sum over the asked words that it has */
  score: number;
  aliases: string[];
  boost: number;
  /** what that sum could be at most */
  most: number;
  /** how many of the asked words any row has */
  known: number;
  /** what a word counts that only one row has */
  rarest: number;
};
type Ranked<Row> = { found: Found<Row> /** how much of what was asked the row answers, 0 to 1 */; share: number };

function rank<Row>(rows: Candidate<Row>[], text: string, asked: Asked[]): Ranked<Row>[] {
  const said = pairs(text);
  return rows
    .map(({ aliases, boost, most, known, rarest, ...row }) => {
      const likest = Math.max(...[row.title, ...aliases].map((one) => likeness(pairs(one), said)));
      return {
        found: { ...row, score: ((row.score * (1 + likest)) / rarest) * boost } as unknown as Found<Row>,
        share: row.score / (most + (asked.length - known) * rarest * unknown),
      };
    })
    .sort(({ found: one }, { found: other }) => other.score - one.score || (one.key < other.key ? -1 : 1));
}

/** How many pairs of neighbouring characters two texts share: 0 to 1 (Dice). Tells apart what the same words would not. */
function likeness(one: Set<string>, other: Set<string>): number {
  let common = 0;
  for (const pair of one) if (other.has(pair)) common++;
  return common === 0 ? 0 : (2 * common) / (one.size + other.size);
}

function pairs(text: string): Set<string> {
  const characters = [...fold(text).replaceAll(' ', '')];
  return new Set(characters.slice(1).map((character, index) => characters[index]! + character));
}
