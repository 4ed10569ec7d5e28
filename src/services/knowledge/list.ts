import type { z } from 'zod';
import { wordsOf } from '../../dialogue/search/words';
import type { ServiceDeps } from '../../dialogue/service';
import { calledTitle, prefixes } from '../../people/organisations';
import { type Staff, scopeOf } from '../../people/staff';
import type { Queryable } from '../../platform/database';
import { type counts, type row, statuses } from './contract';
import { type Entry, type Status, selectEntries } from './entry';
import { fromPlace, toPlace } from './place';
import { readers, writers } from './scope';

type Asked = { status?: Status; search: string; after?: string; limit: number };
export const countedUpTo = 1000;

/** What the caller sees, what was changed last first. */
export async function listEntries({ status, search, after, limit }: Asked, caller: Staff, { db }: ServiceDeps) {
  const place = fromPlace(after);
  const words = [...new Set(wordsOf(search))];
  // Nothing to look for in what was typed: nothing is found, instead of everything.
  if (search !== '' && words.length === 0 && !/^\d{1,18}$/.test(search)) return { items: [], next: null };
  const rows = await db.query<Entry>(listStatement, [
    await organisationsOf(caller, db),
    status ?? null,
    search === '' ? null : words.map((word) => `'${word}'`).join(' & '),
    /^\d{1,18}$/.test(search) ? search : null,
    place?.[0] ?? null,
    place?.[1] ?? null,
    limit + 1,
  ]);
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return {
    items: items.map(show),
    next: rows.length > limit && last ? toPlace(last.changed_at.toISOString(), last.id) : null,
  };
}

export const listStatement = `${selectEntries}
  WHERE e.organisation_id = ANY ($1) AND ($2::text IS NULL OR e.status = $2)
    AND ($3::text IS NULL OR e.search @@ $3::tsquery OR e.id = $4::bigint)
    AND ($5::timestamptz IS NULL OR (date_trunc('milliseconds', e.changed_at), e.id) < ($5::timestamptz, $6::bigint))
  ORDER BY e.changed_at DESC, e.id DESC LIMIT $7`;

export async function countEntries(caller: Staff, { db }: ServiceDeps): Promise<z.input<typeof counts>> {
  const rows = await db.query<{ status: Status; count: number }>(
    `SELECT s.status, (SELECT count(*)::int FROM (SELECT 1 FROM knowledge_entries e
                        WHERE e.organisation_id = ANY ($1) AND e.status = s.status LIMIT ${countedUpTo}) few) AS count
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
