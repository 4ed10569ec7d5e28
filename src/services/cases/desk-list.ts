import { z } from 'zod';
import type { ServiceDeps } from '../../dialogue/service';
import { calledTitle } from '../../people/organisations';
import type { Staff } from '../../people/staff';
import type { Queryable } from '../../platform/database';
import { notFound, stalePage } from '../../platform/errors';
import { normalNumber } from './case';
import { isFinal, kinds, kindTitle, stateTitle } from './kinds';
import { founders, keepers, within } from './managed';

export type Asked = {
  source?: number;
  search: string;
  kind?: string;
  state?: string;
  overdue: boolean;
  after?: string;
  limit: number;
};
type Place = [at: string, id: string];

/** A list along one index for each source: what was looked for by number, what is overdue the longest, else what moved last. */
const orders = {
  number: { by: 'c.number, c.id', after: '(c.number, c.id) > ($4, $5::bigint)', place: 'number' },
  overdue: { by: 'c.due_at, c.id', after: '(c.due_at, c.id) > ($4::timestamptz, $5::bigint)', place: 'dueAt' },
  moved: {
    by: 'c.moved_at DESC, c.id DESC',
    after: '(c.moved_at, c.id) < ($4::timestamptz, $5::bigint)',
    place: 'movedAt',
  },
} as const;

/** The cases of the caller's sources, a page at a time. */
export async function listCases(asked: Asked, caller: Staff, { db }: Pick<ServiceDeps, 'db'>) {
  const { source, kind, state, overdue, limit } = asked;
  const number = normalNumber(asked.search);
  // Nothing to look for in what was typed: nothing is found, instead of everything.
  if (asked.search !== '' && number === '') return { items: [], next: null };
  const order = orders[number !== '' ? 'number' : overdue ? 'overdue' : 'moved'];
  const [at, id] = fromPlace(asked.after, order.place) ?? [null, null];
  const sources = (await idsFor(db, caller)).filter((one) => !source || one === source);
  // What moved last of a kind or in a state is read state by state along an index: few of them may stand among very many others.
  const apart = order === orders.moved && (kind ?? state) !== undefined;
  const places = sources.flatMap((id) => (apart ? statesOf(kind, state) : [{}]).map((one) => ({ id, ...one })));
  const rows = await db.query<Row>(
    `SELECT found.* FROM unnest($1::int[], $8::text[], $9::text[]) AS s (id, kind, state), LATERAL (
       SELECT ${shown} FROM cases c
        WHERE c.source_id = s.id AND ($2::text IS NULL OR c.kind = $2) AND ($3::text IS NULL OR c.state = $3)
          ${apart ? 'AND c.kind = s.kind AND c.state = s.state' : ''}
          AND ($4::text IS NULL OR ${order.after})
          ${number !== '' ? `AND c.number >= $6 AND c.number < $6 || chr(1114111)` : 'AND $6::text IS NOT NULL'}
          ${overdue ? 'AND c.done_at IS NULL AND c.flagged_at IS NOT NULL' : ''}
        ORDER BY ${order.by} LIMIT $7) found
      ORDER BY ${order.by.replaceAll('c.', 'found.')} LIMIT $7`,
    [
      places.map(({ id }) => id),
      kind ?? null,
      state ?? null,
      at,
      id,
      number,
      limit + 1,
      places.map((one) => one.kind ?? null),
      places.map((one) => one.state ?? null),
    ],
  );
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const next = rows.length > limit && last ? toPlace([placeOf(last)[order.place], last.id]) : null;
  return { items: items.map(show), next };
}

type Standing = { kind?: string; state?: string };

/** The states of a kind, the kinds with a state, or the one that was asked for. */
function statesOf(kind: string | undefined, state: string | undefined): Standing[] {
  if (kind !== undefined && state !== undefined) return [{ kind, state }];
  const of = kind === undefined ? [...kinds.values()] : [kinds.get(kind)].filter((one) => one !== undefined);
  return of.flatMap(({ key, states }) =>
    Object.keys(states)
      .filter((one) => state === undefined || one === state)
      .map((one) => ({ kind: key, state: one })),
  );
}

const shown =
  'c.id, c.source_id, c.number, c.kind, c.state, c.place, c.opened_at, c.moved_at, c.due_at, c.done_at, c.flagged_at';

