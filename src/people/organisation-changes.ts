import type { Clock } from '../platform/clock';
import type { Queryable, Tx } from '../platform/database';
import { notFound, UserError } from '../platform/errors';
import { kindTitles, mayStandBelow, type OrganisationKind } from './organisation-kinds';
import { addOrganisation, type Organisation, organisationByKey, prefixes } from './organisations';

/** A change of the tree: one at a time, since paths of whole subtrees are written. */
export const holdTree = (tx: Tx) => tx.query('SELECT pg_advisory_xact_lock(7269002)');

/** One within the given subtrees, held until the transaction ends. @throws UserError 404 */
export async function lockOrganisation(tx: Tx, key: string, within: readonly string[]): Promise<Organisation> {
  await tx.query('SELECT 1 FROM organisations WHERE key = $1 AND path LIKE ANY ($2) FOR UPDATE', [
    key,
    prefixes(within),
  ]);
  const found = await organisationByKey(tx, key);
  if (!found || !within.some((root) => found.path.startsWith(root))) throw notFound(`组织 ${key}`);
  return found;
}

/** @throws UserError 409 for a key that is taken, 422 where such a one does not belong */
export async function addBelow(
  tx: Tx,
  parent: Organisation,
  fresh: { key: string; kind: OrganisationKind; title: string },
  clock: Clock,
): Promise<Organisation> {
  mustBeInUse(parent);
  mustFitBelow(fresh.kind, parent.kind);
  await mustBeNewName(tx, parent.id, fresh.title);
  if (await organisationByKey(tx, fresh.key)) throw new UserError(409, 'exists', `标识 ${fresh.key} 已有组织在用`);
  return addOrganisation(tx, { ...fresh, parentKey: parent.key }, clock);
}

export async function editOrganisation(
  tx: Tx,
  organisation: Organisation,
  fresh: { title?: string | undefined; kind?: OrganisationKind | undefined },
): Promise<void> {
  const { id, parentId, title, kind } = organisation;
  if (fresh.title !== undefined && fresh.title !== title && parentId !== null)
    await mustBeNewName(tx, parentId, fresh.title);
  if (fresh.kind !== undefined && fresh.kind !== kind) {
    const [parent] = await tx.query<{ kind: OrganisationKind }>('SELECT kind FROM organisations WHERE id = $1', [
      parentId,
    ]);
    if (!parent) throw new UserError(409, 'root', '最上面的组织是全市，种类不能改');
    mustFitBelow(fresh.kind, parent.kind);
    const children = await tx.query<{ kind: OrganisationKind }>(
      'SELECT DISTINCT kind FROM organisations WHERE parent_id = $1',
      [id],
    );
    for (const child of children) mustFitBelow(child.kind, fresh.kind);
  }
  await tx.query('UPDATE organisations SET title = coalesce($2, title), kind = coalesce($3, kind) WHERE id = $1', [
    id,
    fresh.title ?? null,
    fresh.kind ?? null,
  ]);
}

/** With everything below it. Whoever holds a role above the new place has it in here from now on, and above the old one no longer. */
export async function moveOrganisation(tx: Tx, moved: Organisation, parent: Organisation): Promise<void> {
  if (moved.parentId === null) throw new UserError(409, 'root', '最上面的组织不能移动');
  if (parent.path.startsWith(moved.path)) throw new UserError(409, 'own-child', '不能移到它自己或它的下级里');
  mustBeInUse(parent);
  mustFitBelow(moved.kind, parent.kind);
  if (moved.parentId === parent.id) return;
  await mustBeNewName(tx, parent.id, moved.title);
  await tx.query(
    `UPDATE organisations SET path = $3::text || substr(path, length($2::text) + 1),
            parent_id = CASE WHEN id = $1 THEN $4 ELSE parent_id END
      WHERE starts_with(path, $2)`,
    [moved.id, moved.path, `${parent.path}${moved.id}/`, parent.id],
  );
}

/** Nothing that is in use may hang on it. @throws UserError 409 that says what does */
export async function disableOrganisation(tx: Tx, organisation: Organisation, held: string[], at: Date): Promise<void> {
  if (organisation.parentId === null) throw new UserError(409, 'root', '最上面的组织不能停用');
  const [count] = await tx.query<{ children: number; staff: number; accounts: number }>(
    `SELECT (SELECT count(*) FROM organisations WHERE parent_id = $1 AND disabled_at IS NULL)::int AS children,
            (SELECT count(*) FROM staff s WHERE s.disabled_at IS NULL AND (s.organisation_id = $1 OR EXISTS (
               SELECT 1 FROM staff_roles r WHERE r.staff_id = s.id AND r.organisation_id = $1)))::int AS staff,
            (SELECT count(*) FROM accounts WHERE organisation_id = $1 AND disabled_at IS NULL)::int AS accounts`,
    [organisation.id],
  );
  const { children, staff, accounts } = count!;
  const reasons = [
    ...(children > 0 ? [`${children} 个下级组织`] : []),
    ...(staff > 0 ? [`${staff} 位人员`] : []),
    ...(accounts > 0 ? [`${accounts} 个公众号`] : []),
    ...held,
  ];
  if (reasons.length > 0)
    throw new UserError(409, 'in-use', `「${organisation.title}」还有 ${reasons.join('、')}，请先移走或停用`);
  await tx.query('UPDATE organisations SET disabled_at = $2 WHERE id = $1 AND disabled_at IS NULL', [
    organisation.id,
    at,
  ]);
}

export async function enableOrganisation(tx: Tx, { id, parentId }: Organisation): Promise<void> {
  const [parent] = await tx.query('SELECT 1 FROM organisations WHERE id = $1 AND disabled_at IS NOT NULL', [parentId]);
  if (parent) throw new UserError(409, 'parent-disabled', '上级组织停用着，请先启用上级');
  await tx.query('UPDATE organisations SET disabled_at = NULL WHERE id = $1', [id]);
}

/** @throws UserError 409 */
export function mustBeInUse({ title, disabled }: Organisation): void {
  if (disabled) throw new UserError(409, 'disabled', `「${title}」已停用`);
}

function mustFitBelow(kind: OrganisationKind, parent: OrganisationKind): void {
  if (mayStandBelow(kind, parent)) return;
  throw new UserError(422, 'invalid-input', `${kindTitles[parent]}下面不能有${kindTitles[kind]}`, {
    kind: `${kindTitles[parent]}下面不能有${kindTitles[kind]}`,
  });
}

async function mustBeNewName(on: Queryable, parentId: number, title: string): Promise<void> {
  const [same] = await on.query('SELECT 1 FROM organisations WHERE parent_id = $1 AND title = $2', [parentId, title]);
  if (same) throw new UserError(409, 'exists', `这里已有「${title}」`);
}
