import { type Found as FoundIn, searchCorpus } from '../../dialogue/search/ranked';
import type { Corpus } from '../../dialogue/search/statement';
import { calledTitle } from '../../people/organisations';
import type { Queryable } from '../../platform/database';

export type Found = FoundIn<{ answer: string; organisation: string; demo: boolean }>;

/** Published entries of a subtree for a citizen's words, best first; none where the words are about something else. */
export const searchEntries = (text: string, organisationId: number, limit: number, db: Queryable): Promise<Found[]> =>
  searchCorpus(entries, text, limit, db, [organisationId]);

export const entries: Corpus = {
  table: 'knowledge_published',
  key: 'entry_id',
  order: 'entry_id',
  columns: `m.answer, m.demo, (SELECT ${calledTitle('o')} FROM organisations o WHERE o.id = m.organisation_id) AS organisation`,
  // Only what the account's own organisation or one below it stands for. + 0: the words lead to the rows, never the organisation,
  // since a city's own account has nearly all of them.
  where: `m.organisation_id + 0 = ANY (ARRAY (
            SELECT below.id FROM organisations top JOIN organisations below ON starts_with(below.path, top.path) WHERE top.id = $5))`,
  words: 'knowledge_words',
  count: 'entries',
  catalogue: 'knowledge_catalogue',
};
