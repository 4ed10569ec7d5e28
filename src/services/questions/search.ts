import type { ServiceDeps } from '../../dialogue/service';
import type { Staff } from '../../people/staff';
import type { Queryable } from '../../platform/database';
import type { Queue, Row } from './contract';
import { fromPlace, toPlace } from './place';
import { type Page, rowsOf } from './queues';
import { likes, type Sight, sightOf } from './scope';
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

type Wanted = { queue?: Queue; places: number[] | null; callerId: number; now: Date; limit: number };
type Found = { ids: string[] /** the last one looked at, while there are more */; next: string | null };

const last = '999999999999999999';
/** Of the newest so many are read one by one; a common word fills the page by then. */
const firstStep = 1000;
const laterStep = 20_000;
const laterSteps = 5;
/** So many rows with the words are read at once; more is a common word. */
const most = 2000;

async function byWords(words: string, before: string, wanted: Wanted, deps: ServiceDeps): Promise<Found> {
  const newest = await walk(words, before, firstStep, wanted, deps.db);
  if (newest.next === null || newest.ids.length > wanted.limit) return cut(newest, wanted);
  const all = await lookUp(words, before, wanted, deps);
  if (all) return cut({ ids: all, next: null }, wanted);
  let found = newest;
  for (let step = 0; step < laterSteps && found.next !== null && found.ids.length <= wanted.limit; step++) {
    const more = await walk(words, found.next, laterStep, wanted, deps.db);
    found = { ids: [...found.ids, ...more.ids], next: more.next };
  }
  return cut(found, wanted);
}

const cut = ({ ids, next }: Found, { limit }: Wanted): Found =>
  ids.length > limit ? { ids: ids.slice(0, limit), next: ids[limit - 1]! } : { ids, next };

/** Those with the words among the newest `step` that come before one. */
async function walk(words: string, before: string, step: number, wanted: Wanted, db: Queryable): Promise<Found> {
  // So written that those of other states are not read and thrown away, however few they seem to Postgres.
  const status = wanted.queue && statusOf(wanted.queue);
  const [row] = await db.query<Found & { read: number }>(
    `WITH newest AS MATERIALIZED (
       SELECT id, organisation_id, account_id, assignee_id, next_due_at, snoozed_until, status, search FROM questions
        WHERE ${status ? `(status, id) < ('${status}', $5) AND status >= '${status}'` : 'id < $5'}
        ORDER BY ${status ? 'status DESC,' : ''} id DESC LIMIT $7)
     SELECT (SELECT min(id) FROM newest)::text AS next, (SELECT count(*)::int FROM newest) AS read,
            ARRAY(SELECT id FROM newest WHERE search @@ $1::tsquery AND ${fits(wanted)} ORDER BY id DESC LIMIT $6)::text[] AS ids`,
    [words, ...given(wanted), before, wanted.limit + 1, step],
  );
  const { ids, next, read } = row!;
  return { ids, next: read < step ? null : next };
}

/** All with the words, by the index; undefined where there are too many of them. */
function lookUp(words: string, before: string, wanted: Wanted, { db }: ServiceDeps): Promise<string[] | undefined> {
  return db.transaction(async (tx) => {
    // Only the index of words is left then: for a word that it takes to be common Postgres would read the table from its beginning.
    await tx.query(`SELECT set_config('enable_seqscan', 'off', true), set_config('enable_indexscan', 'off', true)`);
    const [row] = await tx.query<{ ids: string[]; count: number }>(
      `WITH found AS MATERIALIZED (
         SELECT id, organisation_id, account_id, assignee_id, next_due_at, snoozed_until, status FROM questions
          WHERE search @@ $1::tsquery ${wanted.places ? `AND ${place} = ANY ($2)` : ''} LIMIT $7)
       SELECT (SELECT count(*)::int FROM found) AS count,
              ARRAY(SELECT id FROM found WHERE id < $5 AND ${fits(wanted)} ORDER BY id DESC LIMIT $6)::text[] AS ids`,
      [words, ...given(wanted), before, wanted.limit + 1, most + 1],
    );
    return row!.count > most ? undefined : row!.ids;
  });
}

async function byNumber(number: string, wanted: Wanted, db: Queryable): Promise<string[]> {
  const rows = await db.query<{ id: string }>(`SELECT id::text FROM questions WHERE number = $1 AND ${fits(wanted)}`, [
    number,
    ...given(wanted),
  ]);
  return rows.map(({ id }) => id);
}

/** As the index of words has it: the department, or minus the account while there is none. */
const place = 'coalesce(organisation_id, -account_id)';

/** Where somebody sees questions; null for everywhere. */
async function placesInSight(sight: Sight, db: Queryable): Promise<number[] | null> {
  const { departments, undispatched } = likes(sight);
  const [row] = await db.query<{ places: number[]; everywhere: boolean }>(
    `SELECT coalesce(array_agg(id) FILTER (WHERE seen), '{}') AS places, bool_and(seen) AS everywhere FROM (
       SELECT id, path LIKE ANY ($1) AS seen FROM organisations
       UNION ALL
       SELECT -a.id, o.path LIKE ANY ($2) FROM accounts a JOIN organisations o ON o.id = a.organisation_id) all_places`,
    [departments, undispatched],
  );
  return row!.everywhere ? null : row!.places;
}

/** $2 to $4 of the statements above. */
const given = ({ places, callerId, now }: Wanted) => [places, callerId, now];

const fits = ({ queue, places }: Wanted): string =>
  `($2::int[] IS NULL OR ${places ? `${place} = ANY ($2)` : 'true'}) AND ($3::int, $4::timestamptz) IS NOT NULL AND ${within(queue)}`;

const statusOf = (queue: Queue) => (queue === 'answered' || queue === 'closed' ? queue : 'open');

function within(queue: Queue | undefined): string {
  switch (queue) {
    case undefined:
      return 'true';
    case 'answered':
    case 'closed':
      return `status = '${queue}'`;
    case 'mine':
      return `status = 'open' AND assignee_id = $3`;
    case 'unassigned':
      return `status = 'open' AND assignee_id IS NULL AND organisation_id IS NOT NULL`;
    case 'dispatch':
      return `status = 'open' AND organisation_id IS NULL`;
    case 'overdue':
      return `status = 'open' AND next_due_at <= $4`;
    case 'snoozed':
      return `status = 'open' AND snoozed_until > $4`;
    case 'department':
    case 'joint':
      return `status = 'open'`;
  }
}
