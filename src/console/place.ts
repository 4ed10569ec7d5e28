import { everyAccount } from '../delivery/texts';
import type { Staff, StaffRole } from '../people/staff';
import { UserError } from '../platform/errors';
import { visibleAccount } from './account-access';
import { visibleTo } from './contract';
import type { ConsoleDeps } from './deps';

/**
 * The account whose texts or rules are meant, 0 for all. Changing those of all accounts takes the role at the root of the tree,
 * since it reaches accounts outside anyone's subtree.
 */
export async function placeOf(
  key: string | undefined,
  staff: Staff,
  roles: readonly StaffRole[],
  deps: ConsoleDeps,
  purpose: 'look' | 'change' = 'look',
): Promise<number> {
  if (key !== undefined) return (await visibleAccount(key, staff, roles, deps)).id;
  if (purpose === 'look') return everyAccount;
  const [root] = await deps.db.query('SELECT 1 FROM organisations WHERE parent_id IS NULL AND path LIKE ANY ($1)', [
    visibleTo(staff, roles),
  ]);
  if (!root) throw new UserError(403, 'not-allowed', '只有全市的运营人员能改所有公众号共用的，请选择一个公众号');
  return everyAccount;
}
