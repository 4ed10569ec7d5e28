import type { ServiceDeps } from '../../dialogue/service';
import { byIndex, type Queryable, type Tx } from '../../platform/database';
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
    const newest = await byEras(words, await byIndexOfWords(tx, before), wanted, tx);
    return goesOn(newest, wanted)
      ? cut(joined(newest, await older(words, newest, wanted, tx)), wanted)
      : cut(newest, wanted);
  });
}

async function older(words: string, newer: Found & { next: string }, wanted: Wanted, tx: Tx): Promise<Found> {
  // Where there are so many already, a few eras more are cheaper than all there ever were.
  const rare = newer.ids.length * 3 <= wanted.limit;
  const all = rare && !inFew(wanted) && (await lookUp(words, newer.next, wanted, tx));
  return all ? { ids: all, next: null } : byEons(words, newer.next, wanted, tx);
}

/**
 * From here on no other index is left: for a word that it takes to be common Postgres would read the table from its beginning.
 * @returns the same place, where eras begin: not long after the newest question
 */
async function byIndexOfWords(tx: Tx, before: string): Promise<string> {
  const [row] = await tx.query<{ before: string }>(
    `SELECT ${byIndex}, set_config('enable_indexscan', 'off', true), set_config('jit', 'off', true),
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

/** So many questions that follow one another are an era, and eight eras an eon; the index of words says to which a question belongs. */
const era = 2048;
const eon = era * 8;
const firstEras = 4;
/** Each place is looked up by itself: for more than these it is cheaper to read those with the words and see where they are. */
const fewPlaces = 3;
const inFew = ({ places }: Wanted) => places === null || places.length <= fewPlaces;
const mostEons = (wanted: Wanted) => (inFew(wanted) ? 64 : 4);

/** Those with the words in the newest eras, one era after another until the page is full. */
async function byEras(words: string, before: string, wanted: Wanted, tx: Tx): Promise<Found> {
  const [row] = await tx.named<Found>(
    nameOf('eras', wanted),
    `WITH ${span(era)}, found AS MATERIALIZED (
       SELECT one.id FROM span CROSS JOIN LATERAL generate_series(newest, oldest, -1) AS eras (era)
        CROSS JOIN LATERAL (${newestOfEra(wanted)}) one
        LIMIT $6)
     ${pageOf(era)}`,
    [words, ...given(wanted), before, wanted.limit + 1, firstEras],
  );
  return row!;
}

/** So many rows with the words are read at once; more is a common word. */
const most = 2000;

/** Those with the words before the newest eras: an eon is looked up but once, unless the word is common in it. */
async function byEons(words: string, before: string, wanted: Wanted, tx: Tx): Promise<Found> {
  const [row] = await tx.named<Found>(
    nameOf('eons', wanted),
    `WITH ${span(eon)}, found AS MATERIALIZED (
       SELECT one.id FROM span CROSS JOIN LATERAL generate_series(newest, oldest, -1) AS eons (eon)
        CROSS JOIN LATERAL (
          SELECT count(*) AS count, array_agg(id ORDER BY id DESC) FILTER (WHERE id < $5 AND ${fits(wanted)}) AS ids
            FROM (SELECT with_words.* FROM ${withWords(`id / ${eon} = eons.eon`, wanted)} LIMIT ${most + 1}) looked_at) look
        CROSS JOIN LATERAL (
          SELECT unnest(ids) AS id WHERE count <= ${most}
          UNION ALL
          SELECT one.id
            FROM generate_series(least($5 - 1, eon * ${eon} + ${eon - 1}) / ${era}, eon * ${eon} / ${era}, -1) AS eras (era)
           CROSS JOIN LATERAL (${newestOfEra(wanted)}) one
           WHERE count > ${most}) one
        LIMIT $6)
     ${pageOf(eon)}`,
    [words, ...given(wanted), before, wanted.limit + 1, mostEons(wanted)],
  );
  return row!;
}

/** The statement differs by these alone. */
const nameOf = (statement: string, wanted: Wanted) =>
  `questions-${statement}-${wanted.queue ?? 'all'}-${wanted.places === null ? 'everywhere' : inFew(wanted) ? 'few' : 'many'}`;

/** The $7 newest eras, or eons, before $5. */
const span = (length: number) => `span AS (
       SELECT ($5::bigint - 1) / ${length} AS newest, greatest(($5::bigint - 1) / ${length} - $7::bigint + 1, 0) AS oldest)`;

const pageOf = (length: number) =>
  `SELECT ARRAY(SELECT id FROM found ORDER BY id DESC)::text[] AS ids, nullif(oldest * ${length}, 0)::text AS next FROM span`;

const newestOfEra = (wanted: Wanted) =>
  `SELECT id FROM ${withWords(`id / ${era} = eras.era`, wanted)} WHERE id < $5 AND ${fits(wanted)} ORDER BY id DESC LIMIT $6`;

/** So written that the index of words alone is asked. */
const withWords = (when: string, wanted: Wanted) => {
  const each = wanted.places !== null && inFew(wanted);
  return `${each ? 'unnest($2::int[]) AS places (one) CROSS JOIN LATERAL' : ''} (
            SELECT id, organisation_id, account_id, assignee_id, next_due_at, snoozed_until, status FROM questions
             WHERE ${when} AND search @@ $1::tsquery ${each ? `AND ${place} = places.one` : ''} OFFSET 0) with_words`;
};

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
