import type { ServiceDeps } from '../../dialogue/service';
import type { Staff } from '../../people/staff';
import { recordAudit } from '../../platform/audit';
import type { Tx } from '../../platform/database';
import { type Entry, type Status } from './entry';
import { readers } from './scope';

export type Who = { caller: Staff; address: string };
export type Changed = { done: true; edit: number; status: Status };

/** Who did what, in the audit trail and for the pages that show it. */
export async function trace(
  tx: Tx,
  entry: Pick<Entry, 'id' | 'organisation_id' | 'organisation_path'>,
  act: 'approve' | 'edit' | 'propose' | 'return' | 'submit' | 'withdraw',
  detail: Record<string, unknown>,
  { caller, address }: Who,
  { clock, live }: ServiceDeps,
): Promise<void> {
  await recordAudit(tx, {
    at: clock.now(),
    staffId: caller.id,
    organisationId: entry.organisation_id,
    action: `knowledge.${act}`,
    subject: `knowledge:${entry.id}`,
    detail,
    address,
  });
  await live.publish(tx, {
    topic: 'knowledge.changed',
    path: entry.organisation_path,
    roles: readers,
    data: { id: entry.id },
  });
}
