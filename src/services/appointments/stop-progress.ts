import type { ServiceDeps } from '../../dialogue/service';
import type { Staff } from '../../people/staff';
import type { Queryable } from '../../platform/database';
import { notFound } from '../../platform/errors';
import { onOne, refused, scopes, selectVisits, type Who } from './desk';
import type { Instead } from './rebook';
import type { Visit } from './visit';

/** How far a stop is: `left` are still to be seen to, the others have another time or none, and were told or not. */
export type Progress = {
  id: string;
  resource: string;
  office: string;
  from: string;
  to: string;
  half: 'morning' | 'afternoon' | null;
  reason: string;
  instead: Instead;
  at: Date;
  by: string;
  left: number;
  rebooked: number;
  released: number;
  reached: number;
  underWay: number;
  notReached: number;
  toldByPhone: number;
};

/** The latest first; one where its number is given. */
export const stopsFor = (on: Queryable, caller: Staff, id?: string): Promise<Progress[]> =>
  on.query<Progress>(
    `SELECT t.id::text, trim(r.title || ' ' || r.subtitle) AS resource, o.title AS office, t.from_day::text AS "from",
            t.to_day::text AS "to", t.half, t.reason, t.instead, t.at, s.name AS by, waiting.left, done.*
       FROM organisations o JOIN appointment_stops t ON t.organisation_id = o.id
       JOIN appointment_resources r ON r.id = t.resource_id JOIN staff s ON s.id = t.staff_id
      CROSS JOIN LATERAL (
        SELECT count(*)::int AS left FROM appointment_slots p JOIN appointments a ON a.slot_id = p.id
         WHERE p.stop_id = t.id AND a.status IN ('offered','held','booked','checked-in')) waiting
      CROSS JOIN LATERAL (
        SELECT (count(*) FILTER (WHERE moved_to IS NOT NULL))::int AS rebooked,
               (count(*) FILTER (WHERE moved_to IS NULL))::int AS released,
               (count(*) FILTER (WHERE fate = 'reached'))::int AS reached,
               (count(*) FILTER (WHERE fate = 'under-way'))::int AS "underWay",
               (count(*) FILTER (WHERE fate = 'not-reached' AND told_at IS NULL))::int AS "notReached",
               (count(*) FILTER (WHERE told_at IS NOT NULL))::int AS "toldByPhone"
          FROM (${fates} WHERE a.stop_id = t.id) f) done
      WHERE o.path LIKE ANY ($1) AND ($2::bigint IS NULL OR t.id = $2) ORDER BY t.id DESC LIMIT 50`,
    [scopes(caller), id ?? null],
  );

/** @throws UserError 404 */
export async function stopFor(on: Queryable, caller: Staff, id: string): Promise<Progress> {
  const [found] = await stopsFor(on, caller, id);
  if (!found) throw notFound('这次停诊停办');
  return found;
}

export type NotReached = Visit & {
  moved_to: string | null;
  moved_time: Date | null;
  news_status: string | null;
  news_reason: string | null;
  told_at: Date | null;
};

/** Whom no message has reached: to be telephoned. Those who were telephoned stand last. */
export async function notReached(on: Queryable, caller: Staff, id: string): Promise<NotReached[]> {
  await stopFor(on, caller, id);
  return on.query<NotReached>(
    `SELECT v.*, f.moved_to, f.moved_time, f.news_status, f.news_reason, f.told_at
       FROM (${fates} WHERE a.stop_id = $1) f JOIN (${selectVisits} WHERE a.stop_id = $1) v ON v.id = f.id::text
      WHERE f.fate = 'not-reached' ORDER BY f.told_at IS NOT NULL, v.starts_at, f.id LIMIT 1000`,
    [id],
  );
}

/** Told by telephone, so that the next clerk does not ring them again. */
export const toldByPhone = (who: Who, id: string, deps: ServiceDeps): Promise<Visit> =>
  onOne(who, id, deps, async (tx) => {
    const [told] = await tx.query(
      'UPDATE appointments SET told_at = coalesce(told_at, $2), told_by = coalesce(told_by, $3) WHERE id = $1 AND stop_id IS NOT NULL RETURNING id',
      [id, deps.clock.now(), who.caller.id],
    );
    if (!told) throw refused('not-stopped', '这个预约没有因停诊停办而取消');
    return 'told-by-phone';
  });

/**
 * What became of each whose time was stopped, and of the news of it. Waiting for the citizen to write again is not reached: they
 * would come in vain. A hold or an offer was nobody's yet: nobody comes for it, so nobody has to be telephoned.
 */
const fates = `
  SELECT a.id, a.told_at, n.id::text AS moved_to, n.starts_at AS moved_time, d.status AS news_status, d.reason AS news_reason,
         CASE WHEN d.status = 'delivered' OR (d.status = 'sent' AND d.reason_code IS DISTINCT FROM 'unconfirmed') THEN 'reached'
              WHEN d.status IN ('queued','sending') THEN 'under-way'
              WHEN a.booked_at IS NULL THEN 'nobody'
              ELSE 'not-reached' END AS fate
    FROM appointments a
    LEFT JOIN appointments n ON n.moved_from = a.id
    LEFT JOIN deliveries d ON d.account_id = a.account_id
     AND d.dedupe_key = CASE WHEN n.id IS NULL THEN 'appointments.stopped:' || a.id ELSE 'appointments.moved:' || n.id END`;
