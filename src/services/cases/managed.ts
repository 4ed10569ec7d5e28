import { calledTitle, prefixes } from '../../people/organisations';
import { type Staff, type StaffRole, scopeOf } from '../../people/staff';
import { type AuditAction, recordAudit } from '../../platform/audit';
import type { Clock } from '../../platform/clock';
import type { Queryable, Tx } from '../../platform/database';
import { isUniqueViolation, notFound, UserError } from '../../platform/errors';

/** Who sees an office's cases, and says by hand where one stands. */
export const keepers = ['clerk', 'operator', 'supervisor'] as const satisfies readonly StaffRole[];
/** Who has whole files read in. */
export const importers = ['operator', 'supervisor'] as const satisfies readonly StaffRole[];

/** Who says which offices keep their cases here. */
export const founders = ['supervisor', 'admin'] as const satisfies readonly StaffRole[];
/** Who describes how an office's back end is asked. */
export const describers = ['operator', 'admin'] as const satisfies readonly StaffRole[];

/** Where the caller holds one of these roles, for `organisations.path LIKE ANY`. */
export const within = (caller: Staff, roles: readonly StaffRole[]): string[] => prefixes(scopeOf(caller, roles));

export type Who = { caller: Staff; address: string };
export type SourceAct = 'add' | 'change' | 'switch-off' | 'switch-on' | 'try';
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

/** As many as somebody reads; the others are found by name. */
const officesShown = 50;

/** Where the caller holds one of the roles and below: what a new source may belong to. */
export async function officesFor(on: Queryable, caller: Staff, roles: readonly StaffRole[], search: string) {
  const rows = await on.query<{ id: number; title: string }>(
    `SELECT id, title FROM (SELECT o.id, o.path, ${calledTitle('o')} AS title FROM organisations o
        WHERE o.path LIKE ANY ($1) AND o.disabled_at IS NULL) office
      WHERE strpos(lower(title), lower($2)) > 0 ORDER BY path LIMIT $3`,
    [within(caller, roles), search, officesShown + 1],
  );
  return { items: rows.slice(0, officesShown), more: rows.length > officesShown };
}

/** @throws UserError 404 for one that a source of the caller's may not belong to */
export async function mustBeOffice(on: Queryable, caller: Staff, roles: readonly StaffRole[], id: number) {
  const [office] = await on.query(
    'SELECT FROM organisations WHERE id = $1 AND path LIKE ANY ($2) AND disabled_at IS NULL',
    [id, within(caller, roles)],
  );
  if (!office) throw notFound('这个组织');
}

/** Whether the caller holds one of the roles there or above. */
export async function holdsAt(on: Queryable, caller: Staff, roles: readonly StaffRole[], id: number): Promise<boolean> {
  const rows = await on.query('SELECT FROM organisations WHERE id = $1 AND path LIKE ANY ($2)', [
    id,
    within(caller, roles),
  ]);
  return rows.length > 0;
}

export type NewSource = { key: string; title: string; organisationId: number };
type Founding = NewSource & { adapter: 'stored' | 'remote'; settings: object; on: boolean };

/** @returns its id @throws UserError 404 for an office that is not the caller's, 409 for a key that is taken */
export async function insertSource(
  tx: Tx,
  caller: Staff,
  { key, title, organisationId, adapter, settings, on }: Founding,
  { clock }: { clock: Clock },
): Promise<number> {
  await mustBeOffice(tx, caller, adapter === 'stored' ? founders : describers, organisationId);
  const now = clock.now();
  const [row] = await tx
    .query<{ id: number }>(
      `INSERT INTO case_sources (key, title, organisation_id, adapter, settings, created_at, disabled_at)
       VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7) RETURNING id`,
      [key, title, organisationId, adapter, JSON.stringify(settings), now, on ? null : now],
    )
    .catch((error: unknown) => {
      const message = `标识 ${key} 已经有了，请换一个`;
      if (isUniqueViolation(error)) throw new UserError(409, 'taken', message, { key: message });
      throw error;
    });
  return row!.id;
}

/** One row of the audit trail. */
export const note = (
  tx: Tx,
  { caller, address }: Who,
  act: { organisationId: number; action: AuditAction; subject: string; detail: Record<string, unknown> },
  { clock }: { clock: Clock },
): Promise<void> => recordAudit(tx, { at: clock.now(), staffId: caller.id, address, ...act });
