import type { ServiceDeps } from '../../dialogue/service';
import { prefixes } from '../../people/organisations';
import { type Staff, type StaffRole, scopeOf } from '../../people/staff';
import { recordAudit } from '../../platform/audit';
import type { Queryable, Tx } from '../../platform/database';
import { notFound, UserError } from '../../platform/errors';
import { end } from './change';
import { type Day, dayOf } from './days';
import { tell } from './notices';
import { stopSlots } from './stop';
import { type Appointment, appointmentColumns, appointmentTables, selectAppointments } from './tables';

/** Who works at the counters and in the clinics. */
export const desk = ['clerk', 'supervisor'] as const satisfies readonly StaffRole[];

type Who = { caller: Staff; address: string };

export type ResourceOfStaff = { id: number; title: string; subtitle: string; office: string; house: string | null };

/** What the caller looks after. */
export const resourcesFor = (on: Queryable, caller: Staff): Promise<ResourceOfStaff[]> =>
  on.query<ResourceOfStaff>(
    `SELECT r.id, r.title, r.subtitle, o.title AS office, CASE WHEN o.kind = 'department' THEN h.title END AS house
       FROM organisations o JOIN appointment_resources r ON r.organisation_id = o.id
       LEFT JOIN organisations h ON h.id = o.parent_id
      WHERE o.path LIKE ANY ($1) AND r.disabled_at IS NULL ORDER BY o.path, r.position, r.id LIMIT 500`,
    [prefixes(scopeOf(caller, desk))],
  );

export type OnRoster = Appointment & { news_status: string | null; news_reason: string | null };

/** Who comes to a resource on a day, by time; with what became of the news for those whose time was stopped. */
export async function roster(on: Queryable, caller: Staff, resourceId: number, day: Day): Promise<OnRoster[]> {
  await seen(on, caller, resourceId);
  return on.query<OnRoster>(
    `SELECT ${appointmentColumns}, d.status AS news_status, d.reason AS news_reason FROM ${appointmentTables}
     LEFT JOIN deliveries d ON a.status = 'stopped' AND d.account_id = a.account_id AND d.dedupe_key = 'appointments.stopped:' || a.id
     WHERE a.resource_id = $1 AND a.day = $2 AND a.status IN ('booked','checked-in','served','no-show','stopped')
     ORDER BY a.starts_at, a.queue_number NULLS LAST, a.id LIMIT 1000`,
    [resourceId, day],
  );
}

/** Somebody is here: they get the next number of the day. Said twice it is the same number. */
export async function checkIn(who: Who, code: string, deps: ServiceDeps): Promise<Appointment> {
  const { db, clock } = deps;
  return db.transaction(async (tx) => {
    const [found] = await tx.query<Appointment>(
      `${selectAppointments} WHERE a.day = $1 AND a.code = $2 AND o.path LIKE ANY ($3) FOR UPDATE OF a`,
      [dayOf(clock.now()), code, prefixes(scopeOf(who.caller, desk))],
    );
    if (!found) throw new UserError(404, 'not-found', '今天没有这个编号的预约，请核对编号、日期和窗口');
    if (found.status === 'checked-in') return found;
    if (found.status !== 'booked') throw new UserError(409, 'not-active', '这个预约已经取消或结束，不能签到');
    // Numbers are drawn one after another for each resource.
    await tx.query('SELECT pg_advisory_xact_lock(7269043, $1)', [found.resource_id]);
    await tx.query(
      `UPDATE appointments SET status = 'checked-in', version = version + 1, queue_number = 1 + coalesce((
         SELECT max(queue_number) FROM appointments WHERE resource_id = $2 AND day = $3), 0) WHERE id = $1`,
      [found.id, found.resource_id, found.day],
    );
    return changed(tx, who, found, 'check-in', deps);
  });
}

/** Calls the next number, or one again, and tells its citizen's phone. */
export const call = (who: Who, id: string, deps: ServiceDeps) =>
  onOne(who, id, deps, async (tx, one) => {
    if (one.status !== 'checked-in') throw new UserError(409, 'not-here', '还没有签到，不能叫号');
    const at = deps.clock.now();
    await tx.query('UPDATE appointments SET called_at = $2, version = version + 1 WHERE id = $1', [id, at]);
    await tell(tx, { ...one, called_at: at }, 'called', deps, { 排队号: String(one.queue_number) });
    return 'call';
  });

/** Done: whoever was called has been seen. */
export const serve = (who: Who, id: string, deps: ServiceDeps) =>
  onOne(who, id, deps, async (tx, one) => {
    if (one.status !== 'checked-in') throw new UserError(409, 'not-here', '还没有签到，不能办结');
    await end(tx, id, { status: 'served', at: deps.clock.now(), returnsAt: null });
    return 'serve';
  });

