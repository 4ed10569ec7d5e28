import type { z } from 'zod';
import { wordsOf } from '../../dialogue/search/words';
import type { ServiceDeps } from '../../dialogue/service';
import { calledTitle, prefixes } from '../../people/organisations';
import { type Staff, scopeOf } from '../../people/staff';
import type { Queryable } from '../../platform/database';
import { type counts, type row, statuses } from './contract';
import { type Entry, type Status, selectEntries } from './entry';
import { first, type Wanted, withWords } from './find';
import { fromPlace, toPlace } from './place';
import { readers, writers } from './scope';

type Asked = { status?: Status; search: string; after?: string; limit: number };
export const countedUpTo = 1000;

/** What the caller sees, what was changed last first. */
export async function listEntries({ status, search, after, limit }: Asked, caller: Staff, { db }: ServiceDeps) {
  const place = fromPlace(after);
  const words = [...new Set(wordsOf(search))];
  // Nothing to look for in what was typed: nothing is found, instead of everything.
  if (search !== '' && words.length === 0 && !isNumber(search)) return { items: [], next: null };
  const wanted: Wanted = {
    organisations: await organisationsOf(caller, db),
    statuses: status ? [status] : statuses,
    place,
    limit: limit + 1,
  };
  const found =
    words.length > 0
      ? await withWords(words, wanted, db)
      : { ids: search === '' ? await first(wanted, db) : [], on: null };
  const numbered = place === undefined && isNumber(search) ? [search] : [];
  const rows = await entriesOf([...numbered, ...found.ids], wanted, db);
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const on = rows.length > limit && last ? ([last.changed_at.toISOString(), last.id] as const) : found.on;
  return { items: items.map(show), next: on && toPlace(...on) };
}

const isNumber = (search: string) => /^\d{1,18}$/.test(search);

async function entriesOf(ids: string[], { organisations, statuses }: Wanted, on: Queryable): Promise<Entry[]> {
  return on.query<Entry>(
    `${selectEntries} WHERE e.id = ANY ($1::bigint[]) AND e.organisation_id = ANY ($2) AND e.status = ANY ($3)
      ORDER BY e.changed_at DESC, e.id DESC`,
    [[...new Set(ids)], organisations, statuses],
  );
}

export async function countEntries(caller: Staff, { db }: ServiceDeps): Promise<z.input<typeof counts>> {
  const rows = await db.query<{ status: Status; count: number }>(
    // In the order of the index, so that it is read along it.
    `SELECT s.status, (SELECT count(*)::int FROM (
              SELECT 1 FROM unnest($1::int[]) o (id) JOIN LATERAL (
                SELECT 1 FROM knowledge_entries e WHERE e.organisation_id = o.id AND e.status = s.status
                 ORDER BY e.changed_at DESC, e.id DESC LIMIT ${countedUpTo}) one ON true LIMIT ${countedUpTo}) few) AS count
       FROM unnest($2::text[]) AS s (status)`,
    [await organisationsOf(caller, db), statuses],
  );
  return Object.fromEntries(rows.map(({ status, count }) => [status, count])) as z.input<typeof counts>;
}

export const show = (entry: Entry): z.input<typeof row> => ({
  id: entry.id,
  question: entry.question,
  organisation: { id: entry.organisation_id, title: entry.organisation_title },
  status: entry.status,
  live: entry.live_version !== null,
  demo: entry.demo,
  changedAt: entry.changed_at.toISOString(),
  changedBy: entry.changed_by,
});

/** Where the caller may write. */
export const writableOrganisations = (caller: Staff, { db }: ServiceDeps) =>
  db.query<{ id: number; title: string }>(
    `SELECT o.id, ${calledTitle('o')} AS title FROM organisations o WHERE o.path LIKE ANY ($1) ORDER BY o.path LIMIT 500`,
    [prefixes(scopeOf(caller, writers))],
  );

async function organisationsOf(caller: Staff, on: Queryable): Promise<number[]> {
  const rows = await on.query<{ id: number }>('SELECT id FROM organisations WHERE path LIKE ANY ($1)', [
    prefixes(scopeOf(caller, readers)),
  ]);
  return rows.map(({ id }) => id);
}
