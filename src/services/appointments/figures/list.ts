import type { Department } from '../../../dialogue/figures/departments';
import type { Period } from '../../../dialogue/figures/period';
import type { ServiceDeps } from '../../../dialogue/service';
import type { Table } from '../../../platform/sheets/make';
import { type Cell, type Column, dayCell } from '../../../platform/sheets/workbook';
import { stateNames } from '../own';
import type { Status } from '../tables';
import { type Named, resourcesBelow } from './report';

const pageSize = 500;

/** Each booking and what became of it, and nobody's name: for counting, not for calling people up. */
export async function visitList(department: Department, { from, to }: Period, { db }: ServiceDeps): Promise<Table> {
  const [row] = await db.query<{ total: number }>(
    `SELECT count(*)::int AS total
       FROM organisations o JOIN appointment_resources r ON r.organisation_id = o.id JOIN appointments a ON a.resource_id = r.id
      WHERE o.path LIKE $1 AND a.day BETWEEN $2 AND $3 AND a.booked_at IS NOT NULL`,
    [`${department.path}%`, from, to],
  );
  async function* rows(): AsyncGenerator<Cell[]> {
    for (const resource of await resourcesBelow(db, department)) {
      let after: [string, Date, string] = [from, new Date(0), '0'];
      for (let read = pageSize; read === pageSize; ) {
        const page: Listed[] = await db.query<Listed>(pageSql, [resource.id, ...after, to, pageSize]);
        for (const one of page) yield toRow(one, resource);
        const last = page.at(-1);
        if (last) after = [last.day, last.starts_at, last.id];
        read = page.length;
      }
    }
  }
  return { sheet: '预约', columns, total: row!.total, rows: rows() };
}

type Listed = {
  id: string;
  day: string;
  starts_at: Date;
  pool: string;
  walk_in: boolean;
  status: Status;
  booked_at: Date;
  lead: number;
  ended_at: Date | null;
  end_reason: string | null;
};

/** The next page along the index of one doctor, clinic or counter. */
const pageSql = `
  SELECT a.id::text, a.day::text, a.starts_at, s.pool, a.walk_in, a.status, a.booked_at, a.ended_at, a.end_reason,
         greatest(0, a.day - (a.booked_at AT TIME ZONE 'Asia/Shanghai')::date) AS lead
    FROM appointments a JOIN appointment_slots s ON s.id = a.slot_id
   WHERE a.resource_id = $1 AND (a.day, a.starts_at, a.id) > ($2::date, $3::timestamptz, $4::bigint) AND a.day <= $5
     AND a.booked_at IS NOT NULL
   ORDER BY a.day, a.starts_at, a.id LIMIT $6`;

const columns: Column[] = [
  { title: '日期', width: 12, kind: 'date' },
  { title: '预约的时间', width: 17, kind: 'time' },
  { title: '部门', width: 30 },
  { title: '医生或窗口', width: 26 },
  { title: '号源', width: 8 },
  { title: '怎么来的', width: 10 },
  { title: '状态', width: 12 },
  { title: '什么时候约的', width: 17, kind: 'time' },
  { title: '提前几天', width: 10 },
  { title: '什么时候结束的', width: 17, kind: 'time' },
  { title: '结束的原因', width: 30 },
];

const reasons: Record<string, string> = { moved: '改期', instead: '另选了时段', erased: '市民删除个人信息' };

const toRow = (one: Listed, { department, title }: Named): Cell[] => [
  dayCell(one.day),
  one.starts_at,
  department,
  title,
  one.pool === 'counter' ? '窗口' : '网上',
  one.walk_in ? '现场取号' : '预约',
  stateNames[one.status],
  one.booked_at,
  one.walk_in ? null : one.lead,
  one.ended_at,
  one.end_reason && (reasons[one.end_reason] ?? one.end_reason),
];
