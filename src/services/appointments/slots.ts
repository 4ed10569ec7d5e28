import type { ServiceDeps } from '../../dialogue/service';
import { calendarOf } from '../../platform/calendar-setting';
import type { Tx } from '../../platform/database';
import { type Day, dayOf, moment, plusDays, weekdayOf } from './days';
import { type Policy, policyOf } from './policy';

type Rule = {
  weekdays: number[];
  from_time: string;
  to_time: string;
  minutes: number;
  capacity: number;
  pool: string;
  on_holidays: boolean;
  valid_from: Day;
  valid_to: Day | null;
};
type Exception = { day: Day; kind: 'stopped' | 'as'; weekday: number | null };
type Slot = { pool: string; day: Day; startsAt: Date; endsAt: Date; opensAt: Date; capacity: number };

/** Slots are there two days before they open, so that a release finds them whatever the worker was doing. */
const daysAhead = 2;

/**
 * Makes the slots of one resource up to its horizon. Run again it adds what is missing and changes nothing: a slot that was made
 * belongs to whoever booked it, and to staff.
 * @returns how many were added
 */
export async function makeSlots(
  tx: Tx,
  resourceId: number,
  deps: Pick<ServiceDeps, 'settings' | 'clock'>,
): Promise<number> {
  const [resource] = await tx.query<{ organisation_id: number; policy: Partial<Policy> }>(
    'SELECT organisation_id, policy FROM appointment_resources WHERE id = $1 AND disabled_at IS NULL',
    [resourceId],
  );
  if (!resource) return 0;
  const rules = await tx.query<Rule>(
    `SELECT weekdays, to_char(from_time, 'HH24:MI') AS from_time, to_char(to_time, 'HH24:MI') AS to_time, minutes, capacity, pool,
            on_holidays, valid_from::text, valid_to::text FROM appointment_rules WHERE resource_id = $1 ORDER BY id`,
    [resourceId],
  );
  const today = dayOf(deps.clock.now());
  const policy = policyOf(resource.policy, deps);
  const last = plusDays(today, policy.horizonDays + daysAhead);
  const exceptions = await tx.query<Exception>(
    'SELECT day::text, kind, weekday FROM appointment_exceptions WHERE resource_id = $1 AND day BETWEEN $2 AND $3',
    [resourceId, today, last],
  );
  const slots: Slot[] = [];
  for (let day = today; day <= last; day = plusDays(day, 1))
    for (const rule of rules) slots.push(...slotsOf(rule, day, exceptions, policy, deps));
  return insert(tx, resourceId, resource.organisation_id, slots);
}

function slotsOf(
  rule: Rule,
  day: Day,
  exceptions: Exception[],
  policy: Policy,
  deps: Pick<ServiceDeps, 'settings'>,
): Slot[] {
  const exception = exceptions.find((one) => one.day === day);
  if (exception?.kind === 'stopped' || day < rule.valid_from || (rule.valid_to && day > rule.valid_to)) return [];
  const weekday = exception?.weekday ?? weekdayOf(day);
  if (!rule.weekdays.includes(weekday)) return [];
  if (!exception && !rule.on_holidays && isHoliday(day, rule, deps)) return [];
  const opensAt = moment(plusDays(day, -policy.horizonDays), policy.releaseTime);
  const end = moment(day, rule.to_time);
  const slots: Slot[] = [];
  for (let from = moment(day, rule.from_time); ; ) {
    const to = new Date(from.getTime() + rule.minutes * 60_000);
    if (to > end) return slots;
    slots.push({ pool: rule.pool, day, startsAt: from, endsAt: to, opensAt, capacity: rule.capacity });
    from = to;
  }
}

/** A weekday on which offices are shut all day. Who works at weekends does so on purpose: the calendar says nothing of them. */
function isHoliday(day: Day, rule: Rule, { settings }: Pick<ServiceDeps, 'settings'>): boolean {
  if (weekdayOf(day) > 5) return false;
  const calendar = calendarOf(settings);
  return (
    calendar.workingMinutesBetween(moment(day, '00:00'), moment(plusDays(day, 1), '00:00')) === 0 && !rule.on_holidays
  );
}

async function insert(tx: Tx, resourceId: number, organisationId: number, slots: Slot[]): Promise<number> {
  if (slots.length === 0) return 0;
  const added = await tx.query(
    `INSERT INTO appointment_slots (resource_id, organisation_id, pool, day, starts_at, ends_at, opens_at, capacity)
     SELECT $1, $2, pool, day, starts_at, ends_at, opens_at, capacity
       FROM unnest($3::text[], $4::date[], $5::timestamptz[], $6::timestamptz[], $7::timestamptz[], $8::int[])
            AS t (pool, day, starts_at, ends_at, opens_at, capacity)
     ON CONFLICT (resource_id, pool, starts_at) DO NOTHING RETURNING id`,
    [
      resourceId,
      organisationId,
      slots.map(({ pool }) => pool),
      slots.map(({ day }) => day),
      slots.map(({ startsAt }) => startsAt),
      slots.map(({ endsAt }) => endsAt),
      slots.map(({ opensAt }) => opensAt),
      slots.map(({ capacity }) => capacity),
    ],
  );
  return added.length;
}
