import type { ServiceDeps } from '../../../dialogue/service';
import type { Tx } from '../../../platform/database';
import { notFound, UserError } from '../../../platform/errors';
import { type Day, dayOf, moment } from '../days';
import { keepForWaiting } from '../kept-places';
import { stopSlots } from '../stop';
import { lockResource, type Managed, mustManage, note, type Who } from './managed';

export type SlotOfDay = {
  id: string;
  pool: 'online' | 'counter';
  startsAt: Date;
  endsAt: Date;
  opensAt: Date;
  capacity: number;
  taken: number;
  status: 'open' | 'stopped';
  reason: string | null;
  byHand: boolean;
  withdrawn: boolean;
};

const columns = `id::text, pool, starts_at AS "startsAt", ends_at AS "endsAt", opens_at AS "opensAt", capacity, taken, status,
  stop_reason AS reason, by_hand AS "byHand", withdrawn`;

/** All times of a day, of all pools. @throws UserError 404 */
export async function slotsOfDay(who: Pick<Who, 'caller'>, resourceId: number, day: Day, { db }: ServiceDeps) {
  await mustManage(db, who.caller, resourceId);
  return db.query<SlotOfDay>(
    `SELECT ${columns} FROM appointment_slots WHERE resource_id = $1 AND day = $2 AND NOT (withdrawn AND taken = 0)
      ORDER BY starts_at, pool LIMIT 500`,
    [resourceId, day],
  );
}

/** More places or fewer at one time, never fewer than are taken. @throws UserError 404, 409 */
export async function changeCapacity(
  who: Who,
  { resourceId, slotId, capacity }: { resourceId: number; slotId: string; capacity: number },
  deps: ServiceDeps,
): Promise<SlotOfDay> {
  return deps.db.transaction(async (tx) => {
    const one = await lockResource(tx, who.caller, resourceId);
    const before = await lockSlot(tx, one, slotId);
    if (before.startsAt <= deps.clock.now()) throw new UserError(409, 'begun', '这个时段已经开始，不能再改人数');
    if (before.withdrawn)
      throw new UserError(409, 'withdrawn', '规则里已经没有这个时段，只保留已约的人；要加人请用加号');
    if (capacity < before.taken)
      throw new UserError(
        409,
        'below-taken',
        `已占 ${before.taken} 个号（含保留中和等待放出的），人数不能少于 ${before.taken}`,
      );
    const [slot] = await tx.query<SlotOfDay>(
      `WITH changed AS (UPDATE appointment_slots SET capacity = $2, by_hand = true WHERE id = $1 RETURNING *)
       SELECT ${columns} FROM changed`,
      [slotId, capacity],
    );
    const detail = { slot: slotId, startsAt: before.startsAt, capacity, before: before.capacity };
    await note(tx, who, one, 'capacity', detail, deps);
    await keepForWaiting(tx, resourceId, deps);
    return slotAsItIs(tx, slot!);
  });
}

/** 加号: a time that no rule makes, open at once. @throws UserError 404, 409, 422 */
export async function addExtra(
  who: Who,
  resourceId: number,
  extra: { day: Day; from: string; to: string; capacity: number; pool: 'online' | 'counter' },
  deps: ServiceDeps,
): Promise<SlotOfDay> {
  const { day, from, to, capacity, pool } = extra;
  const [startsAt, endsAt] = [moment(day, from), moment(day, to)];
  const now = deps.clock.now();
  if (endsAt <= startsAt) throw refused('to', '应晚于开始的时间');
  if (startsAt <= now) throw refused('from', '应晚于现在');
  return deps.db.transaction(async (tx) => {
    const one = await lockResource(tx, who.caller, resourceId);
    if (one.disabled) throw new UserError(409, 'disabled', '已停用，请先启用');
    const [across] = await tx.query<SlotOfDay>(
      `SELECT ${columns} FROM appointment_slots WHERE resource_id = $1 AND pool = $2 AND starts_at < $4 AND ends_at > $3
          AND NOT (withdrawn AND taken = 0) LIMIT 1`,
      [resourceId, pool, startsAt, endsAt],
    );
    if (across) throw new UserError(409, 'overlap', '与已有的时段重叠；要在那个时段加人，请改它的人数');
    const [slot] = await tx.query<SlotOfDay>(
      `WITH made AS (
         INSERT INTO appointment_slots (resource_id, organisation_id, pool, day, starts_at, ends_at, opens_at, capacity, by_hand)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, true)
         ON CONFLICT (resource_id, pool, starts_at) DO UPDATE SET ends_at = excluded.ends_at, opens_at = excluded.opens_at,
           capacity = excluded.capacity, by_hand = true, withdrawn = false, status = 'open', stop_reason = NULL
         RETURNING *)
       SELECT ${columns} FROM made`,
      [resourceId, one.organisation_id, pool, day, startsAt, endsAt, now, capacity],
    );
    await note(tx, who, one, 'extra', extra, deps);
    await keepForWaiting(tx, resourceId, deps);
    return slotAsItIs(tx, slot!);
  });
}

