import type { Queryable } from '../../platform/database';
import { type Asked, fold, wordsAsked } from './words';

export type Found = {
  officeKey: string;
  key: string;
  title: string;
  summary: string;
  office: string;
  /** 1: as good as one word that only this matter has, in its title; more words and a likeness to the citizen's own put it above */
  score: number;
};

/** Matters for a citizen's words, best first; none where the words are about something else. One statement. */
export async function searchMatters(text: string, limit: number, db: Queryable): Promise<Found[]> {
  const asked = wordsAsked(text);
  if (!asked.some(({ topic }) => topic)) return [];
  const rows = await db.query<Candidate>(searchStatement, searchParameters(asked));
  const ranked = rank(rows, text, asked);
  if (!ranked[0] || !isMeant(ranked[0])) return [];
  const least = ranked[0].score * tail;
  return ranked
    .filter(({ score }) => score >= least)
    .slice(0, limit)
    .map(({ share: _, ...found }) => found);
}

/** Whether the best hit is so much better than the next that a list would only be in the way. */
export const stands = (found: Found[]): boolean => found.length > 0 && found[0]!.score >= 1.8 * (found[1]?.score ?? 0);

/** Where the words alone do not decide, what most people come for goes first. */
const hotter = (hot: number | null) => (hot === null ? 1 : 1 + 0.15 / hot);
/** Hits much worse than the best are noise. */
const tail = 0.35;
const isMeant = ({ score, share }: Ranked) => score >= 1.08 || (score >= 0.55 && share >= 0.3);

type Candidate = Omit<Found, 'score'> & {
  aliases: string[];
  hot: number | null;
  /** sum over the asked words that it has */
  score: number;
  /** what that sum could be at most */
  most: number;
  /** how many of the asked words any matter has */
  known: number;
  /** what a word counts that only one matter has */
  rarest: number;
};
type Ranked = Found & { /** how much of what was asked the matter answers, 0 to 1 */ share: number };

/** Reading more matters than this for one question costs more than its common words are worth. */
const scanLimit = 4000;
const candidates = 30;

/**
 * Each word counts by how rare it is and where it stands. Matters are looked up by the rarest topics asked, as many as keep the
 * scan short; where all of them are common, by the two rarest together.
 */
export const searchStatement = `
  WITH known AS MATERIALIZED (
    SELECT w.word, a.topic, w.matters, quote_literal(w.word)::tsquery AS term,
           a.gain * ln(1 + c.matters::float8 / w.matters) AS gain
      FROM unnest($1::text[], $2::float8[], $3::boolean[]) AS a (word, gain, topic)
      JOIN guides_words w ON w.word = a.word
     CROSS JOIN guides_catalogue c
  ), topics AS MATERIALIZED (
    SELECT term, sum(matters) OVER rarest_first AS so_far, row_number() OVER rarest_first AS place
      FROM known WHERE topic WINDOW rarest_first AS (ORDER BY matters, word)
  ), wanted AS MATERIALIZED (
    SELECT coalesce((SELECT string_agg(term::text, ' | ') FROM topics WHERE so_far <= ${scanLimit}),
                    (SELECT string_agg(term::text, ' & ') FROM topics WHERE place <= 2))::tsquery AS query
  ), found AS MATERIALIZED (
    SELECT m.key, (SELECT sum(k.gain * least(1, 1.6 * ts_rank('{0.1,0.35,0.8,1}', m.search, k.term))) FROM known k) AS score
      FROM guides_matters m
     WHERE m.search @@ (SELECT query FROM wanted)
     ORDER BY score DESC, m.position
     LIMIT ${candidates}
  )
  SELECT m.key, m.title, m.aliases, m.hot, m.doc ->> 'summary' AS summary, m.doc ->> 'office' AS office, m.office_key AS "officeKey", f.score,
         k.most, k.known, (SELECT ln(1 + matters) FROM guides_catalogue) AS rarest
    FROM found f JOIN guides_matters m ON m.key = f.key
   CROSS JOIN (SELECT sum(gain) AS most, count(*)::int AS known FROM known) k`;

export const searchParameters = (asked: Asked[]): unknown[] => [
  asked.map(({ word }) => word),
  asked.map(({ gain }) => gain),
  asked.map(({ topic }) => topic),
];

function rank(rows: Candidate[], text: string, asked: Asked[]): Ranked[] {
  const said = pairs(text);
  return rows
    .map(({ aliases, hot, score, most, known, rarest, ...row }) => {
      const likest = Math.max(...[row.title, ...aliases].map((one) => likeness(pairs(one), said)));
      return {
        ...row,
        score: ((score * (1 + likest)) / rarest) * hotter(hot),
        share: score / (most + (asked.length - known) * rarest),
      };
    })
    .sort((one, other) => other.score - one.score || (one.key < other.key ? -1 : 1));
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
