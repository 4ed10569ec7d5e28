import type { Tx } from '../../platform/database';
import { type Deps, end } from './change';
import { dayOf, plusDays } from './days';
import { tell } from './notices';
import { type Instead, rebook } from './rebook';
import { publishRoster } from './roster-news';
import { type Appointment, selectAppointments } from './tables';

/** Nobody comes: from this commit on these times take no more bookings. Whoever has one is told by `releaseStopped`. */
export async function stopSlots(
  tx: Tx,
  { slotIds, reason, stopId = null }: { slotIds: string[]; reason: string; stopId?: string | null },
): Promise<void> {
  await tx.query(
    `UPDATE appointment_slots SET status = 'stopped', stop_reason = $2, stop_id = $3 WHERE id IN (
       SELECT id FROM appointment_slots WHERE id = ANY ($1::bigint[]) ORDER BY id FOR UPDATE)`,
    [slotIds, reason, stopId],
  );
}

type Next = { id: string; stop_reason: string; stop_id: string | null; instead: Instead | null };

/** How long ago it may have been that no worker was there to do it. */
const lookBackDays = 7;

/**
 * Gives one citizen of a stopped time another one, or releases them, and tells them; it never counts against them. One in each
 * transaction, found by what is left to do: a process that is killed leaves the rest to the next, and nobody is done twice. It holds
 * the booking first and the slots last, as everybody does. Whose day has passed meanwhile gets no other time.
 * @param failing those that are passed over; while it works on one, that one is among them
 * @returns 0 when none is left
 */
export async function releaseStopped(
  tx: Tx,
  deps: Deps & { at: Date },
  failing: Set<string> = new Set(),
): Promise<number> {
  const today = dayOf(deps.at);
  const [next] = await tx.query<Next>(
    `SELECT a.id::text, s.stop_reason, s.stop_id::text, t.instead
       FROM appointment_slots s JOIN appointments a ON a.slot_id = s.id LEFT JOIN appointment_stops t ON t.id = s.stop_id
      WHERE s.status = 'stopped' AND s.day >= $1 AND a.status IN ('offered','held','booked','checked-in') AND a.id <> ALL ($2::bigint[])
      ORDER BY s.starts_at, a.id LIMIT 1 FOR UPDATE OF a SKIP LOCKED`,
    [plusDays(today, -lookBackDays), [...failing]],
  );
  if (!next) return 0;
  failing.add(next.id);
  const [appointment] = await tx.query<Appointment>(`${selectAppointments} WHERE a.id = $1`, [next.id]);
  const one = appointment!;
  const { stop_reason: reason, stop_id: stopId, instead } = next;
  const isOver = one.day < today;
  const other = await rebook(tx, one, { instead: isOver ? 'release' : (instead ?? 'release'), reason }, deps);
  if (!other) {
    await tx.query(`UPDATE appointment_waiting SET status = 'gone' WHERE appointment_id = $1 AND status = 'offered'`, [
      one.id,
    ]);
    await tell(tx, one, 'stopped', deps, { 原因: reason });
    await end(tx, one.id, { status: 'stopped', at: deps.at, returnsAt: null, reason });
  }
  await tx.query('UPDATE appointments SET stop_id = $2 WHERE id = $1', [one.id, stopId]);
  await publishRoster(tx, one, deps);
  if (other) await publishRoster(tx, other, deps);
  failing.delete(next.id);
  return 1;
}