/** Nobody comes at these times; whoever has booked is told. @throws UserError 404, 409 */
export async function stopTimes(
  who: Who,
  { resourceId, slotIds, reason }: { resourceId: number; slotIds: string[]; reason: string },
  deps: ServiceDeps,
): Promise<{ slots: number; bookings: number }> {
  return deps.db.transaction(async (tx) => {
    const one = await lockResource(tx, who.caller, resourceId);
    const open = (await slotsNamed(tx, one, slotIds)).filter(
      ({ status, startsAt }) => status === 'open' && startsAt > deps.clock.now(),
    );
    if (open.length === 0) throw new UserError(409, 'nothing-to-stop', '选中的时段都已开始或停诊停办');
    await stopSlots(tx, { slotIds: open.map(({ id }) => id), reason });
    const done = { slots: open.length, bookings: open.reduce((sum, { taken }) => sum + taken, 0) };
    await note(tx, who, one, 'stop', { ...done, reason, times: open.map(({ startsAt }) => startsAt) }, deps);
    return done;
  });
}

/** Who was told stays told and has no booking; the times can be booked again. @throws UserError 404, 409 */
export async function reopenTimes(
  who: Who,
  { resourceId, slotIds }: { resourceId: number; slotIds: string[] },
  deps: ServiceDeps,
): Promise<{ slots: number }> {
  return deps.db.transaction(async (tx) => {
    const one = await lockResource(tx, who.caller, resourceId);
    const stopped = (await slotsNamed(tx, one, slotIds)).filter(
      ({ status, startsAt }) => status === 'stopped' && startsAt > deps.clock.now(),
    );
    if (stopped.length === 0) throw new UserError(409, 'nothing-stopped', '选中的时段没有停诊停办，或已经开始');
    await reopen(
      tx,
      stopped.map(({ id }) => id),
    );
    await tx.query(
      `DELETE FROM appointment_exceptions WHERE resource_id = $1 AND kind = 'stopped' AND day = ANY ($2::date[])`,
      [resourceId, stopped.map(({ startsAt }) => dayOf(startsAt))],
    );
    await keepForWaiting(tx, resourceId, deps);
    await note(tx, who, one, 'reopen', { slots: stopped.length, times: stopped.map(({ startsAt }) => startsAt) }, deps);
    return { slots: stopped.length };
  });
}

/** What was stopped on a day for one reason. */
export async function reopenStopped(
  tx: Tx,
  resourceId: number,
  { day, reason }: { day: Day; reason: string },
  { clock }: ServiceDeps,
): Promise<void> {
  const stopped = await tx.query<{ id: string }>(
    `SELECT id::text FROM appointment_slots WHERE resource_id = $1 AND day = $2 AND status = 'stopped' AND starts_at > $3
        AND stop_reason = $4`,
    [resourceId, day, clock.now(), reason],
  );
  await reopen(
    tx,
    stopped.map(({ id }) => id),
  );
}

const reopen = (tx: Tx, ids: string[]) =>
  tx.query(
    `UPDATE appointment_slots SET status = 'open', stop_reason = NULL WHERE id IN (
       SELECT id FROM appointment_slots WHERE id = ANY ($1::bigint[]) ORDER BY id FOR UPDATE)`,
    [ids],
  );

async function slotAsItIs(tx: Tx, { id }: SlotOfDay): Promise<SlotOfDay> {
  const [slot] = await tx.query<SlotOfDay>(`SELECT ${columns} FROM appointment_slots WHERE id = $1`, [id]);
  return slot!;
}

async function lockSlot(tx: Tx, one: Managed, slotId: string): Promise<SlotOfDay> {
  const [slot] = await tx.query<SlotOfDay>(
    `SELECT ${columns} FROM appointment_slots WHERE id = $1 AND resource_id = $2 FOR UPDATE`,
    [slotId, one.id],
  );
  if (!slot) throw notFound('这个时段');
  return slot;
}

/** @throws UserError 404 unless all of them are the resource's */
export async function slotsNamed(tx: Tx, one: Managed, slotIds: string[]): Promise<SlotOfDay[]> {
  const slots = await tx.query<SlotOfDay>(
    `SELECT ${columns} FROM appointment_slots WHERE id = ANY ($1::bigint[]) AND resource_id = $2 ORDER BY id`,
    [slotIds, one.id],
  );
  if (slots.length !== new Set(slotIds).size) throw notFound('这些时段');
  return slots;
}

const refused = (field: string, message: string) => new UserError(422, 'invalid-input', message, { [field]: message });
