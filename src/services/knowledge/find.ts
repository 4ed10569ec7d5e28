import type { Queryable } from '../../platform/database';
import type { Status } from './entry';

/** Where to look: organisations and statuses; and from which place on, what was changed last first. */
export type Wanted = { organisations: number[]; statuses: readonly Status[]; place: Place | undefined; limit: number };
export type Place = [at: string, id: string];
type Found = { ids: string[] /** where to go on looking, when not all has been looked at */; on: Place | null };

const start: Place = ['infinity', '9223372036854775807'];
const parameters = ({ organisations, statuses, place = start, limit }: Wanted) => [
  organisations,
  statuses,
  ...place,
  limit,
];
const before = '(changed_at, id) < ($3::timestamptz, $4::bigint)';

const headsOf = (most: string) =>
  `SELECT id, changed_at FROM knowledge_entries WHERE organisation_id = r.organisation AND status = r.status AND ${before}
    ORDER BY changed_at DESC, id DESC LIMIT ${most}`;

/**
 * The first of many organisations, each read along the index. What is among the first $5 of all is in one of the $5 organisations and
 * statuses whose own first ones come first: of the others no more than that one is read.
 */
const firstStatement = `
  SELECT h.id::text FROM (
    SELECT r.* FROM (SELECT organisation, status FROM unnest($1::int[]) organisation, unnest($2::text[]) status) r
      JOIN LATERAL (${headsOf('1')}) one ON true ORDER BY one.changed_at DESC, one.id DESC LIMIT $5) r
    JOIN LATERAL (${headsOf('$5')}) h ON true ORDER BY h.changed_at DESC, h.id DESC LIMIT $5`;

export async function first(wanted: Wanted, on: Queryable): Promise<string[]> {
  return (await on.query<{ id: string }>(firstStatement, parameters(wanted))).map(({ id }) => id);
}

/** So many with the words are looked up at once; more means that the words are common, and the newest are soon enough. */
const most = 2000;
const walked = 20_000;

/** With all the words. However common they are it reads a bounded number of rows. */
export async function withWords(words: string[], wanted: Wanted, on: Queryable): Promise<Found> {
  const query = words.map((word) => `'${word}'`).join(' & ');
  const [found] = await on.query<{ ids: string[]; count: number }>(
    `WITH found AS MATERIALIZED (
       SELECT id, changed_at, organisation_id, status FROM knowledge_entries WHERE search @@ $6::tsquery LIMIT ${most + 1})
     SELECT (SELECT count(*)::int FROM found) AS count, ARRAY(SELECT id FROM found WHERE ${fits} ORDER BY changed_at DESC, id DESC LIMIT $5)::text[] AS ids`,
    [...parameters(wanted), query],
  );
  if (found!.count <= most) return { ids: found!.ids, on: null };
  const [row] = await on.query<{ ids: string[]; read: number; at: Date; last: string }>(
    `WITH newest AS MATERIALIZED (
       SELECT id, changed_at, organisation_id, status, search FROM knowledge_entries WHERE ${before}
        ORDER BY changed_at DESC, id DESC LIMIT ${walked}),
     last AS (SELECT id, changed_at FROM newest ORDER BY changed_at, id LIMIT 1)
     SELECT (SELECT count(*)::int FROM newest) AS read, (SELECT changed_at FROM last) AS at, (SELECT id::text FROM last) AS last,
            ARRAY(SELECT id FROM newest WHERE ${fits} AND search @@ $6::tsquery ORDER BY changed_at DESC, id DESC LIMIT $5)::text[] AS ids`,
    [...parameters(wanted), query],
  );
  const { ids, read, at, last } = row!;
  return { ids, on: read < walked ? null : [at.toISOString(), last] };
}

const fits = `organisation_id = ANY ($1) AND status = ANY ($2) AND ${before}`;
