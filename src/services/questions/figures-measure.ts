import type { ServiceDeps } from '../../dialogue/service';
import { readCalendar } from '../../platform/calendar-setting';
import { createWorkingCalendar, type WorkingCalendar } from '../../platform/working-calendar';

const batch = 1000;

type Row = {
  id: string;
  asked_at: Date;
  dispatched_at: Date | null;
  clock_started_at: Date | null;
  first_replied_at: Date | null;
  answered_at: Date | null;
  paused_minutes: number;
  first_reply_minutes: number | null;
};

/**
 * How long replies and resolves took in working time, once each: what was measured is not measured again by another calendar.
 * Whatever is not measured yet is found by a small index, so that doing it twice, or in two processes, does no harm.
 */
export async function measure({ db }: Pick<ServiceDeps, 'db'>): Promise<void> {
  const calendar = createWorkingCalendar(await readCalendar(db));
  for (let done = batch; done === batch; )
    done = await db.transaction(async (tx) => {
      const rows = await tx.query<Row>(
        `SELECT id::text, asked_at, dispatched_at, clock_started_at, first_replied_at, answered_at, paused_minutes, first_reply_minutes
           FROM questions
          WHERE (first_replied_at IS NOT NULL AND first_reply_minutes IS NULL) OR answered_at IS DISTINCT FROM measured_answered_at
          ORDER BY questions.id LIMIT ${batch} FOR UPDATE SKIP LOCKED`,
      );
      await tx.query(
        `UPDATE questions q SET first_reply_minutes = m.first, resolve_minutes = m.resolve, measured_answered_at = q.answered_at
           FROM unnest($1::bigint[], $2::int[], $3::int[]) AS m (id, first, resolve) WHERE q.id = m.id`,
        [
          rows.map(({ id }) => id),
          rows.map((row) => row.first_reply_minutes ?? firstReply(row, calendar)),
          rows.map((row) => resolve(row, calendar)),
        ],
      );
      return rows.length;
    });
}

/** Since dispatch; where it was dispatched anew since, or never, since it was asked. */
function firstReply({ asked_at, dispatched_at, first_replied_at }: Row, calendar: WorkingCalendar): number | null {
  if (!first_replied_at) return null;
  const from = dispatched_at && dispatched_at <= first_replied_at ? dispatched_at : asked_at;
  return minutes(from, first_replied_at, 0, calendar);
}

function resolve(row: Row, calendar: WorkingCalendar): number | null {
  if (!row.answered_at) return null;
  return minutes(row.clock_started_at ?? row.asked_at, row.answered_at, row.paused_minutes, calendar);
}

const minutes = (from: Date, to: Date, paused: number, calendar: WorkingCalendar): number =>
  Math.max(0, Math.round(calendar.workingMinutesBetween(from, to) - paused));