export type Row = {
  id: string;
  source_id: number;
  number: string;
  kind: string;
  state: string;
  place: string;
  opened_at: Date;
  moved_at: Date;
  due_at: Date | null;
  done_at: Date | null;
  flagged_at: Date | null;
};

const placeOf = ({ number, due_at, moved_at }: Row) => ({
  number,
  dueAt: due_at?.toISOString() ?? '',
  movedAt: moved_at.toISOString(),
});

export const show = ({
  id,
  source_id,
  number,
  kind,
  state,
  place,
  opened_at,
  moved_at,
  due_at,
  done_at,
  flagged_at,
}: Row) => ({
  id,
  sourceId: source_id,
  number,
  kind,
  kindTitle: kindTitle(kind),
  state,
  stateTitle: stateTitle(kind, state),
  ended: isFinal(kind, state),
  place,
  openedAt: opened_at.toISOString(),
  movedAt: moved_at.toISOString(),
  dueAt: done_at ? null : (due_at?.toISOString() ?? null),
  overdue: done_at === null && flagged_at !== null,
});

type Whole = Row & { steps: { state: string; at: string; note?: string }[]; followers: number };

/** One of the caller's, with all its steps. @throws UserError 404 */
export async function caseFor(on: Queryable, caller: Staff, id: string): Promise<Whole> {
  const [row] = await on.query<Whole>(
    `SELECT ${shown}, c.steps,
            (SELECT count(*)::int FROM case_follows f WHERE f.source_id = c.source_id AND f.number = c.number) AS followers
       FROM cases c JOIN case_sources s ON s.id = c.source_id JOIN organisations o ON o.id = s.organisation_id
      WHERE c.id = $1 AND o.path LIKE ANY ($2)`,
    [id, within(caller, keepers)],
  );
  if (!row) throw notFound('这个办件');
  return row;
}

export type SourceShown = {
  id: number;
  key: string;
  title: string;
  organisation: string;
  adapter: 'stored' | 'remote';
  on: boolean;
  mayChange: boolean;
  movedAt: Date | null;
  overdue: number;
};
const countedUpTo = 1000;

async function idsFor(on: Queryable, caller: Staff): Promise<number[]> {
  const rows = await on.query<{ id: number }>(
    `SELECT s.id FROM case_sources s JOIN organisations o ON o.id = s.organisation_id
      WHERE s.disabled_at IS NULL AND o.path LIKE ANY ($1)`,
    [within(caller, keepers)],
  );
  return rows.map(({ id }) => id);
}

/** The sources in the caller's organisations, with `all` those that are switched off as well; counted no further than a thousand. */
export const sourcesFor = (on: Queryable, caller: Staff, { all }: { all: boolean }): Promise<SourceShown[]> =>
  on.query<SourceShown>(
    `SELECT s.id, s.key, s.title, ${calledTitle('o')} AS organisation, s.adapter, s.disabled_at IS NULL AS on,
            s.adapter = 'stored' AND o.path LIKE ANY ($2) AS "mayChange",
            (SELECT c.moved_at FROM cases c WHERE c.source_id = s.id ORDER BY c.moved_at DESC, c.id DESC LIMIT 1) AS "movedAt",
            (SELECT count(*)::int FROM (SELECT 1 FROM cases c WHERE c.source_id = s.id AND c.done_at IS NULL
                AND c.flagged_at IS NOT NULL LIMIT ${countedUpTo}) few) AS overdue
       FROM case_sources s JOIN organisations o ON o.id = s.organisation_id
      WHERE (s.disabled_at IS NULL OR $3) AND o.path LIKE ANY ($1) ORDER BY s.disabled_at IS NOT NULL, s.title, s.id`,
    [within(caller, [...keepers, 'admin']), within(caller, founders), all],
  );

const place = z.tuple([z.string().max(100), z.string().regex(/^\d{1,18}$/)]);
const toPlace = (at: Place): string => Buffer.from(JSON.stringify(at)).toString('base64url');

/** @throws UserError 422 also for a place in another order */
function fromPlace(after: string | undefined, by: 'number' | 'dueAt' | 'movedAt'): Place | undefined {
  if (after === undefined) return undefined;
  try {
    const found = place.parse(JSON.parse(Buffer.from(after, 'base64url').toString()));
    if (by !== 'number') z.iso.datetime().parse(found[0]);
    return found;
  } catch {
    throw stalePage();
  }
}
