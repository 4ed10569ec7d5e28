import type { ServiceDeps } from '../../dialogue/service';
import type { Queryable, Tx } from '../../platform/database';
import type { Queue } from './contract';

/** In which queue's state, and where; null for everywhere. */
export type Wanted = { queue?: Queue; places: number[] | null; callerId: number; now: Date; limit: number };
export type Found = { ids: string[] /** where to go on from, while there are more */; next: string | null };

/**
 * Those with all the words before one, newest first. However common a word is and whoever asks, it costs a bounded number of rows: what
 * would cost more ends early, and `next` goes on from there.
 */
export async function byWords(words: string, before: string, wanted: Wanted, deps: ServiceDeps): Promise<Found> {
  const status = wanted.queue && statusOf(wanted.queue);
  // Of these there are never many, however many have been done with.
  if (status === 'open' || status === 'answered') return walk(words, before, status, wanted, deps.db);
  return deps.db.transaction(async (tx) => {
    let found = await byEras(words, await byIndexOfWords(tx, before), firstEras, wanted, tx);
    // So many already: a few more eras are cheaper than all there ever were.
    if (goesOn(found, wanted) && found.ids.length * 3 > wanted.limit)
      found = joined(found, await byEras(words, found.next, moreEras, wanted, tx));
    if (!goesOn(found, wanted)) return cut(found, wanted);
    const all = wanted.places && (await lookUp(words, found.next, wanted, tx));
    const older = all ? { ids: all, next: null } : await byEras(words, found.next, laterEras(wanted), wanted, tx);
    return cut(joined(found, older), wanted);
  });
}

/**
 * From here on no other index is left: for a word that it takes to be common Postgres would read the table from its beginning.
 * @returns the same place, where eras begin: not long after the newest question
 */
async function byIndexOfWords(tx: Tx, before: string): Promise<string> {
  const [row] = await tx.query<{ before: string }>(
    `SELECT set_config('enable_seqscan', 'off', true), set_config('enable_indexscan', 'off', true),
            least($1::bigint, (SELECT coalesce(max(id), 0) + 1 FROM questions))::text AS before`,
    [before],
  );
  return row!.before;
}

const goesOn = (found: Found, { limit }: Wanted): found is Found & { next: string } =>
  found.next !== null && found.ids.length <= limit;

const joined = (newer: Found, older: Found): Found => ({ ids: [...newer.ids, ...older.ids], next: older.next });

const cut = ({ ids, next }: Found, { limit }: Wanted): Found =>
  ids.length > limit ? { ids: ids.slice(0, limit), next: ids[limit - 1]! } : { ids, next };

/** So many questions that follow one another are an era; the index of words says to which a question belongs. */
const era = 2048;
const firstEras = 4;
const moreEras = 8;
/** Each place is looked up by itself: for more than these it is cheaper to read those with the words and see where they are. */
const fewPlaces = 3;
const laterEras = ({ places }: Wanted) => (places === null || places.length <= fewPlaces ? 500 : 30);

/** Those with the words in the newest eras, one era after another until the page is full. */
async function byEras(words: string, before: string, eras: number, wanted: Wanted, tx: Tx): Promise<Found> {
  const few = wanted.places && wanted.places.length <= fewPlaces;
  const [row] = await tx.query<Found>(
    `WITH span AS (
       SELECT ($5::bigint - 1) / ${era} AS newest, greatest(($5::bigint - 1) / ${era} - $7::bigint + 1, 0) AS oldest
     ), found AS MATERIALIZED (
       SELECT one.id FROM span CROSS JOIN LATERAL generate_series(newest, oldest, -1) AS eras (era)
        CROSS JOIN LATERAL (
          SELECT id FROM ${few ? 'unnest($2::int[]) AS places (one) CROSS JOIN LATERAL' : ''} (
            SELECT id, organisation_id, account_id, assignee_id, next_due_at, snoozed_until, status FROM questions
             WHERE id / ${era} = eras.era AND search @@ $1::tsquery ${few ? `AND ${place} = places.one` : ''} OFFSET 0) with_words
           WHERE id < $5 AND ${fits(wanted)} ORDER BY id DESC LIMIT $6) one
        LIMIT $6)
     SELECT ARRAY(SELECT id FROM found ORDER BY id DESC)::text[] AS ids, nullif(oldest * ${era}, 0)::text AS next FROM span`,
    [words, ...given(wanted), before, wanted.limit + 1, eras],
  );
  return row!;
}

/** So many rows with the words are read at once; more is a common word. */
const most = 2000;

/** All with the words in somebody's places; undefined where there are too many of them. */
async function lookUp(words: string, before: string, wanted: Wanted, tx: Tx): Promise<string[] | undefined> {
  const [row] = await tx.query<{ ids: string[]; count: number }>(
    `WITH found AS MATERIALIZED (
       SELECT id, organisation_id, account_id, assignee_id, next_due_at, snoozed_until, status FROM questions
        WHERE search @@ $1::tsquery AND ${place} = ANY ($2) LIMIT $7)
     SELECT (SELECT count(*)::int FROM found) AS count,
            ARRAY(SELECT id FROM found WHERE id < $5 AND ${fits(wanted)} ORDER BY id DESC LIMIT $6)::text[] AS ids`,
    [words, ...given(wanted), before, wanted.limit + 1, most + 1],
  );
  return row!.count > most ? undefined : row!.ids;
}

const walked = 10_000;

/** Those with the words among the newest of one state. */
async function walk(words: string, before: string, status: string, wanted: Wanted, db: Queryable): Promise<Found> {
  const [row] = await db.query<Found & { read: number }>(
    // So written that those of other states are not read and thrown away, however few they seem to Postgres.
    `WITH newest AS MATERIALIZED (
       SELECT id, organisation_id, account_id, assignee_id, next_due_at, snoozed_until, status, search FROM questions
        WHERE (status, id) < ('${status}', $5) AND status >= '${status}' ORDER BY status DESC, id DESC LIMIT $7)
     SELECT (SELECT min(id) FROM newest)::text AS next, (SELECT count(*)::int FROM newest) AS read,
            ARRAY(SELECT id FROM newest WHERE search @@ $1::tsquery AND ${fits(wanted)} ORDER BY id DESC LIMIT $6)::text[] AS ids`,
    [words, ...given(wanted), before, wanted.limit + 1, walked],
  );
  const { ids, next, read } = row!;
  return cut({ ids, next: read < walked ? null : next }, wanted);
}

/** As the index of words has it: the department, or minus the account while there is none. */
const place = 'coalesce(organisation_id, -account_id)';

/** $2 to $4 of the statements. */
export const given = ({ places, callerId, now }: Wanted) => [places, callerId, now];

export const fits = ({ queue, places }: Wanted): string =>
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
