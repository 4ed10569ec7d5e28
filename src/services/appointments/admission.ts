import { createBatch } from '../../dialogue/inbox/batch';
import type { ServiceDeps } from '../../dialogue/service';
import type { Citizen } from '../../people/citizen';
import type { Queryable } from '../../platform/database';
import { notFound, UserError } from '../../platform/errors';
import { rushPolicy } from './rush';

export type Ask = Citizen & {
  resourceId: number;
  slotId: string;
  day: string;
  personId: string;
  /** the sender's own: sent again, it is the same place in the line */
  key: string;
  via: 'page' | 'chat';
  at: Date;
};

export type Place = {
  id: string;
  resource_id: number;
  day: string;
  person_id: string;
  status: 'waiting' | 'served' | 'over' | 'refused' | 'left';
  appointment_id: string | null;
  said: string | null;
  /** from 1, while waiting */
  position: number | null;
  /** until it is their turn, by how many were answered in the last seconds; null while that is not known */
  seconds: number | null;
};

type Deps = Pick<ServiceDeps, 'db' | 'settings' | 'events'>;

/**
 * Puts somebody in line for a doctor or a window. Those who come together are written together, in the order in which they came; the
 * place is in Postgres before anybody is told of it. Who is in this line already keeps the place they have.
 * @throws UserError 429 for who stands in enough lines
 */
export function joinLine(ask: Ask, deps: Deps): Promise<Place> {
  return new Promise((resolve, reject) => batchOf(deps).add({ ask, resolve, reject }));
}

/** The same within a transaction. @throws likewise */
export async function joinLineIn(on: Queryable, ask: Ask, deps: Deps): Promise<Place> {
  const [place] = await join(on, [ask], deps);
  if (!place) throw inEnoughLines();
  return place;
}

/** Where somebody stands now. @throws UserError 404 */
export async function placeOf(on: Queryable, { accountId, openid }: Citizen, id: string, at: Date): Promise<Place> {
  const [found] = await on.query<Row>(
    `SELECT ${columns} FROM appointment_admissions WHERE id = $1 AND account_id = $2 AND openid = $3`,
    [id, accountId, openid],
  );
  if (!found) throw notFound('这个排队');
  return (await withPositions(on, [found], at))[0]!;
}

/** The lines somebody stands in now. */
export async function linesOf(on: Queryable, { accountId, openid }: Citizen, at: Date): Promise<Place[]> {
  const found = await on.query<Row>(
    `SELECT ${columns} FROM appointment_admissions WHERE account_id = $1 AND openid = $2 AND status = 'waiting'
      ORDER BY appointment_admissions.id LIMIT 50`,
    [accountId, openid],
  );
  return withPositions(on, found, at);
}

/** Does not want to wait any longer. */
export const leaveRush = (on: Queryable, { accountId, openid }: Citizen, at: Date, id: string | null = null) =>
  on.query(
    `UPDATE appointment_admissions SET status = 'left', settled_at = $3
      WHERE account_id = $1 AND openid = $2 AND status = 'waiting' AND ($4::bigint IS NULL OR id = $4)`,
    [accountId, openid, at, id],
  );

type Row = Omit<Place, 'position' | 'seconds'>;
const columns = 'id::text, resource_id, day::text, person_id::text, status, appointment_id::text, said';

type Asking = { ask: Ask; resolve(place: Place): void; reject(error: unknown): void };
const batches = new WeakMap<ServiceDeps['events'], ReturnType<typeof createBatch<Asking>>>();
/** Of each server of this process. */
function batchOf(deps: Deps) {
  const known =
    batches.get(deps.events) ??
    createBatch<Asking>({ work: (asking) => joinTogether(asking, deps), largest: () => 200, atOnce: 1 });
  batches.set(deps.events, known);
  return known;
}

async function joinTogether(asking: Asking[], deps: Deps): Promise<void> {
  try {
    const places = await join(
      deps.db,
      asking.map(({ ask }) => ask),
      deps,
    );
    for (const [index, { resolve, reject }] of asking.entries()) {
      const place = places[index];
      if (place) resolve(place);
      else reject(inEnoughLines());
    }
  } catch (error) {
    for (const { reject } of asking) reject(error);
  }
}

const inEnoughLines = () =>
  new UserError(429, 'too-many', '您正在排的队已经够多，或者这个人已由别的微信号在排，请等有结果再来');

