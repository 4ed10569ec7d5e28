import type { ServiceDeps } from '../../dialogue/service';
import { recordAudit } from '../../platform/audit';
import type { Tx } from '../../platform/database';
import { UserError } from '../../platform/errors';
import { addJob } from '../../platform/jobs';
import { type Day, plusDays } from './days';
import { refused, seen, takeTurnsAt, type Who } from './desk';
import type { Instead } from './rebook';
import { publishRoster } from './roster-news';
import { stopSlots } from './stop';

export const releaseJob = 'appointments.release-stopped';
/** Whoever is ill for longer is another matter: then the rules are changed. */
const mostDays = 31;

export type Stop = {
  resourceId: number;
  from: Day;
  to: Day;
  half: 'morning' | 'afternoon' | null;
  reason: string;
  instead: Instead;
};

/**
 * Nobody comes on these days or half of them: no more bookings from now on, and a job gives everybody who has one another time, or
 * releases them, and tells them. Several at once stop together, so that nobody is given another time that stops, too. Pressed twice,
 * also by two people at once, it is one stop.
 * @returns their numbers, to follow how far they are; of those with nothing open there is none
 * @throws UserError 404, 409 where nothing is open, 422
 */
export async function stopClinics(
  who: Who,
  { resourceIds, ...days }: Omit<Stop, 'resourceId'> & { resourceIds: number[] },
  deps: ServiceDeps,
): Promise<string[]> {
  const { from, to } = days;
  if (to < from || to > plusDays(from, mostDays - 1))
    throw new UserError(422, 'invalid-input', '停诊的日期有误', { to: `应从 ${from} 起，最多 ${mostDays} 天` });
  return deps.db.transaction(async (tx) => {
    const stops: (Stop & { organisation: { id: number; path: string }; slotIds: string[] })[] = [];
    // In one order, so that two who do this at once do not wait for each other.
    for (const resourceId of [...new Set(resourceIds)].sort((one, other) => one - other)) {
      const organisation = await seen(tx, who.caller, resourceId);
      await takeTurnsAt(tx, resourceId);
      const stop = { ...days, resourceId };
      stops.push({ ...stop, organisation, slotIds: await openSlots(tx, stop, deps.clock.now()) });
    }
    await tx.query('SELECT 1 FROM appointment_slots WHERE id = ANY ($1::bigint[]) ORDER BY id FOR UPDATE', [
      stops.flatMap(({ slotIds }) => slotIds),
    ]);
    const ids: string[] = [];
    for (const { organisation, slotIds, ...stop } of stops) {
      const id =
        slotIds.length > 0 ? await stopOne(tx, who, stop, { organisation, slotIds }, deps) : await sameBefore(tx, stop);
      if (id) ids.push(id);
    }
    if (ids.length === 0) throw refused('nothing-to-stop', '这一段没有开放的时段');
    await addJob(tx, releaseJob, {});
    return ids;
  });
}

async function stopOne(
  tx: Tx,
  who: Who,
  stop: Stop,
  { organisation, slotIds }: { organisation: { id: number; path: string }; slotIds: string[] },
  deps: ServiceDeps,
): Promise<string> {
  const { resourceId, from, to, reason } = stop;
  const id = await write(tx, who, organisation.id, stop, deps);
  await stopSlots(tx, { slotIds, reason, stopId: id });
  if (stop.half === null) await keepStopped(tx, stop);
  await recordAudit(tx, {
    at: deps.clock.now(),
    staffId: who.caller.id,
    organisationId: organisation.id,
    action: 'appointment.stop',
    subject: `appointment-resource:${resourceId}`,
    detail: { stop: id, from, to, half: stop.half, reason, instead: stop.instead, slots: slotIds.length },
    address: who.address,
  });
  await publishRoster(tx, { resource_id: resourceId, day: from, organisation_path: organisation.path }, deps);
  return id;
}

const noon = (column: string) => `(${column}::text || ' 12:00:00+08')::timestamptz`;

async function openSlots(tx: Tx, { resourceId, from, to, half }: Stop, at: Date): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `SELECT id::text FROM appointment_slots
      WHERE resource_id = $1 AND day BETWEEN $2 AND $3 AND status = 'open' AND starts_at > $4
        AND CASE $5 WHEN 'morning' THEN starts_at < ${noon('day')} WHEN 'afternoon' THEN starts_at >= ${noon('day')} ELSE true END`,
    [resourceId, from, to, at, half ?? 'day'],
  );
  return rows.map(({ id }) => id);
}

/** Undefined where these days were never stopped. */
async function sameBefore(tx: Tx, { resourceId, from, to }: Stop): Promise<string | undefined> {
  const [before] = await tx.query<{ id: string }>(
    `SELECT s.id::text FROM appointment_stops s WHERE resource_id = $1 AND from_day <= $2 AND to_day >= $3 ORDER BY s.id DESC LIMIT 1`,
    [resourceId, from, to],
  );
  return before?.id;
}

async function write(tx: Tx, { caller }: Who, organisationId: number, stop: Stop, { clock }: ServiceDeps) {
  const [made] = await tx.query<{ id: string }>(
    `INSERT INTO appointment_stops (resource_id, organisation_id, from_day, to_day, half, reason, instead, at, staff_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id::text`,
    [stop.resourceId, organisationId, stop.from, stop.to, stop.half, stop.reason, stop.instead, clock.now(), caller.id],
  );
  return made!.id;
}

/** Also for slots that are made later. */
const keepStopped = (tx: Tx, { resourceId, from, to, reason }: Stop) =>
  tx.query(
    `INSERT INTO appointment_exceptions (resource_id, day, kind, reason)
     SELECT $1, $2::date + n, 'stopped', $4 FROM generate_series(0, $3::date - $2::date) AS n
     ON CONFLICT (resource_id, day) DO UPDATE SET kind = 'stopped', weekday = NULL, reason = excluded.reason`,
    [resourceId, from, to, reason],
  );
