import { createHash } from 'node:crypto';
import { searchVector } from '../../dialogue/search/vector';
import { calledTitle } from '../../people/organisations';
import type { Queryable } from '../../platform/database';

/** What a version says, and what its reviewer answers for. */
export type Content = {
  question: string;
  answer: string;
  /** how citizens put it */
  aliases: string[];
  basis: 'agreed' | 'generalised';
  /** what looked personal, and somebody has said that it is not */
  cleared: string[];
};
export type Draft = Omit<Content, 'basis'> & { basis: Content['basis'] | null };
export type Status = 'draft' | 'submitted' | 'returned' | 'published' | 'withdrawn';

export type Entry = Draft & {
  id: string;
  organisation_id: number;
  organisation_title: string;
  organisation_path: string;
  status: Status;
  version: number;
  edit: number;
  origin: string | null;
  agreed: boolean;
  demo: boolean;
  authors: number[];
  live_version: number | null;
  changed_at: Date;
  changed_by: string | null;
};

export const selectEntries = `
  SELECT e.id::text, e.organisation_id, ${calledTitle('o')} AS organisation_title, o.path AS organisation_path, e.status, e.version, e.edit,
         e.question, e.answer, e.aliases, e.basis, e.cleared, e.origin, e.agreed, e.demo, e.authors, e.live_version,
         e.changed_at, s.name AS changed_by
    FROM knowledge_entries e
    JOIN organisations o ON o.id = e.organisation_id
    LEFT JOIN staff s ON s.id = e.changed_by`;

export async function entryById(on: Queryable, id: string): Promise<Entry | undefined> {
  return (await on.query<Entry>(`${selectEntries} WHERE e.id = $1`, [id]))[0];
}

/** An approval is of this, and of nothing else. */
export const hashOf = ({ question, answer, aliases, basis, cleared }: Draft): string =>
  createHash('sha256')
    .update(JSON.stringify([question, answer, aliases, basis, [...cleared].sort()]))
    .digest('hex');

/** A: the question; B: how citizens put it; D: what the answer says. */
export const entryVector = ({ question, answer, aliases }: Pick<Draft, 'question' | 'answer' | 'aliases'>): string =>
  searchVector([
    ['A', [question]],
    ['B', aliases],
    ['D', [answer]],
  ]);
