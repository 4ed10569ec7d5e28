import type { Department } from '../../../dialogue/figures/departments';
import type { Period } from '../../../dialogue/figures/period';
import type { ServiceDeps } from '../../../dialogue/service';
import { dayOf } from '../days';

const counted = [
  'capacity',
  'booked',
  'walkIns',
  'came',
  'noShows',
  'cancelled',
  'moved',
  'stopped',
  'lined',
  'settled',
  'placed',
  // of days that are over: what is still to come has not been used yet
  'pastCapacity',
  'pastCame',
] as const;

/** How many of each there were, and how many booked so many days before they came. */
export type Counts = Record<(typeof counted)[number], number> & { leads: Map<number, number> };
export type Counted = { days: Map<string, Counts>; resources: Map<number, Counts> };

/**
 * What there is to count on these days: by day, and by doctor, clinic or counter. Of each of them the stretch of an index that the
 * period is; what lies outside costs nothing.
 */
export async function count(
  department: Department,
  { from, to }: Period,
  resourceId: number | null,
  { db, clock }: Pick<ServiceDeps, 'db' | 'clock'>,
): Promise<Counted> {
  const found: Counted = { days: new Map(), resources: new Map() };
  const asked = [`${department.path}%`, from, to, resourceId];
  for (const sql of [placesSql, linesSql])
    for (const row of await db.query<Row>(sql, [...asked, dayOf(clock.now())])) add(found, row);
  for (const row of await db.query<VisitRow>(visitsSql, [...asked, dayOf(clock.now())]))
    if (row.lead_of) addLead(found, row);
    else add(found, row);
  return found;
}

/** Of one day or of one resource. */
type Row = { day: string | null; resource_id: number | null } & Partial<Record<(typeof counted)[number], number>>;
type VisitRow = Row & { lead_of: boolean; lead: number | null };

/** Follows those that can be booked below an organisation, or one of them alone. */
const below = `organisations o JOIN appointment_resources r ON r.organisation_id = o.id AND ($4::int IS NULL OR r.id = $4)`;

/** What is stopped is nobody's to book. */
const placesSql = `
  SELECT s.day::text, s.resource_id, (coalesce(sum(s.capacity), 0))::int AS capacity,
         (coalesce(sum(s.capacity) FILTER (WHERE s.day < $5), 0))::int AS "pastCapacity"
    FROM ${below} JOIN appointment_slots s ON s.resource_id = r.id
   WHERE o.path LIKE $1 AND s.day BETWEEN $2 AND $3 AND s.status = 'open'
   GROUP BY GROUPING SETS ((s.day), (s.resource_id))`;

const linesSql = `
  SELECT w.day::text, w.resource_id, count(*)::int AS lined,
         (count(*) FILTER (WHERE w.status IN ('done','gone') OR w.day < $5))::int AS settled,
         (count(*) FILTER (WHERE w.status = 'done'))::int AS placed
    FROM ${below} JOIN appointment_waiting w ON w.resource_id = r.id
   WHERE o.path LIKE $1 AND w.day BETWEEN $2 AND $3
   GROUP BY GROUPING SETS ((w.day), (w.resource_id))`;

/** What was only held or offered was never booked. Walk-ins booked nothing: they have no lead, and cannot stay away. */
const visitsSql = `
  WITH visits AS (
    SELECT a.day, a.resource_id, a.status, a.walk_in, a.end_reason,
           NOT a.walk_in AND a.status IN ('booked','checked-in','served','no-show') AS kept,
           CASE WHEN NOT a.walk_in AND a.status IN ('booked','checked-in','served','no-show')
                THEN greatest(0, a.day - (a.booked_at AT TIME ZONE 'Asia/Shanghai')::date) END AS lead
      FROM ${below} JOIN appointments a ON a.resource_id = r.id
     WHERE o.path LIKE $1 AND a.day BETWEEN $2 AND $3 AND a.booked_at IS NOT NULL)
  SELECT day::text, resource_id, lead, GROUPING(lead) = 0 AS lead_of,
         (count(*) FILTER (WHERE kept))::int AS booked,
         (count(*) FILTER (WHERE walk_in))::int AS "walkIns",
         (count(*) FILTER (WHERE kept AND status IN ('checked-in','served')))::int AS came,
         (count(*) FILTER (WHERE day < $5 AND status IN ('checked-in','served')))::int AS "pastCame",
         (count(*) FILTER (WHERE kept AND status = 'no-show'))::int AS "noShows",
         (count(*) FILTER (WHERE status = 'cancelled' AND end_reason IS DISTINCT FROM 'moved'))::int AS cancelled,
         (count(*) FILTER (WHERE status = 'cancelled' AND end_reason = 'moved'))::int AS moved,
         (count(*) FILTER (WHERE status = 'stopped'))::int AS stopped
    FROM visits GROUP BY GROUPING SETS ((day), (resource_id), (day, lead), (resource_id, lead))`;

function add(found: Counted, row: Row): void {
  const counts = countsOf(found, row);
  for (const name of counted) counts[name] += row[name] ?? 0;
}

function addLead(found: Counted, { lead, booked = 0, ...row }: VisitRow): void {
  if (lead === null) return;
  const { leads } = countsOf(found, row);
  leads.set(lead, (leads.get(lead) ?? 0) + booked);
}

function countsOf({ days, resources }: Counted, { day, resource_id }: Row): Counts {
  return day !== null ? getOrMake(days, day) : getOrMake(resources, resource_id!);
}

function getOrMake<Key>(all: Map<Key, Counts>, key: Key): Counts {
  const there = all.get(key) ?? none();
  all.set(key, there);
  return there;
}

const none = (): Counts => ({
  ...(Object.fromEntries(counted.map((name) => [name, 0])) as Record<(typeof counted)[number], number>),
  leads: new Map(),
});

export function sum(all: Iterable<Counts>): Counts {
  const total = none();
  for (const one of all) {
    for (const name of counted) total[name] += one[name];
    for (const [lead, times] of one.leads) total.leads.set(lead, (total.leads.get(lead) ?? 0) + times);
  }
  return total;
}
