import { prefixes } from '../../people/organisations';
import { type Staff, type StaffRole, scopeOf } from '../../people/staff';
import { recordAudit } from '../../platform/audit';
import type { Clock } from '../../platform/clock';
import type { Queryable, Tx } from '../../platform/database';
import { notFound } from '../../platform/errors';

/** Who sees an office's cases, and says by hand where one stands. */
export const keepers = ['clerk', 'operator', 'supervisor'] as const satisfies readonly StaffRole[];
/** Who has whole files read in. */
export const importers = ['operator', 'supervisor'] as const satisfies readonly StaffRole[];

/** Where the caller holds one of these roles, for `organisations.path LIKE ANY`. */
export const within = (caller: Staff, roles: readonly StaffRole[]): string[] => prefixes(scopeOf(caller, roles));

export type Who = { caller: Staff; address: string };
export type Source = { id: number; key: string; title: string; organisationId: number };

/** One whose cases are kept here, in the caller's organisations. @throws UserError 404 */
export async function storedSourceFor(
  on: Queryable,
  caller: Staff,
  id: number,
  roles: readonly StaffRole[],
): Promise<Source> {
  const [source] = await on.query<Source>(
    `SELECT s.id, s.key, s.title, s.organisation_id AS "organisationId"
       FROM case_sources s JOIN organisations o ON o.id = s.organisation_id
      WHERE s.id = $1 AND s.adapter = 'stored' AND s.disabled_at IS NULL AND o.path LIKE ANY ($2)`,
    [id, within(caller, roles)],
  );
  if (!source) throw notFound('这个来源');
  return source;
}

/** One row of the audit trail. */
export const note = (
  tx: Tx,
  { caller, address }: Who,
  act: { organisationId: number; action: string; subject: string; detail: Record<string, unknown> },
  { clock }: { clock: Clock },
): Promise<void> => recordAudit(tx, { at: clock.now(), staffId: caller.id, address, ...act });
