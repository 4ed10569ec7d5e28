import type { Queryable } from '../../platform/database';
import { type Day, dayOf, plusDays } from './days';

export type Office = { id: number; title: string; house: string | null; path: string };
export type Resource = {
  id: number;
  organisation_id: number;
  kind: 'doctor' | 'clinic' | 'counter';
  title: string;
  subtitle: string;
  note: string;
  place: string;
};
export type DayState = {
  day: Day;
  free: number;
  capacity: number;
  state: 'free' | 'full' | 'over' | 'stopped' | 'not-open' | 'none';
};
export type SlotState = {
  id: string;
  resource_id: number;
  starts_at: Date;
  ends_at: Date;
  free: number;
  capacity: number;
  status: 'open' | 'stopped';
  opens_at: Date;
};

const mostOffices = 200;
/** Of a large department: a hundred doctors with a hundred times each. */
const mostSlots = 10_000;

/** Departments and offices at or below a place that have something to book. */
export const officesBelow = (on: Queryable, organisationId: number): Promise<Office[]> =>
  on.query<Office>(
    `SELECT o.id, o.title, CASE WHEN o.kind = 'department' THEN h.title END AS house, o.path
       FROM organisations root JOIN organisations o ON starts_with(o.path, root.path)
       LEFT JOIN organisations h ON h.id = o.parent_id
      WHERE root.id = $1 AND EXISTS (
        SELECT 1 FROM appointment_resources r WHERE r.organisation_id = o.id AND r.disabled_at IS NULL)
      ORDER BY o.path LIMIT ${mostOffices}`,
    [organisationId],
  );

export const resourcesOf = (on: Queryable, organisationId: number): Promise<Resource[]> =>
  on.query<Resource>(
    `SELECT id, organisation_id, kind, title, subtitle, note, place FROM appointment_resources
      WHERE organisation_id = $1 AND disabled_at IS NULL ORDER BY position, id LIMIT 500`,
    [organisationId],
  );

/** How it stands on each day from today on: 有号, 约满, 已过, 停诊, 未放号, or nobody there. */
export async function daysOf(
  on: Queryable,
  resourceIds: readonly number[],
  days: number,
  at: Date,
): Promise<DayState[]> {
  const today = dayOf(at);
  const rows = await on.query<{
    day: Day;
    free: number;
    capacity: number;
    open: number;
    stopped: number;
    opened: number;
    ahead: number;
  }>(
    `SELECT day::text,
            coalesce(sum(capacity - taken) FILTER (WHERE status = 'open' AND starts_at > $4 AND opens_at <= $4), 0)::int AS free,
            sum(capacity)::int AS capacity,
            count(*) FILTER (WHERE status = 'open')::int AS open,
            count(*) FILTER (WHERE status = 'stopped')::int AS stopped,
            count(*) FILTER (WHERE opens_at <= $4)::int AS opened,
            count(*) FILTER (WHERE status = 'open' AND starts_at > $4)::int AS ahead
       FROM appointment_slots WHERE resource_id = ANY ($1::int[]) AND day BETWEEN $2 AND $3 AND pool = 'online' AND NOT withdrawn
      GROUP BY day`,
    [resourceIds, today, plusDays(today, days - 1), at],
  );
  const byDay = new Map(rows.map((row) => [row.day, row]));
  return Array.from({ length: days }, (_, index) => {
    const day = plusDays(today, index);
    const row = byDay.get(day);
    if (!row) return { day, free: 0, capacity: 0, state: 'none' as const };
    const { free, capacity } = row;
    if (row.open === 0) return { day, free, capacity, state: 'stopped' as const };
    if (row.ahead === 0) return { day, free, capacity, state: 'over' as const };
    if (row.opened === 0) return { day, free, capacity, state: 'not-open' as const };
    return { day, free, capacity, state: free > 0 ? ('free' as const) : ('full' as const) };
  });
}

/** The times on a day that have not begun, of one or of several. */
export const slotsOn = (on: Queryable, resourceIds: readonly number[], day: Day, at: Date): Promise<SlotState[]> =>
  on.query<SlotState>(
    `SELECT id::text, resource_id, starts_at, ends_at, capacity - taken AS free, capacity, status, opens_at FROM appointment_slots
      WHERE resource_id = ANY ($1::int[]) AND day = $2 AND pool = 'online' AND NOT withdrawn AND starts_at > $3
      ORDER BY starts_at, id LIMIT ${mostSlots}`,
    [resourceIds, day, at],
  );
