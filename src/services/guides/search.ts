import { type Found as FoundIn, searchCorpus } from '../../dialogue/search/ranked';
import type { Corpus } from '../../dialogue/search/statement';
import type { Queryable } from '../../platform/database';

export type Found = FoundIn<{ officeKey: string; summary: string; office: string }>;

/** Matters for a citizen's words, best first; none where the words are about something else. */
export const searchMatters = (text: string, limit: number, db: Queryable): Promise<Found[]> =>
  searchCorpus(matters, text, limit, db);

export const matters: Corpus = {
  table: 'guides_matters',
  key: 'key',
  order: 'position',
  columns: `m.doc ->> 'summary' AS summary, m.doc ->> 'office' AS office, m.office_key AS "officeKey"`,
  // Where the words alone do not decide, what most people come for goes first.
  boost: 'CASE WHEN m.hot IS NULL THEN 1 ELSE 1 + 0.15 / m.hot END::float8',
  words: 'guides_words',
  count: 'matters',
  catalogue: 'guides_catalogue',
};
