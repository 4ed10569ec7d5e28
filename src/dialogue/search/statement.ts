import type { Asked } from './words';

/** Where a service keeps what citizens look for. Names are our own, and stand in the statement as they are. */
export type Corpus = {
  /** has `search`, a tsvector with a GIN index, `title`, and `aliases`: how citizens put it */
  table: string;
  /** the column that names a row */
  key: string;
  /** orders what is equally good */
  order: string;
  /** what is wanted of a row `m` besides */
  columns: string;
  /** a number near 1 by which a row `m` counts more than others */
  boost?: string;
  /** what a row `m` must be beside; may name $4 and on */
  where?: string;
  /** in how many rows a word occurs: a table with `word`, and the column with the number */
  words: string;
  count: string;
  /** how many rows there are: a table with one row, and the column with the number */
  catalogue: string;
};

/** Reading more rows than this for one question costs more than its common words are worth. */
const scanLimit = 4000;
const candidates = 30;

/**
 * Each word counts by how rare it is and where it stands. Rows are looked up by the rarest topics asked, as many as keep the
 * scan short; where all of them are common, by the two rarest together.
 */
export const searchStatement = ({ table, key, order, columns, boost, where, words, count, catalogue }: Corpus) => `
  WITH known AS MATERIALIZED (
    SELECT w.word, a.topic, w.${count} AS spread, quote_literal(w.word)::tsquery AS term,
           a.gain * ln(1 + c.${count}::float8 / w.${count}) AS gain
      FROM unnest($1::text[], $2::float8[], $3::boolean[]) AS a (word, gain, topic)
      JOIN ${words} w ON w.word = a.word
     CROSS JOIN ${catalogue} c
  ), topics AS MATERIALIZED (
    SELECT term, sum(spread) OVER rarest_first AS so_far, row_number() OVER rarest_first AS place
      FROM known WHERE topic WINDOW rarest_first AS (ORDER BY spread, word)
  ), wanted AS MATERIALIZED (
    SELECT coalesce((SELECT string_agg(term::text, ' | ') FROM topics WHERE so_far <= ${scanLimit}),
                    (SELECT string_agg(term::text, ' & ') FROM topics WHERE place <= 2))::tsquery AS query
  ), found AS MATERIALIZED (
    SELECT m.${key} AS key, (SELECT sum(k.gain * least(1, 1.6 * ts_rank('{0.1,0.35,0.8,1}', m.search, k.term))) FROM known k) AS score
      FROM ${table} m
     WHERE m.search @@ (SELECT query FROM wanted) ${where ? `AND ${where}` : ''}
     ORDER BY score DESC, m.${order}
     LIMIT ${candidates}
  )
  SELECT m.${key}::text AS key, m.title, m.aliases, ${columns}, ${boost ?? '1'} AS boost, f.score,
         k.most, k.known, (SELECT ln(1 + ${count}) FROM ${catalogue}) AS rarest
    FROM found f JOIN ${table} m ON m.${key} = f.key
   CROSS JOIN (SELECT sum(gain) AS most, count(*)::int AS known FROM known) k`;

export const searchParameters = (asked: Asked[]): unknown[] => [
  asked.map(({ word }) => word),
  asked.map(({ gain }) => gain),
  asked.map(({ topic }) => topic),
];
