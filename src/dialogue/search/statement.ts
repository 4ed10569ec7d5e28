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
  /** what a row `m` must be beside; may name $5 and on */
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
/** A word counts for what it means first: only where many more mean the same does it tell rows apart by itself. */
const saidAlone = 0.7;
/** With more rows than this a word need not be rarer still to say as much. */
const manyRows = 1000;

/**
 * Each word counts by how rare it is and where it stands; the very word that was said by how rare that one is, among all that mean
 * the same. Rows are looked up by the rarest topics asked, as many as keep the scan short; where all of them are common, by the two
 * rarest together.
 */
export const searchStatement = ({ table, key, order, columns, boost, where, words, count, catalogue }: Corpus) => `
  WITH known AS MATERIALIZED (
    SELECT a.topic, w.${count} AS spread, quote_literal(w.word)::tsquery AS term, a.gain * ln(1 + c.${count}::float8 / w.${count}) AS gain,
           s.${count} AS said_spread, quote_literal(s.word)::tsquery AS said, ${saidAlone} * a.gain * ln(1 + c.${count}::float8 / s.${count}) AS said_gain
      FROM unnest($1::text[], $2::text[], $3::float8[], $4::boolean[]) AS a (word, said, gain, topic)
      JOIN ${words} w ON w.word = a.word
      LEFT JOIN ${words} s ON s.word = a.said
     CROSS JOIN ${catalogue} c
  ), topics AS MATERIALIZED (
    SELECT term, sum(spread) OVER rarest_first AS so_far, row_number() OVER rarest_first AS place
      FROM (SELECT term, spread FROM known WHERE topic
            UNION ALL SELECT said, said_spread FROM known WHERE topic AND said IS NOT NULL) each
    WINDOW rarest_first AS (ORDER BY spread, term::text)
  ), wanted AS MATERIALIZED (
    SELECT coalesce((SELECT string_agg(term::text, ' | ') FROM topics WHERE so_far <= ${scanLimit}),
                    (SELECT string_agg(term::text, ' & ') FROM topics WHERE place <= 2))::tsquery AS query
  ), found AS MATERIALIZED (
    SELECT m.${key} AS key, (SELECT sum(greatest(k.gain * ${standing('k.term')}, k.said_gain * ${standing('k.said')})) FROM known k) AS score
      FROM ${table} m
     WHERE m.search @@ (SELECT query FROM wanted) ${where ? `AND ${where}` : ''}
     ORDER BY score DESC, m.${order}
     LIMIT ${candidates}
  )
  SELECT m.${key}::text AS key, m.title, m.aliases, ${columns}, ${boost ?? '1'} AS boost, f.score,
         k.most, k.known, (SELECT ln(1 + least(${count}, ${manyRows})) FROM ${catalogue}) AS rarest
    FROM found f JOIN ${table} m ON m.${key} = f.key
   CROSS JOIN (SELECT sum(gain) AS most, count(*)::int AS known FROM known) k`;

/** 1 for a word in the title or often in the text, 0 for one that is not there. */
const standing = (term: string) => `least(1, 1.6 * ts_rank('{0.1,0.35,0.8,1}', m.search, ${term}))`;

export const searchParameters = (asked: Asked[]): unknown[] => [
  asked.map(({ word }) => word),
  asked.map(({ said }) => said ?? null),
  asked.map(({ gain }) => gain),
  asked.map(({ topic }) => topic),
];
