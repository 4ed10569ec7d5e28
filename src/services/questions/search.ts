import type { ServiceDeps } from '../../dialogue/service';
import type { Staff } from '../../people/staff';
import type { Queryable } from '../../platform/database';
import type { Queue, Row } from './contract';
import { fromPlace, toPlace } from './place';
import { type Page, rowsOf } from './queues';
import { likes, type Sight, sightOf } from './scope';
import { byWords, fits, given, type Wanted } from './search-words';
import { queryOf } from './words';

/**
 * By number or by words, in one queue's state where one is given; newest first. However common a word is and whoever asks, a page
 * costs a bounded number of rows; one that would cost more ends early, and its `next` goes on from there.
 */
export async function search(
  { text, queue }: { text: string; queue?: Queue },
  caller: Staff,
  { after, limit }: Page,
  deps: ServiceDeps,
): Promise<{ items: Row[]; next: string | null }> {
  const now = deps.clock.now();
  const number = /^q\d{6,}$/i.test(text.trim()) ? text.trim().toUpperCase() : null;
  const words = queryOf(text);
  if (!number && !words) return { items: [], next: null };
  const places = await placesInSight(sightOf(caller), deps.db);
  const wanted: Wanted = { queue, places, callerId: caller.id, now, limit };
  if (number) return { items: await rowsOf(await byNumber(number, wanted, deps.db), now, deps.db), next: null };
  const { ids, next } = await byWords(words!, fromPlace(after)?.[1] ?? last, wanted, deps);
  return { items: await rowsOf(ids, now, deps.db), next: next && toPlace('infinity', next) };
}

const last = '999999999999999999';

async function byNumber(number: string, wanted: Wanted, db: Queryable): Promise<string[]> {
  const rows = await db.query<{ id: string }>(`SELECT id::text FROM questions WHERE number = $1 AND ${fits(wanted)}`, [
    number,
    ...given(wanted),
  ]);
  return rows.map(({ id }) => id);
}

/** Where somebody sees questions; null for everywhere. */
async function placesInSight(sight: Sight, db: Queryable): Promise<number[] | null> {
  const { departments, undispatched } = likes(sight);
  const [row] = await db.named<{ places: number[]; everywhere: boolean }>(
    'questions-places',
    `SELECT coalesce(array_agg(id) FILTER (WHERE seen), '{}') AS places, bool_and(seen) AS everywhere FROM (
       SELECT id, path LIKE ANY ($1) AS seen FROM organisations
       UNION ALL
       SELECT -a.id, o.path LIKE ANY ($2) FROM accounts a JOIN organisations o ON o.id = a.organisation_id) all_places`,
    [departments, undispatched],
  );
  return row!.everywhere ? null : row!.places;
}
