import { type Staff, type StaffRole, scopeOf } from '../../people/staff';
import type { Queryable } from '../../platform/database';
import { notFound } from '../../platform/errors';
import { type Entry, entryById } from './entry';

/** Who writes. */
export const writers = ['clerk', 'operator', 'supervisor'] as const satisfies readonly StaffRole[];
/** Who lets it out. */
export const reviewers = ['reviewer'] as const satisfies readonly StaffRole[];
export const readers = [...writers, ...reviewers] as const satisfies readonly StaffRole[];

export const reaches = (staff: Staff, roles: readonly StaffRole[], path: string): boolean =>
  scopeOf(staff, roles).some((root) => path.startsWith(root));

/** @throws UserError 404, also for what is somebody else's: outside their organisation nobody learns what there is */
export async function seen(
  on: Queryable,
  id: string,
  caller: Staff,
  roles: readonly StaffRole[] = readers,
): Promise<Entry> {
  const entry = await entryById(on, id);
  if (!entry || !reaches(caller, roles, entry.organisation_path)) throw notFound('这条问答');
  return entry;
}

/** The same for whoever is about to change it: nobody else does until they are done. */
export async function held(on: Queryable, id: string, caller: Staff, roles: readonly StaffRole[]): Promise<Entry> {
  await on.query('SELECT 1 FROM knowledge_entries WHERE id = $1 FOR UPDATE', [id]);
  return seen(on, id, caller, roles);
}
