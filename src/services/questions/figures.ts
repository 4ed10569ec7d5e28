import { z } from 'zod';
import type { Department } from '../../dialogue/figures/departments';
import { checkPeriod, type Period, rate, share } from '../../dialogue/figures/period';
import type { ServiceDeps } from '../../dialogue/service';
import { type Staff, scopeOf } from '../../people/staff';

/** 督查考核 is the supervisors'; clerks see how their own department does, and of persons themselves alone. */
export const readers = ['supervisor', 'clerk'] as const;

const minutes = z.number().nullable().describe('工作分钟');
export const figures = z.object({
  volume: z.number().describe('这段时间提的，已派到部门的'),
  replied: z.number(),
  firstReplyMedian: minutes,
  firstReplyP90: minutes,
  resolved: z.number(),
  resolveMedian: minutes,
  resolveP90: minutes,
  onTime: rate.describe('按时办结率：按时办结的，占办结的和已经超期的'),
  solved: rate.describe('解决率：说解决了的，占评价过的'),
  satisfied: rate.describe('满意率：基本满意及以上的，占评价过的'),
});
export type Figures = z.infer<typeof figures>;

export const report = z.object({
  organisation: z.object({ id: z.number(), title: z.string() }),
  total: figures,
  days: z.array(figures.extend({ day: z.iso.date() })),
  clerks: z.array(figures.extend({ name: z.string() })).describe('按现在的办理人'),
  now: z.object({ open: z.number(), overdue: z.number() }).describe('此刻没有办结的，和其中已经超期的'),
});
export type Report = z.infer<typeof report>;

/** Persons are for supervisors of that place; a clerk sees their own line. */
export const seesAllClerks = (caller: Staff, { path }: Department): boolean =>
  scopeOf(caller, ['supervisor']).some((root) => path.startsWith(root));

export async function figuresOf(
  department: Department,
  period: Period,
  caller: Staff,
  { db, clock }: Pick<ServiceDeps, 'db' | 'clock'>,
): Promise<Report> {
  checkPeriod(period);
  const now = clock.now();
  const rows = await db.query<Row>(figuresSql, [`${department.path}%`, ...bounds(period), now]);
  const [state] = await db.query<Report['now']>(stateSql, [`${department.path}%`, now]);
  const all = seesAllClerks(caller, department);
  return {
    organisation: { id: department.id, title: department.title },
    total: toFigures(rows.find(({ of }) => of === 'all')),
    days: rows
      .filter((row) => row.of === 'day')
      .sort((one, other) => one.day!.localeCompare(other.day!))
      .map((row) => ({ day: row.day!, ...toFigures(row) })),
    clerks: rows
      .filter((row) => row.of === 'clerk' && (all || row.staff_id === caller.id))
      .sort((one, other) => other.volume - one.volume)
      .map((row) => ({ name: row.name ?? '无人认领', ...toFigures(row) })),
    now: state!,
  };
}

/** The moments between which a question was asked on one of these days in China. */
export const bounds = ({ from, to }: Period): [Date, Date] => [
  new Date(`${from}T00:00:00+08:00`),
  new Date(Date.parse(`${to}T00:00:00+08:00`) + 86_400_000),
];

type Row = Omit<Figures, 'onTime' | 'solved' | 'satisfied'> & {
  of: 'all' | 'day' | 'clerk';
  day: string | null;
  staff_id: number | null;
  name: string | null;
  on_time: number;
  late: number;
  solved: number;
  asked_solved: number;
  satisfied: number;
  asked_satisfied: number;
};

/** Of each department below, the stretch of its index that the period is. */
const figuresSql = `
  WITH asked AS (
    SELECT (q.asked_at AT TIME ZONE 'Asia/Shanghai')::date::text AS day, q.assignee_id, q.first_replied_at, q.first_reply_minutes,
           q.answered_at, q.resolve_minutes, q.solved, q.satisfied,
           q.answered_at IS NOT NULL AND q.answered_at <= coalesce(q.due_at, 'infinity') AS on_time,
           coalesce(q.answered_at > q.due_at, q.status = 'open' AND q.paused_at IS NULL AND q.due_at <= $4) AS late
      FROM organisations o JOIN questions q ON q.organisation_id = o.id
     WHERE o.path LIKE $1 AND q.asked_at >= $2 AND q.asked_at < $3 AND q.merged_into IS NULL),
  counted AS (
    SELECT CASE WHEN GROUPING(day) = 0 THEN 'day' WHEN GROUPING(assignee_id) = 0 THEN 'clerk' ELSE 'all' END AS of,
           day, assignee_id AS staff_id, count(*)::int AS volume, count(first_replied_at)::int AS replied,
           percentile_disc(0.5) WITHIN GROUP (ORDER BY first_reply_minutes) AS "firstReplyMedian",
           percentile_disc(0.9) WITHIN GROUP (ORDER BY first_reply_minutes) AS "firstReplyP90",
           count(answered_at)::int AS resolved,
           percentile_disc(0.5) WITHIN GROUP (ORDER BY resolve_minutes) AS "resolveMedian",
           percentile_disc(0.9) WITHIN GROUP (ORDER BY resolve_minutes) AS "resolveP90",
           (count(*) FILTER (WHERE on_time))::int AS on_time, (count(*) FILTER (WHERE late))::int AS late,
           (count(*) FILTER (WHERE solved))::int AS solved, count(solved)::int AS asked_solved,
           (count(*) FILTER (WHERE satisfied >= 3))::int AS satisfied, count(satisfied)::int AS asked_satisfied
      FROM asked GROUP BY GROUPING SETS ((), (day), (assignee_id)))
  SELECT counted.*, s.name FROM counted LEFT JOIN staff s ON s.id = counted.staff_id`;

const stateSql = `
  SELECT count(*)::int AS open, (count(*) FILTER (WHERE q.next_due_at <= $2))::int AS overdue
    FROM organisations o JOIN questions q ON q.organisation_id = o.id WHERE o.path LIKE $1 AND q.status = 'open'`;

function toFigures(row: Row | undefined): Figures {
  const { volume = 0, replied = 0, resolved = 0 } = row ?? {};
  const { firstReplyMedian = null, firstReplyP90 = null, resolveMedian = null, resolveP90 = null } = row ?? {};
  return {
    volume,
    replied,
    firstReplyMedian,
    firstReplyP90,
    resolved,
    resolveMedian,
    resolveP90,
    onTime: row ? share(row.on_time, row.on_time + row.late) : null,
    solved: row ? share(row.solved, row.asked_solved) : null,
    satisfied: row ? share(row.satisfied, row.asked_satisfied) : null,
  };
}
