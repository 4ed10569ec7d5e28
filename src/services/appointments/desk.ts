import type { ServiceDeps } from '../../dialogue/service';
import { prefixes } from '../../people/organisations';
import { type Staff, type StaffRole, scopeOf } from '../../people/staff';
import { recordAudit } from '../../platform/audit';
import type { Queryable, Tx } from '../../platform/database';
import { notFound, UserError } from '../../platform/errors';
import { publishRoster } from './roster-news';
import { appointmentColumns, appointmentTables } from './tables';
import type { Visit } from './visit';

/** Who works at the counters and in the clinics. */
export const desk = ['clerk', 'supervisor'] as const satisfies readonly StaffRole[];

export type VisitAct =
  | 'call'
  | 'check-in'
  | 'forgive'
  | 'line-up-again'
  | 'no-show'
  | 'pass'
  | 'recall'
  | 'reveal'
  | 'serve'
  | 'told-by-phone'
  | 'walk-in';

export type Who = { caller: Staff; address: string };

export type ResourceOfStaff = { id: number; title: string; subtitle: string; office: string; house: string | null };

/** What the caller looks after. */
export const resourcesFor = (on: Queryable, caller: Staff): Promise<ResourceOfStaff[]> =>
  on.query<ResourceOfStaff>(
    `SELECT r.id, r.title, r.subtitle, o.title AS office, CASE WHEN o.kind = 'department' THEN h.title END AS house
       FROM organisations o JOIN appointment_resources r ON r.organisation_id = o.id
       LEFT JOIN organisations h ON h.id = o.parent_id
      WHERE o.path LIKE ANY ($1) AND r.disabled_at IS NULL ORDER BY o.path, r.position, r.id LIMIT 500`,
    [scopes(caller)],
  );

/** @returns whose it is @throws UserError 404 for what the caller does not look after */
export async function seen(on: Queryable, caller: Staff, resourceId: number): Promise<{ id: number; path: string }> {
  const [row] = await on.query<{ id: number; path: string }>(
    `SELECT o.id, o.path FROM appointment_resources r JOIN organisations o ON o.id = r.organisation_id
      WHERE r.id = $1 AND o.path LIKE ANY ($2)`,
    [resourceId, scopes(caller)],
  );
  if (!row) throw notFound('这位医生或窗口');
  return row;
}

/** For `o.path LIKE ANY ($n)`. */
export const scopes = (caller: Staff): string[] => prefixes(scopeOf(caller, desk));

/** SELECT of visits; the caller adds which. */
export const selectVisits = `SELECT ${appointmentColumns}, a.walk_in, a.queue_rank, a.calls, a.passed_at FROM ${appointmentTables}`;

export async function visitById(on: Queryable, id: string): Promise<Visit> {
  const [row] = await on.query<Visit>(`${selectVisits} WHERE a.id = $1`, [id]);
  return row!;
}

/** One booking that the caller looks after, held for changing. @throws UserError 404 */
export async function lockVisit(tx: Tx, caller: Staff, id: string): Promise<Visit> {
  const [one] = await tx.query<Visit>(`${selectVisits} WHERE a.id = $1 AND o.path LIKE ANY ($2) FOR UPDATE OF a`, [
    id,
    scopes(caller),
  ]);
  if (!one) throw notFound('这个预约');
  return one;
}

/** An act of staff on one booking: `work` does it and names it; the trace and the news go with it or not at all. */
export const onOne = (
  who: Who,
  id: string,
  deps: ServiceDeps,
  work: (tx: Tx, one: Visit) => Promise<VisitAct>,
  detail?: Record<string, unknown>,
): Promise<Visit> =>
  deps.db.transaction(async (tx) => {
    const one = await lockVisit(tx, who.caller, id);
    return changed(tx, who, one, await work(tx, one), deps, detail);
  });

/** Writes down what was done to a booking, tells the open rosters. @returns it as it is now */
export async function changed(
  tx: Tx,
  { caller, address }: Who,
  one: Pick<Visit, 'id' | 'organisation_id' | 'organisation_path' | 'resource_id' | 'day'>,
  action: VisitAct,
  deps: Pick<ServiceDeps, 'clock' | 'live'>,
  detail?: Record<string, unknown>,
): Promise<Visit> {
  await recordAudit(tx, {
    at: deps.clock.now(),
    staffId: caller.id,
    organisationId: one.organisation_id,
    action: `appointment.${action}`,
    subject: `appointment:${one.id}`,
    detail,
    address,
  });
  await publishRoster(tx, one, deps);
  return visitById(tx, one.id);
}

/** Numbers are drawn, and people called, one after another for each resource. */
export const takeTurnsAt = (tx: Tx, resourceId: number) =>
  tx.query('SELECT pg_advisory_xact_lock(7269043, $1)', [resourceId]);

export const refused = (code: string, message: string) => new UserError(409, code, message);