/** One statement writes all, the next reads where they stand: their own place, or the one the person has in that line already. */
async function join(on: Queryable, asks: Ask[], deps: Deps): Promise<(Place | undefined)[]> {
  const { linesPerPerson, linesPerCitizen } = rushPolicy(deps);
  await on.query(
    `INSERT INTO appointment_admissions (resource_id, slot_id, day, account_id, openid, person_id, key, via, at)
     SELECT resource_id, slot_id, day, account_id, openid, person_id, key, via, at
       FROM unnest(${arrays}) WITH ORDINALITY AS t (resource_id, slot_id, day, account_id, openid, person_id, key, via, at, n)
      WHERE (SELECT count(*) FROM appointment_admissions a WHERE a.person_id = t.person_id AND a.status = 'waiting') < $10
        AND (SELECT count(*) FROM appointment_admissions a
              WHERE a.account_id = t.account_id AND a.openid = t.openid AND a.status = 'waiting') < $11
      ORDER BY n ON CONFLICT DO NOTHING`,
    [...arraysOf(asks), linesPerPerson, linesPerCitizen],
  );
  const rows = await on.query<Row & { n: number }>(
    `SELECT t.n::int, mine.* FROM unnest(${arrays}) WITH ORDINALITY
            AS t (resource_id, slot_id, day, account_id, openid, person_id, key, via, at, n),
       LATERAL (
         (SELECT ${columns} FROM appointment_admissions a
           WHERE a.account_id = t.account_id AND a.openid = t.openid AND a.key = t.key)
         UNION ALL
         (SELECT ${columns} FROM appointment_admissions a WHERE a.resource_id = t.resource_id AND a.person_id = t.person_id
             AND a.status = 'waiting' AND a.account_id = t.account_id AND a.openid = t.openid)
         LIMIT 1) mine`,
    arraysOf(asks),
  );
  await deps.events.publish('appointments.line', null, on);
  const places = new Map((await withPositions(on, rows, asks[0]!.at)).map((place) => [place.id, place]));
  const byAsk = new Map(rows.map(({ n, id }) => [n - 1, places.get(id)]));
  return asks.map((_ask, index) => byAsk.get(index));
}

const arrays =
  '$1::int[], $2::bigint[], $3::date[], $4::int[], $5::text[], $6::bigint[], $7::text[], $8::text[], $9::timestamptz[]';
const arraysOf = (asks: Ask[]): unknown[] => [
  asks.map(({ resourceId }) => resourceId),
  asks.map(({ slotId }) => slotId),
  asks.map(({ day }) => day),
  asks.map(({ accountId }) => accountId),
  asks.map(({ openid }) => openid),
  asks.map(({ personId }) => personId),
  asks.map(({ key }) => key),
  asks.map(({ via }) => via),
  asks.map(({ at }) => at),
];

const lookBackSeconds = 10;

/** Counted, not remembered: whoever left or was answered meanwhile is in front of nobody. */
async function withPositions(on: Queryable, rows: Row[], at: Date): Promise<Place[]> {
  const waiting = rows.filter(({ status }) => status === 'waiting');
  if (waiting.length === 0) return rows.map((row) => ({ ...row, position: null, seconds: null }));
  const counted = await on.query<{ id: string; position: number; rate: number }>(
    `WITH line AS (
       SELECT id, resource_id, row_number() OVER (PARTITION BY resource_id ORDER BY id)::int AS position
         FROM appointment_admissions WHERE status = 'waiting' AND resource_id = ANY ($1::int[])),
     pace AS (
       SELECT resource_id, count(*)::float8 / ${lookBackSeconds} AS rate FROM appointment_admissions
        WHERE resource_id = ANY ($1::int[]) AND settled_at > $3 AND status IN ('served','refused') GROUP BY 1)
     SELECT id::text, position, coalesce(rate, 0) AS rate FROM line LEFT JOIN pace USING (resource_id) WHERE id = ANY ($2::bigint[])`,
    [
      [...new Set(waiting.map(({ resource_id }) => resource_id))],
      waiting.map(({ id }) => id),
      new Date(at.getTime() - lookBackSeconds * 1000),
    ],
  );
  const known = new Map(counted.map((one) => [one.id, one]));
  return rows.map((row) => {
    const { position = null, rate = 0 } = known.get(row.id) ?? {};
    return { ...row, position, seconds: position !== null && rate > 0 ? Math.ceil(position / rate) : null };
  });
}
