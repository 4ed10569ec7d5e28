import type { Contributions } from '../../../dialogue/contributions';

/** A department whose doctors or counters can be booked is in use. */
export const held: Contributions['held'] = async (tx, organisationId) => {
  const [row] = await tx.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM appointment_resources WHERE organisation_id = $1 AND disabled_at IS NULL',
    [organisationId],
  );
  return row!.count > 0 ? `${row!.count} 位可预约的医生或窗口` : undefined;
};
