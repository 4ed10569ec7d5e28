import type { Account, DisabledAccount } from '../people/accounts';
import type { Staff, StaffRole } from '../people/staff';
import { notFound } from '../platform/errors';
import { visibleTo } from './contract';
import type { ConsoleDeps } from './deps';

type Needed = Pick<ConsoleDeps, 'db' | 'accounts'>;

/** The accounts in the subtrees where the caller holds one of these roles. */
export async function visibleAccounts(staff: Staff, roles: readonly StaffRole[], deps: Needed): Promise<Account[]> {
  return within(deps.accounts.list(), staff, roles, deps);
}

/** The same of those that are disabled. */
export async function visibleDisabled(
  staff: Staff,
  roles: readonly StaffRole[],
  deps: Needed,
): Promise<DisabledAccount[]> {
  return within(await deps.accounts.disabled(), staff, roles, deps);
}

async function within<T extends { organisationId: number }>(
  accounts: T[],
  staff: Staff,
  roles: readonly StaffRole[],
  { db }: Needed,
): Promise<T[]> {
  const rows = await db.query<{ id: number }>('SELECT id FROM organisations WHERE path LIKE ANY ($1)', [
    visibleTo(staff, roles),
  ]);
  const organisations = new Set(rows.map(({ id }) => id));
  return accounts.filter(({ organisationId }) => organisations.has(organisationId));
}

/**
 * One account by its key.
 * @throws UserError 404 for one outside the caller's subtree too: that it exists is none of their business
 */
export async function visibleAccount(
  key: string,
  staff: Staff,
  roles: readonly StaffRole[],
  deps: Needed,
): Promise<Account> {
  const account = (await visibleAccounts(staff, roles, deps)).find((one) => one.key === key);
  if (!account) throw notFound(`公众号 ${key}`);
  return account;
}
