import type { ServiceDeps } from '../../../dialogue/service';
import type { Tx } from '../../../platform/database';
import { UserError } from '../../../platform/errors';
import { keepForWaiting } from '../kept-places';
import { tell } from '../notices';
import { type Appointment, selectAppointments } from '../tables';
import { slotsNamed } from './day-acts';
import { lockResource, type Managed, note, type Who } from './managed';

type Asked = { resourceId: number; slotIds: string[]; by: number; reason: string };

/**
 * 替诊: another of the same department takes these times over, with everybody who has booked them; they keep number and time, and
 * are told who it is now. In the place of the first one's times stand stopped ones, so that rules do not make them again.
 * @throws UserError 404, 409
 */
export async function substitute(who: Who, asked: Asked, deps: ServiceDeps): Promise<{ bookings: number }> {
  const { resourceId, slotIds, by, reason } = asked;
  if (by === resourceId) throw new UserError(409, 'same', '替诊的应是另一位医生或窗口');
  return deps.db.transaction(async (tx) => {
    const both = new Map<number, Managed>();
    for (const id of [resourceId, by].sort((one, other) => one - other))
      both.set(id, await lockResource(tx, who.caller, id));
    const [from, to] = [both.get(resourceId)!, both.get(by)!];
    if (from.organisation_id !== to.organisation_id)
      throw new UserError(409, 'elsewhere', '替诊的应在同一个科室或部门');
    if (to.disabled) throw new UserError(409, 'disabled', `「${to.title}」已停用`);
    const slots = await slotsNamed(tx, from, slotIds);
    if (slots.some(({ status, startsAt }) => status !== 'open' || startsAt <= deps.clock.now()))
      throw new UserError(409, 'not-open', '选中的时段里有已开始或停诊停办的，请去掉再试');
    // Bookings first and times last, as everybody does.
    await tx.query('SELECT 1 FROM appointments WHERE slot_id = ANY ($1::bigint[]) ORDER BY id FOR UPDATE', [slotIds]);
    await mustBeFree(tx, to, slotIds);
    await moveSlots(tx, from, to, slotIds, reason);
    const coming = await moveBookings(tx, to, slotIds);
    for (const one of coming) await tell(tx, one, 'substituted', deps, { 原因: reason });
    await moveWaiting(tx, from, to, slotIds);
    await keepForWaiting(tx, by, deps);
    const detail = { by, slots: slotIds.length, bookings: coming.length, reason };
    await note(tx, who, from, 'substitute', detail, deps);
    await note(tx, who, to, 'substitute', { ...detail, for: resourceId }, deps);
    return { bookings: coming.length };
  });
}

/** Whoever is to step in must not be with somebody else then. */
async function mustBeFree(tx: Tx, to: Managed, slotIds: string[]): Promise<void> {
  const [busy] = await tx.query<{ at: string }>(
    `SELECT to_char(mine.starts_at AT TIME ZONE 'Asia/Shanghai', 'HH24:MI') AS at
       FROM appointment_slots taken JOIN appointment_slots mine ON mine.resource_id = $2 AND mine.status = 'open'
        AND mine.starts_at < taken.ends_at AND mine.ends_at > taken.starts_at AND mine.capacity > 0
      WHERE taken.id = ANY ($1::bigint[]) ORDER BY mine.starts_at LIMIT 1`,
    [slotIds, to.id],
  );
  if (busy) throw new UserError(409, 'busy', `「${to.title}」${busy.at} 自己有号，请先停掉那些时段或另选一位`);
}

async function moveSlots(tx: Tx, from: Managed, to: Managed, slotIds: string[], reason: string): Promise<void> {
  await tx.query('SELECT 1 FROM appointment_slots WHERE id = ANY ($1::bigint[]) ORDER BY id FOR UPDATE', [slotIds]);
  // Stopped or empty times of theirs that begin just then would stand in the way.
  const [stands] = await tx.query<{ at: string }>(
    `SELECT to_char(mine.starts_at AT TIME ZONE 'Asia/Shanghai', 'HH24:MI') AS at
       FROM appointment_slots moved JOIN appointment_slots mine
         ON mine.resource_id = $2 AND mine.pool = moved.pool AND mine.starts_at = moved.starts_at
      WHERE moved.id = ANY ($1::bigint[]) ORDER BY mine.starts_at LIMIT 1`,
    [slotIds, to.id],
  );
  if (stands) throw new UserError(409, 'busy', `「${to.title}」${stands.at} 有停诊停办的时段，请另选一位`);
  await tx.query(
    `WITH moved AS (
       UPDATE appointment_slots SET resource_id = $2, by_hand = true WHERE id = ANY ($1::bigint[])
       RETURNING organisation_id, pool, day, starts_at, ends_at, opens_at, capacity)
     SELECT 1 FROM moved`,
    [slotIds, to.id],
  );
  await tx.query(
    `INSERT INTO appointment_slots (resource_id, organisation_id, pool, day, starts_at, ends_at, opens_at, capacity, status,
                                    stop_reason, by_hand)
     SELECT $2, organisation_id, pool, day, starts_at, ends_at, opens_at, capacity, 'stopped', $3, true
       FROM appointment_slots WHERE id = ANY ($1::bigint[])`,
    [slotIds, from.id, `${to.title}替诊：${reason}`],
  );
}

/** Ended ones too: a booking's resource is always its time's. @returns those who are coming */
async function moveBookings(tx: Tx, to: Managed, slotIds: string[]): Promise<Appointment[]> {
  await tx.query('UPDATE appointments SET resource_id = $2, version = version + 1 WHERE slot_id = ANY ($1::bigint[])', [
    slotIds,
    to.id,
  ]);
  return tx.query<Appointment>(
    `${selectAppointments} WHERE a.slot_id = ANY ($1::bigint[]) AND a.status = 'booked' ORDER BY a.id`,
    [slotIds],
  );
}

/** Once the first one has no time left that day, those in line wait for the other, unless they do already. */
const moveWaiting = (tx: Tx, from: Managed, to: Managed, slotIds: string[]) =>
  tx.query(
    `UPDATE appointment_waiting w SET resource_id = $2
      WHERE w.resource_id = $1 AND w.status IN ('waiting','offered')
        AND w.day IN (SELECT day FROM appointment_slots WHERE id = ANY ($3::bigint[]))
        AND NOT EXISTS (SELECT 1 FROM appointment_slots s
                         WHERE s.resource_id = $1 AND s.day = w.day AND s.status = 'open' AND s.pool = 'online' AND NOT s.withdrawn)
        AND NOT EXISTS (SELECT 1 FROM appointment_waiting other
                         WHERE other.resource_id = $2 AND other.day = w.day AND other.person_id = w.person_id
                           AND other.status IN ('waiting','offered'))`,
    [from.id, to.id, slotIds],
  );
