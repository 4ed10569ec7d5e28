import type { Clock } from '../platform/clock';
import type { Queryable } from '../platform/database';
import { notFound } from '../platform/errors';
import type { OrganisationKind } from './organisation-kinds';

export { type OrganisationKind, organisationKinds } from './organisation-kinds';

export type Organisation = {
  id: number;
  key: string;
  parentId: number | null;
  /** the ids from the root, `/1/4/`: a subtree is a prefix */
  path: string;
  kind: OrganisationKind;
  title: string;
  disabled: boolean;
};

export type NewOrganisation = { key: string; parentKey: string | null; kind: OrganisationKind; title: string };

/** The key of the root, which the first account belongs to; there in every installation. */
export const rootKey = 'city';

/** The root of the tree, made where there is none. */
export const ensureRootOrganisation = (on: Queryable, clock: Clock, title = '全市'): Promise<Organisation> =>
  addOrganisation(on, { key: rootKey, parentKey: null, kind: 'city', title }, clock);

/**
 * Adds a node below its parent; one that is there already is left as it is.
 * @throws Error when the parent is not there
 */
export async function addOrganisation(on: Queryable, fresh: NewOrganisation, clock: Clock): Promise<Organisation> {
  const there = await organisationByKey(on, fresh.key);
  if (there) return there;
  const parent = fresh.parentKey === null ? null : await organisationByKey(on, fresh.parentKey);
  if (parent === undefined) throw new Error(`organisation ${fresh.key}: no parent ${fresh.parentKey}`);
  await on.query(
    `WITH fresh AS (SELECT nextval(pg_get_serial_sequence('organisations', 'id'))::int AS id)
     INSERT INTO organisations (id, key, parent_id, path, kind, title, created_at) OVERRIDING SYSTEM VALUE
     SELECT id, $1, $2, $3::text || id || '/', $4, $5, $6 FROM fresh
     ON CONFLICT (key) DO NOTHING`,
    [fresh.key, parent?.id ?? null, parent?.path ?? '/', fresh.kind, fresh.title, clock.now()],
  );
  return (await organisationByKey(on, fresh.key))!;
}

export async function organisationByKey(on: Queryable, key: string): Promise<Organisation | undefined> {
  const [row] = await on.query<Row>('SELECT * FROM organisations WHERE key = $1', [key]);
  return row && fromRow(row);
}

/** Where an account belongs; citizens' pages name it by its key, and those who came without one see the first. @throws UserError 404 */
export async function organisationOfAccount(on: Queryable, accountKey: string): Promise<number> {
  const [row] = await on.query<{ organisation_id: number }>(
    `SELECT organisation_id FROM accounts WHERE ($1 = '' OR key = $1) AND disabled_at IS NULL ORDER BY id LIMIT 1`,
    [accountKey],
  );
  if (!row) throw notFound('这个公众号');
  return row.organisation_id;
}

/** Everything at or below the given paths, parents before children. */
export async function subtrees(on: Queryable, paths: readonly string[]): Promise<Organisation[]> {
  const rows = await on.query<Row>('SELECT * FROM organisations WHERE path LIKE ANY ($1) ORDER BY path', [
    prefixes(paths),
  ]);
  return rows.map(fromRow);
}

/** For `organisations.path LIKE ANY ($n)`. Paths are digits and slashes, so nothing in them needs escaping. */
export const prefixes = (paths: readonly string[]): string[] => paths.map((path) => `${path}%`);

/** In SQL, how people call a row of organisations: a department by its house as well (示例市公安局 户政大队). */
export const calledTitle = (row: string): string =>
  `coalesce((SELECT house.title || ' ' FROM organisations house WHERE house.id = ${row}.parent_id AND ${row}.kind = 'department'), '') || ${row}.title`;

type Row = {
  id: number;
  key: string;
  parent_id: number | null;
  path: string;
  kind: OrganisationKind;
  title: string;
  disabled_at: Date | null;
};

const fromRow = ({ id, key, parent_id, path, kind, title, disabled_at }: Row): Organisation => ({
  id,
  key,
  parentId: parent_id,
  path,
  kind,
  title,
  disabled: disabled_at !== null,
});
