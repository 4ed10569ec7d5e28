import type { ServiceDeps } from '../../dialogue/service';
import type { Citizen } from '../../people/citizen';
import type { Queryable } from '../../platform/database';
import { notFound, UserError } from '../../platform/errors';
import { gather } from './gather';
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
 * @throws UserError 429 for who stands in enough lines, 404 for a person whom this citizen does not act for
 */
export async function joinLine(ask: Ask, deps: Deps): Promise<Place> {
  return (await joinGathered(ask, deps)) ?? refuse(deps.db, ask);
}
const joinGathered = gather((asks: Ask[], deps: Deps) => join(deps.db, asks, deps));

/** The same within a transaction. @throws likewise */
export async function joinLineIn(on: Queryable, ask: Ask, deps: Deps): Promise<Place> {
  const [place] = await join(on, [ask], deps);
  return place ?? refuse(on, ask);
}

/** Where somebody stands now; those who look at the same moment look together. @throws UserError 404 */
export async function placeOf(citizen: Citizen, id: string, deps: Pick<ServiceDeps, 'db' | 'events' | 'clock'>) {
  const place = await lookGathered({ ...citizen, id }, deps);
  if (!place) throw notFound('这个排队');
  return place;
}
const lookGathered = gather(
  async (asked: (Citizen & { id: string })[], { db, clock }: Parameters<typeof placeOf>[2]) => {
    const found = await db.query<Row & { n: number }>(
      `SELECT t.n::int, ${columns}
       FROM unnest($1::bigint[], $2::int[], $3::text[]) WITH ORDINALITY AS t (asked, account, citizen, n)
       JOIN appointment_admissions ON id = asked AND account_id = account AND openid = citizen`,
      [asked.map(({ id }) => id), asked.map(({ accountId }) => accountId), asked.map(({ openid }) => openid)],
    );
    const places: (Place | undefined)[] = asked.map(() => undefined);
    for (const [index, place] of (await withPositions(db, found, clock.now())).entries())
      places[found[index]!.n - 1] = place;
    return places;
  },
);

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
/** Where those of `asked` stand already: by what they sent, or as a person who is in that line. */
const standing = `
  SELECT mine.*, t.n::int FROM asked t, LATERAL (
    (SELECT ${columns}, account_id, openid, key FROM appointment_admissions a
      WHERE a.account_id = t.account_id AND a.openid = t.openid AND a.key = t.key)
    UNION ALL
    (SELECT ${columns}, account_id, openid, key FROM appointment_admissions a WHERE a.resource_id = t.resource_id
        AND a.person_id = t.person_id AND a.status = 'waiting' AND a.account_id = t.account_id AND a.openid = t.openid)
    LIMIT 1) mine`;

/** Looked up for those alone who got no place: in a rush everybody else is spared the question. */
async function refuse(on: Queryable, { accountId, openid, personId }: Ask): Promise<never> {
  const [bound] = await on.query(
    'SELECT 1 FROM person_bindings WHERE account_id = $1 AND openid = $2 AND person_id = $3 AND unbound_at IS NULL',
    [accountId, openid, personId],
  );
  if (!bound) throw notFound('这位家人');
  throw new UserError(429, 'too-many', '您正在排的队已经够多，或者这个人已由别的微信号在排，请等有结果再来');
}

type Written = Row & { n: number | null; account_id: number; openid: string; key: string };

/** One statement writes all who are new and reads where the others stand already; then each is told their place. */
async function join(on: Queryable, asks: Ask[], deps: Deps): Promise<(Place | undefined)[]> {
  const { linesPerPerson, linesPerCitizen } = rushPolicy(deps);
  const rows = await on.query<Written>(
    `WITH asked AS (
       SELECT * FROM unnest(${arrays}) WITH ORDINALITY AS t (resource_id, slot_id, day, account_id, openid, person_id, key, via, at, n)),
     fresh AS (
       INSERT INTO appointment_admissions (resource_id, slot_id, day, account_id, openid, person_id, key, via, at)
       SELECT resource_id, slot_id, day, account_id, openid, person_id, key, via, at FROM asked t
        WHERE EXISTS (SELECT 1 FROM person_bindings b WHERE b.account_id = t.account_id AND b.openid = t.openid
                         AND b.person_id = t.person_id AND b.unbound_at IS NULL)
          AND (SELECT count(*) FROM appointment_admissions a WHERE a.person_id = t.person_id AND a.status = 'waiting') < $10
          AND (SELECT count(*) FROM appointment_admissions a
                WHERE a.account_id = t.account_id AND a.openid = t.openid AND a.status = 'waiting') < $11
        ORDER BY n ON CONFLICT DO NOTHING RETURNING *)
     SELECT ${columns}, account_id, openid, key, NULL::int AS n FROM fresh
     UNION ALL (${standing})`,
    [...arraysOf(asks), linesPerPerson, linesPerCitizen],
  );
  let found = findAmong(rows, asks);
  // Another process was quicker with the same one: it stands there by now, if it may.
  if (found.includes(undefined)) {
    const late = await on.query<Written>(
      `WITH asked AS (
         SELECT * FROM unnest(${arrays}) WITH ORDINALITY AS t (resource_id, slot_id, day, account_id, openid, person_id, key, via, at, n))
       ${standing}`,
      arraysOf(asks),
    );
    found = findAmong([...rows, ...late], asks);
  }
  const inLine = [...new Set(found)].filter((row) => row !== undefined);
  const [places] = await Promise.all([
    withPositions(on, inLine, asks[0]!.at),
    deps.events.publish('appointments.line', null, on),
  ]);
  const byId = new Map(places.map((place) => [place.id, place]));
  return found.map((row) => row && byId.get(row.id));
}

/** By what they sent, or as the person they stand for in that line already. */
function findAmong(rows: Written[], asks: Ask[]): (Written | undefined)[] {
  const fresh = rows.filter(({ n }) => n === null);
  const sent = new Map(fresh.map((row) => [`${row.account_id} ${row.openid} ${row.key}`, row]));
  const persons = new Map(
    fresh.map((row) => [`${row.account_id} ${row.openid} ${row.resource_id} ${row.person_id}`, row]),
  );
  const standing = new Map(rows.filter(({ n }) => n !== null).map((row) => [row.n! - 1, row]));
  return asks.map(
    ({ accountId, openid, key, resourceId, personId }, index) =>
      sent.get(`${accountId} ${openid} ${key}`) ??
      standing.get(index) ??
      persons.get(`${accountId} ${openid} ${resourceId} ${personId}`),
  );
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
