import type { ServiceDeps } from '../../dialogue/service';
import { readCalendar } from '../../platform/calendar-setting';
import type { Queryable, Tx } from '../../platform/database';
import { notFound, UserError } from '../../platform/errors';
import { createWorkingCalendar } from '../../platform/working-calendar';
import { type ClockRow, clockColumns, dueTimes, firstMoment, type Rules } from './due-times';
import { type Grade, readPolicies } from './policies';

type Deps = Pick<ServiceDeps, 'clock'>;

// What acts on a question call. Only the clock's own columns change here: version, event, audit and live event are the act's.
// A first reply and a question that is answered or closed need no call: the clock goes by those columns.

/** At dispatch, and always when the question is opened again: counts from now, and everything may fire anew. */
export const startClock = (tx: Tx, id: string, deps: Deps): Promise<void> =>
  turn(tx, id, deps, (row, now) => ({
    ...row,
    // It is about to be, where it is not yet.
    status: 'open',
    cycle: row.cycle + 1,
    clock_started_at: now,
    paused_at: null,
    paused_minutes: 0,
    extended_until: null,
  }));

/** Where no department has it any more: back with the dispatcher, merged into another. */
export const stopClock = (tx: Tx, id: string, deps: Deps): Promise<void> =>
  turn(tx, id, deps, (row) => ({ ...row, clock_started_at: null, paused_at: null, extended_until: null }));

/** @throws UserError 409 */
export const pauseClock = (tx: Tx, id: string, deps: Deps): Promise<void> =>
  turn(tx, id, deps, (row, now) => {
    mustRun(row);
    if (row.paused_at) throw new UserError(409, 'paused', '已经暂停计时');
    return { ...row, paused_at: now };
  });

/** Due times move by the working time that was paused. @throws UserError 409 */
export const resumeClock = (tx: Tx, id: string, deps: Deps): Promise<void> =>
  turn(tx, id, deps, (row, now, { calendar }) => {
    mustRun(row);
    if (!row.paused_at) throw new UserError(409, 'not-paused', '没有暂停计时');
    const minutes = Math.max(0, Math.round(calendar.workingMinutesBetween(row.paused_at, now)));
    return {
      ...row,
      paused_at: null,
      paused_minutes: row.paused_minutes + minutes,
      extended_until: row.extended_until && calendar.addWorkingMinutes(row.extended_until, minutes),
    };
  });

/** 延期, to be asked for before expiry; the warning comes again. @returns the new due time @throws UserError 409 */
export async function extendClock(tx: Tx, id: string, days: number, deps: Deps): Promise<Date> {
  let until: Date | undefined;
  await turn(tx, id, deps, (row, now, { calendar }) => {
    mustRun(row);
    if (!row.paused_at && row.due_at! <= now) throw new UserError(409, 'expired', '已经超过办理期限，不能再延期');
    until = calendar.addWorkingDays(row.due_at!, days);
    return { ...row, extended_until: until };
  });
  await tx.query(
    `DELETE FROM question_fires f USING questions q
      WHERE q.id = $1 AND f.question_id = q.id AND f.cycle = q.cycle AND f.kind = 'due-warning'`,
    [id],
  );
  return until!;
}

/** It is another department's, whose policies may be others, counted from the same start. */
export const moveClock = (tx: Tx, id: string, deps: Deps): Promise<void> => turn(tx, id, deps, (row) => row);

/** Another grade has other times, counted from the same start. */
export const gradeClock = (tx: Tx, id: string, grade: Grade, deps: Deps): Promise<void> =>
  turn(tx, id, deps, (row) => ({ ...row, grade }));

/**
 * The rules as committed, held until the transaction ends: who changes them waits for it and then sees what was reckoned with the
 * old ones. To be asked for after the question's row is locked, never before, so that nobody waits in a circle.
 */
export async function holdRules(tx: Tx): Promise<Rules> {
  await tx.query('SELECT pg_advisory_xact_lock_shared($1)', [rulesLock]);
  return readRules(tx);
}

export const readRules = async (on: Queryable): Promise<Rules> => ({
  calendar: createWorkingCalendar(await readCalendar(on)),
  policies: await readPolicies(on),
});

/** For who changes them, first of all in the transaction. */
export async function lockRules(tx: Tx): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock($1)', [rulesLock]);
}
const rulesLock = 7269010;

async function turn(
  tx: Tx,
  id: string,
  { clock }: Deps,
  change: (row: ClockRow, now: Date, rules: Rules) => ClockRow,
): Promise<void> {
  const [row] = await tx.query<ClockRow>(`SELECT ${clockColumns} FROM questions q WHERE q.id = $1 FOR UPDATE`, [id]);
  if (!row) throw notFound('这个问题');
  const rules = await holdRules(tx);
  const changed = change(row, clock.now(), rules);
  // While it is paused the due times stand still with it.
  const set = changed.paused_at ? changed : { ...changed, ...dueTimes(changed, rules) };
  await tx.query(
    `UPDATE questions SET grade = $2, cycle = $3, clock_started_at = $4, first_due_at = $5, due_at = $6, paused_at = $7,
            paused_minutes = $8, extended_until = $9, next_fire_at = $10
      WHERE id = $1`,
    [
      id,
      set.grade,
      set.cycle,
      set.clock_started_at,
      set.first_due_at,
      set.due_at,
      set.paused_at,
      set.paused_minutes,
      set.extended_until,
      firstMoment(set, rules),
    ],
  );
}

function mustRun(row: ClockRow): void {
  if (row.status !== 'open' || !row.clock_started_at)
    throw new UserError(409, 'not-running', '只有派到部门、还没有办结的问题才计时');
}
