import { prefixes, subtrees } from '../../people/organisations';
import { type Staff, type StaffRole, scopeOf } from '../../people/staff';
import type { Queryable } from '../../platform/database';
import { notFound } from '../../platform/errors';

/** An organisation whose figures somebody looks at, with all that is below it. */
export type Department = { id: number; path: string; title: string };
type Readers = readonly StaffRole[];

/** @throws UserError 404 outside the caller's subtrees */
export async function departmentFor(on: Queryable, id: number, caller: Staff, readers: Readers): Promise<Department> {
  const [found] = await on.query<Department>(
    'SELECT id, path, title FROM organisations WHERE id = $1 AND path LIKE ANY ($2)',
    [id, prefixes(scopeOf(caller, readers))],
  );
  if (!found) throw notFound('这个部门');
  return found;
}

/** What one may choose from, parents before children. */
export async function departmentsFor(on: Queryable, caller: Staff, readers: Readers) {
  const all = await subtrees(on, scopeOf(caller, readers));
  const ids = new Set(all.map(({ id }) => id));
  const depth = (parent: number | null): number =>
    parent === null || !ids.has(parent) ? 0 : 1 + depth(all.find(({ id }) => id === parent)!.parentId);
  return all.map(({ id, title, parentId }) => ({ id, title, depth: depth(parentId) }));
}
