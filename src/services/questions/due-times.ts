import type { WorkingCalendar } from '../../platform/working-calendar';
import { type Grade, type Policies, type PolicyBook, policiesFor } from './policies';

/** What due times are reckoned with. */
export type Rules = { calendar: WorkingCalendar; policies: PolicyBook };

/** The columns of a question that its clock goes by. */
export type ClockRow = {
  id: string;
  status: 'open' | 'answered' | 'closed';
  grade: Grade;
  /** of the department that has it, whose policies hold */
  department: string | null;
  cycle: number;
  clock_started_at: Date | null;
  first_replied_at: Date | null;
  first_due_at: Date | null;
  due_at: Date | null;
  paused_at: Date | null;
  paused_minutes: number;
  extended_until: Date | null;
};
export const clockColumns = `q.id, q.status, q.grade, q.cycle, q.clock_started_at, q.first_replied_at, q.first_due_at, q.due_at,
  q.paused_at, q.paused_minutes, q.extended_until, (SELECT path FROM organisations WHERE id = q.organisation_id) AS department`;

export type DueTimes = Pick<ClockRow, 'first_due_at' | 'due_at'>;

/** What a clock does in the course of time. Each once in a cycle. */
export type FireKind = 'first-warning' | 'due-warning' | 'first-chase' | 'chase' | 'escalation';
/** `lapses`: of no use any more from then on, where everything stood still in between. */
export type Moment = { kind: FireKind; at: Date; lapses: Date | null };

/** When a question has to be replied to and resolved: working time since its clock started, without the pauses. */
export function dueTimes(row: ClockRow, rules: Rules): DueTimes {
  const started = row.clock_started_at;
  if (!started) return { first_due_at: null, due_at: null };
  const { calendar } = rules;
  const policies = ownPolicies(row, rules);
  const day = calendar.addWorkingDays(started, policies.resolveDays[row.grade]);
  const due = calendar.addWorkingMinutes(day, row.paused_minutes);
  return {
    // Once replied to, it stays what it was: a later pause or another calendar does not make the reply late or early.
    first_due_at: row.first_replied_at
      ? row.first_due_at
      : calendar.addWorkingMinutes(started, policies.firstReplyMinutes[row.grade] + row.paused_minutes),
    due_at: row.extended_until && row.extended_until > due ? row.extended_until : due,
  };
}

/** What the clock has to do, by its due times as they stand. All of it falls into office hours. */
export function momentsOf(row: ClockRow, rules: Rules): Moment[] {
  const { clock_started_at: started, due_at: due, first_due_at: firstDue } = row;
  if (row.status !== 'open' || row.paused_at || !started || !due) return [];
  const { calendar } = rules;
  const policies = ownPolicies(row, rules);
  const moments: Moment[] = [];
  const add = (kind: FireKind, at: Date, lapses: Date | null) =>
    moments.push({ kind, at: calendar.nextWorking(at < started ? started : at), lapses });
  const chaseOf = (expired: Date) => calendar.addWorkingDays(expired, policies.chaseDays, 'start');
  const chase = chaseOf(due);
  let chased = chase;
  if (!row.first_replied_at && firstDue) {
    const minutes = (policies.firstReplyMinutes[row.grade] * policies.warnPercent) / 100 + row.paused_minutes;
    add('first-warning', calendar.addWorkingMinutes(started, minutes), firstDue);
    const firstChase = chaseOf(firstDue);
    // Where both are due on the same day, one chase says it.
    if (firstChase < chase) {
      add('first-chase', firstChase, chase);
      chased = firstChase;
    }
  }
  if (policies.warnDays > 0) add('due-warning', calendar.addWorkingDays(due, -policies.warnDays), due);
  add('chase', chase, null);
  // After the first chase that was of no use: nobody replied, or else nobody resolved it.
  add('escalation', calendar.addWorkingDays(chased, policies.escalateDays, 'start'), null);
  return moments;
}

const ownPolicies = (row: ClockRow, { policies }: Rules): Policies => policiesFor(policies, row.department);

/** What is to be done now, and when to look again. */
export function dueNow(row: ClockRow, rules: Rules, now: Date): { fires: FireKind[]; next: Date | null } {
  const moments = momentsOf(row, rules);
  const later = moments.filter(({ at }) => at > now).map(({ at }) => at.getTime());
  return {
    fires: moments.filter(({ at, lapses }) => at <= now && (!lapses || now < lapses)).map(({ kind }) => kind),
    next: later.length > 0 ? new Date(Math.min(...later)) : null,
  };
}

/** For a clock that has just been set: what has been done already is found out when its moment comes. */
export function firstMoment(row: ClockRow, rules: Rules): Date | null {
  const moments = momentsOf(row, rules).map(({ at }) => at.getTime());
  return moments.length > 0 ? new Date(Math.min(...moments)) : null;
}
