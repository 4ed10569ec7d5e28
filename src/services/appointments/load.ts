import type { CounterLoad } from '../../dialogue/contributions';
import type { ServiceDeps } from '../../dialogue/service';
import { calledTitle } from '../../people/organisations';
import type { Queryable } from '../../platform/database';
import { dayOf, plusDays } from './days';
import { lately } from './lately';

/** Fewer visits than this say nothing of how long one takes. */
const fewestVisits = 5;
const mostVisits = 20;
/** A visit that was closed hours later was forgotten, and says nothing either. */
const longestMinutes = 120;
const visitDays = 30;
const mostCalled = 3;

type Row = {
  id: number;
  organisation_id: number;
  key: string;
  office: string;
  title: string;
  place: string;
  waiting: number;
  at_counter: number;
  called: number[] | null;
  minutes: number | null;
};

/** How busy every counter at or below an organisation is. */
export const load = (organisationId: number, deps: ServiceDeps): Promise<CounterLoad[]> =>
  lately(`load ${organisationId}`, deps, () => countLoad(organisationId, deps));

async function countLoad(organisationId: number, { db, clock }: ServiceDeps): Promise<CounterLoad[]> {
  const now = clock.now();
  const today = dayOf(now);
  const rows = await db.query<Row>(counters, [organisationId, today, now, mostCalled]);
  const ids = rows.map(({ id }) => id);
  const [hours, next] = await Promise.all([hoursOn(db, ids, today), nextOn(db, ids, now)]);
  return rows.map((row) => ({
    organisation: { id: row.organisation_id, key: row.key, title: row.office },
    title: row.title,
    place: row.place,
    waiting: row.waiting,
    called: row.called ?? [],
    minutesEach: row.minutes,
    minutesToWait: minutesFor(row.waiting, row),
    hours: hours.get(row.id) ?? [],
    next: next.get(row.id) ?? null,
  }));
}

/** Several desks may serve one line: as many at once as are there now. */
export const minutesFor = (ahead: number, { minutes, at_counter }: Pick<Row, 'minutes' | 'at_counter'>) =>
  minutes === null ? null : Math.ceil((ahead * minutes) / Math.max(1, at_counter));

/** In SQL, the median of a counter's last visits; null where there were too few. */
export const minutesOf = (resource: string, at: string) => `
  SELECT CASE WHEN count(*) >= ${fewestVisits} THEN
           greatest(1, round(percentile_cont(0.5) WITHIN GROUP (ORDER BY minutes))::int) END AS minutes
    FROM (SELECT extract(epoch FROM served.ended_at - served.called_at) / 60 AS minutes FROM appointments served
           WHERE served.resource_id = ${resource} AND served.status = 'served' AND served.called_at IS NOT NULL
             AND served.ended_at > ${at}::timestamptz - interval '${visitDays} days' AND served.ended_at <= ${at}
           ORDER BY served.ended_at DESC LIMIT ${mostVisits}) lately
   WHERE minutes BETWEEN 0 AND ${longestMinutes}`;

/** Whoever is checked in and not done, and the last visits, both along indexes of their own. */
export const counters = `
  SELECT r.id, r.organisation_id, o.key, ${calledTitle('o')} AS office, trim(r.title || ' ' || r.subtitle) AS title, r.place,
         line.waiting, line.at_counter, line.called[1:$4] AS called, visits.minutes
    FROM organisations root
    JOIN organisations o ON starts_with(o.path, root.path)
    JOIN appointment_resources r ON r.organisation_id = o.id AND r.disabled_at IS NULL
    CROSS JOIN LATERAL (
      SELECT count(*) FILTER (WHERE called_at IS NULL AND passed_at IS NULL)::int AS waiting,
             count(*) FILTER (WHERE called_at IS NOT NULL AND passed_at IS NULL)::int AS at_counter,
             array_agg(queue_number ORDER BY called_at DESC) FILTER (WHERE called_at IS NOT NULL AND passed_at IS NULL) AS called
        FROM appointments a WHERE a.resource_id = r.id AND a.day = $2 AND a.status = 'checked-in') line
    CROSS JOIN LATERAL (${minutesOf('r.id', '$3')}) visits
   WHERE root.id = $1
   ORDER BY o.path, r.position, r.id LIMIT 500`;

/** When each begins next. Nobody plans further ahead than this. */
async function nextOn(on: Queryable, resourceIds: number[], now: Date) {
  const rows = await on.query<{ id: number; next: Date | null }>(
    `SELECT asked.id, next FROM unnest($1::int[]) AS asked (id) CROSS JOIN LATERAL (
       SELECT min(starts_at) AS next FROM appointment_slots
        WHERE resource_id = asked.id AND day BETWEEN $2 AND $3 AND status = 'open' AND NOT withdrawn AND starts_at > $4) slot`,
    [resourceIds, dayOf(now), plusDays(dayOf(now), 30), now],
  );
  return new Map(rows.map(({ id, next }) => [id, next]));
}

/** Times that follow each other are one stretch. */
async function hoursOn(on: Queryable, resourceIds: number[], day: string) {
  const slots = await on.query<{ resource_id: number; from: Date; to: Date }>(
    `SELECT resource_id, starts_at AS from, ends_at AS to FROM appointment_slots
      WHERE resource_id = ANY ($1::int[]) AND day = $2 AND status = 'open' AND NOT withdrawn ORDER BY resource_id, starts_at`,
    [resourceIds, day],
  );
  const stretches = new Map<number, { from: Date; to: Date }[]>();
  for (const { resource_id, from, to } of slots) {
    const known = stretches.get(resource_id) ?? [];
    const last = known.at(-1);
    if (last && from <= last.to) last.to = new Date(Math.max(Number(to), Number(last.to)));
    else known.push({ from, to });
    stretches.set(resource_id, known);
  }
  return stretches;
}