/** Somebody who did not come had a reason: it is not held against them any more. */
export const forgive = (who: Who, id: string, deps: ServiceDeps) =>
  onOne(who, id, deps, async (tx) => {
    const [forgiven] = await tx.query(
      `UPDATE appointment_no_shows SET forgiven_at = $2, decided_by = $3 WHERE appointment_id = $1 AND forgiven_at IS NULL
       RETURNING 1 AS one`,
      [id, deps.clock.now(), who.caller.id],
    );
    if (!forgiven) throw new UserError(409, 'no-such-mark', '这个预约没有记爽约，或已经撤销');
    return 'forgive';
  });

/**
 * Nobody comes on this day or half of it: no more bookings from now on, and whoever has one is told and never has it counted
 * against them. The roster shows how far the news has got.
 */
export async function stopDay(
  { caller, address }: Who,
  {
    resourceId,
    day,
    half,
    reason,
  }: { resourceId: number; day: Day; half: 'morning' | 'afternoon' | null; reason: string },
  deps: ServiceDeps,
): Promise<{ slots: number; bookings: number }> {
  const { db, clock } = deps;
  return db.transaction(async (tx) => {
    const organisationId = await seen(tx, caller, resourceId);
    const noon = `${day}T12:00:00+08:00`;
    const slots = await tx.query<{ id: string; taken: number }>(
      `SELECT id::text, taken FROM appointment_slots WHERE resource_id = $1 AND day = $2 AND status = 'open' AND starts_at > $3
          AND CASE $4 WHEN 'morning' THEN starts_at < $5::timestamptz WHEN 'afternoon' THEN starts_at >= $5::timestamptz ELSE true END`,
      [resourceId, day, clock.now(), half ?? 'day', noon],
    );
    if (slots.length === 0) throw new UserError(409, 'nothing-to-stop', '这一段没有开放的时段');
    await stopSlots(tx, { slotIds: slots.map(({ id }) => id), reason });
    if (half === null)
      await tx.query(
        `INSERT INTO appointment_exceptions (resource_id, day, kind, reason) VALUES ($1, $2, 'stopped', $3)
         ON CONFLICT (resource_id, day) DO UPDATE SET kind = 'stopped', weekday = NULL, reason = excluded.reason`,
        [resourceId, day, reason],
      );
    const bookings = slots.reduce((sum, { taken }) => sum + taken, 0);
    await recordAudit(tx, {
      at: clock.now(),
      staffId: caller.id,
      organisationId,
      action: 'appointment.stop',
      subject: `appointment-resource:${resourceId}`,
      detail: { day, half, reason, slots: slots.length, bookings },
      address,
    });
    return { slots: slots.length, bookings };
  });
}

async function onOne(
  who: Who,
  id: string,
  deps: ServiceDeps,
  work: (tx: Tx, one: Appointment) => Promise<string>,
): Promise<Appointment> {
  return deps.db.transaction(async (tx) => {
    const [one] = await tx.query<Appointment>(
      `${selectAppointments} WHERE a.id = $1 AND o.path LIKE ANY ($2) FOR UPDATE OF a`,
      [id, prefixes(scopeOf(who.caller, desk))],
    );
    if (!one) throw notFound('这个预约');
    return changed(tx, who, one, await work(tx, one), deps);
  });
}

async function changed(tx: Tx, { caller, address }: Who, one: Appointment, action: string, deps: ServiceDeps) {
  await recordAudit(tx, {
    at: deps.clock.now(),
    staffId: caller.id,
    organisationId: one.organisation_id,
    action: `appointment.${action}`,
    subject: `appointment:${one.id}`,
    address,
  });
  const data = { id: one.id, resourceId: one.resource_id, day: one.day };
  await deps.live.publish(tx, { topic: 'appointment', path: one.organisation_path, roles: desk, data });
  const [now] = await tx.query<Appointment>(`${selectAppointments} WHERE a.id = $1`, [one.id]);
  return now!;
}

/** @returns whose it is @throws UserError 404 for what the caller does not look after */
async function seen(on: Queryable, caller: Staff, resourceId: number): Promise<number> {
  const [row] = await on.query<{ organisation_id: number }>(
    `SELECT r.organisation_id FROM appointment_resources r JOIN organisations o ON o.id = r.organisation_id
      WHERE r.id = $1 AND o.path LIKE ANY ($2)`,
    [resourceId, prefixes(scopeOf(caller, desk))],
  );
  if (!row) throw notFound('这位医生或窗口');
  return row.organisation_id;
}
