import type { ServiceDeps } from '../../dialogue/service';
import { calendarOf } from '../../platform/calendar-setting';
import type { Tx } from '../../platform/database';
import { type Day, dayOf, moment, plusDays, weekdayOf } from './days';
import { type Policy, policyOf } from './policy';

export type Rule = {
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
export type PlannedSlot = { pool: string; day: Day; startsAt: Date; endsAt: Date; opensAt: Date; capacity: number };
export type Plan = { organisationId: number; slots: PlannedSlot[] };

/** Slots are there two days before they open, so that a release finds them whatever the worker was doing. */
const daysAhead = 2;

/**
 * The slots that a resource should have, by its rules, exceptions and the working calendar, from today to its horizon; none for one
 * that is out of use. Holds the resource, so that a job and somebody who edits do not plan at once; bookings do not wait for it.
 */
export async function planOf(
  tx: Tx,
  resourceId: number,
  deps: Pick<ServiceDeps, 'settings' | 'clock'>,
): Promise<Plan | undefined> {
  const [resource] = await tx.query<{ organisation_id: number; policy: Partial<Policy>; disabled: boolean }>(
    `SELECT organisation_id, policy, disabled_at IS NOT NULL AS disabled FROM appointment_resources WHERE id = $1
        FOR NO KEY UPDATE`,
    [resourceId],
  );
  if (!resource) return undefined;
  const organisationId = resource.organisation_id;
  if (resource.disabled) return { organisationId, slots: [] };
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
  // Of two rules that say the same time the first holds.
  const slots = new Map<string, PlannedSlot>();
  for (let day = today; day <= last; day = plusDays(day, 1))
    for (const rule of rules)
      for (const slot of slotsOf(rule, day, exceptions, policy, deps)) {
        const key = keyOf(slot.pool, slot.startsAt);
        if (!slots.has(key)) slots.set(key, slot);
      }
  return { organisationId, slots: [...slots.values()] };
}

/** What makes a slot of a resource the same one. */
export const keyOf = (pool: string, startsAt: Date) => `${pool} ${startsAt.getTime()}`;

function slotsOf(
  rule: Rule,
  day: Day,
  exceptions: Exception[],
  policy: Policy,
  deps: Pick<ServiceDeps, 'settings'>,
): PlannedSlot[] {
  const exception = exceptions.find((one) => one.day === day);
  if (exception?.kind === 'stopped' || day < rule.valid_from || (rule.valid_to && day > rule.valid_to)) return [];
  const weekday = exception?.weekday ?? weekdayOf(day);
  if (!rule.weekdays.includes(weekday)) return [];
  if (!exception && !rule.on_holidays && isHoliday(day, rule, deps)) return [];
  const opensAt = moment(plusDays(day, -policy.horizonDays), policy.releaseTime);
  const end = moment(day, rule.to_time);
  const slots: PlannedSlot[] = [];
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
