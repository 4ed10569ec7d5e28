import type { Staff } from '../people/staff';
import { type AuditAction, recordAudit } from '../platform/audit';
import type { Tx } from '../platform/database';
import type { ConsoleDeps } from './deps';

type Act = {
  /** whose affair it is; the caller's own organisation unless said */
  organisationId?: number;
  action: AuditAction;
  subject: string;
  detail?: Record<string, unknown>;
};

/** Writes what a member of staff does into the audit trail, in the transaction that does it. */
export const trace = (
  tx: Tx,
  { caller, address }: { caller: Staff; address: string },
  { organisationId = caller.organisation.id, ...act }: Act,
  { clock }: Pick<ConsoleDeps, 'clock'>,
): Promise<void> => recordAudit(tx, { at: clock.now(), staffId: caller.id, organisationId, address, ...act });
