import type { ServiceDeps } from '../../../dialogue/service';
import { prefixes } from '../../../people/organisations';
import { type Staff, type StaffRole, scopeOf } from '../../../people/staff';
import { recordAudit } from '../../../platform/audit';
import type { Queryable, Tx } from '../../../platform/database';
import { notFound, UserError } from '../../../platform/errors';

/** Who plans what can be booked. */
export const planners = ['operator', 'supervisor'] as const satisfies readonly StaffRole[];

/** Where the caller plans, for `organisations.path LIKE ANY`. */
export const within = (caller: Staff) => prefixes(scopeOf(caller, planners));

type PlanAct =
  | 'capacity'
  | 'exception'
  | 'exception-remove'
  | 'extra'
  | 'import'
  | 'reopen'
  | 'resource-add'
  | 'resource-edit'
  | 'resource-restore'
  | 'resource-retire'
  | 'rules'
  | 'stop'
  | 'substitute';

export type Who = { caller: Staff; address: string };
export type Managed = {
  id: number;
  organisation_id: number;
  path: string;
  title: string;
  version: number;
  disabled: boolean;
};

/** One that the caller plans for, held until the transaction ends. @throws UserError 404 */
export async function lockResource(tx: Tx, caller: Staff, id: number): Promise<Managed> {
  const [one] = await tx.query<Managed>(
    `SELECT r.id, r.organisation_id, o.path, r.title, r.version, r.disabled_at IS NOT NULL AS disabled
       FROM appointment_resources r JOIN organisations o ON o.id = r.organisation_id
      WHERE r.id = $1 AND o.path LIKE ANY ($2) FOR NO KEY UPDATE OF r`,
    [id, within(caller)],
  );
  if (!one) throw notFound('这位医生或窗口');
  return one;
}

/** @throws UserError 404 */
export async function mustManage(on: Queryable, caller: Staff, resourceId: number): Promise<void> {
  const [one] = await on.query(
    `SELECT 1 AS one FROM appointment_resources r JOIN organisations o ON o.id = r.organisation_id
      WHERE r.id = $1 AND o.path LIKE ANY ($2)`,
    [resourceId, within(caller)],
  );
  if (!one) throw notFound('这位医生或窗口');
}

/** @throws UserError 409 when somebody else has changed it since it was read */
export async function nextVersion(tx: Tx, { id, version }: Managed, read: number): Promise<void> {
  if (version !== read) throw new UserError(409, 'changed', '别人刚改过，请刷新后再改');
  await tx.query('UPDATE appointment_resources SET version = version + 1 WHERE id = $1', [id]);
}

/** One row of the audit trail, and a word to the pages that show the resource. */
export async function note(
  tx: Tx,
  { caller, address }: Who,
  { id, organisation_id, path }: Pick<Managed, 'id' | 'organisation_id' | 'path'>,
  action: PlanAct,
  detail: Record<string, unknown>,
  { clock, live }: Pick<ServiceDeps, 'clock' | 'live'>,
): Promise<void> {
  await recordAudit(tx, {
    at: clock.now(),
    staffId: caller.id,
    organisationId: organisation_id,
    action: `appointment.${action}`,
    subject: `appointment-resource:${id}`,
    detail,
    address,
  });
  const roles = ['clerk', ...planners];
  await live.publish(tx, { topic: 'appointment', path, roles, data: { resourceId: id } });
}
