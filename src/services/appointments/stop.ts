import type { Tx } from '../../platform/database';
import { type Deps, end } from './change';
import { dayOf } from './days';
import { tell } from './notices';
import { type Appointment, selectAppointments } from './tables';

/** Nobody comes: from this commit on these times take no more bookings. Whoever has one is told by `releaseStopped`. */
export async function stopSlots(tx: Tx, { slotIds, reason }: { slotIds: string[]; reason: string }): Promise<void> {
  await tx.query(
    `UPDATE appointment_slots SET status = 'stopped', stop_reason = $2 WHERE id IN (
       SELECT id FROM appointment_slots WHERE id = ANY ($1::bigint[]) ORDER BY id FOR UPDATE)`,
    [slotIds, reason],
  );
}

/**
 * Releases one booking at a time that is stopped, and tells its citizen; it never counts against them. One in each transaction: it
 * holds the booking first and the slot last, as everybody does.
 * @returns 0 when none is left
 */
export async function releaseStopped(tx: Tx, deps: Deps & { at: Date }): Promise<number> {
  const [next] = await tx.query<{ id: string; stop_reason: string }>(
    `SELECT a.id::text, s.stop_reason FROM appointment_slots s JOIN appointments a ON a.slot_id = s.id
      WHERE s.status = 'stopped' AND s.day >= $1 AND a.status IN ('offered','held','booked','checked-in')
      ORDER BY s.starts_at, a.id LIMIT 1 FOR UPDATE OF a SKIP LOCKED`,
    [dayOf(deps.at)],
  );
  if (!next) return 0;
  const [appointment] = await tx.query<Appointment>(`${selectAppointments} WHERE a.id = $1`, [next.id]);
  await tx.query(`UPDATE appointment_waiting SET status = 'gone' WHERE appointment_id = $1 AND status = 'offered'`, [
    next.id,
  ]);
  await tell(tx, appointment!, 'stopped', deps, { 原因: next.stop_reason });
  await end(tx, next.id, { status: 'stopped', at: deps.at, returnsAt: null, reason: next.stop_reason });
  return 1;
}
