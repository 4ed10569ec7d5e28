import { z } from 'zod';
import { pageOf, paging, route, time, visibleTo } from './contract';
import { fromCursor, toCursor } from './cursor';

const entry = z.object({
  id: z.string(),
  at: time,
  staff: z.string().nullable().describe('姓名（用户名）；登录失败、在命令行上做的、市民和系统做的为空'),
  organisation: z.string().nullable(),
  action: z.string(),
  subject: z.string(),
  detail: z.record(z.string(), z.unknown()),
  address: z.string().nullable(),
});

export const auditRoutes = [
  route({
    method: 'get',
    path: '/audit',
    summary: '审计记录，新的在前',
    role: 'auditor',
    query: z.object({
      ...paging,
      action: z.string().max(60).optional().describe('动作，或它的开头，如 account'),
      staff: z.string().max(64).optional().describe('用户名'),
    }),
    output: pageOf(entry),
    handler: async ({ query, caller }, { db }) => {
      const [before] = fromCursor(query.after, 'id') ?? [null];
      const rows = await db.query<Row>(
        `SELECT a.id, a.at, a.action, a.subject, a.detail, a.address, o.title AS organisation,
                s.name || '（' || s.username || '）' AS staff
           FROM audit a JOIN organisations o ON o.id = a.organisation_id LEFT JOIN staff s ON s.id = a.staff_id
          WHERE o.path LIKE ANY ($1) AND ($2::bigint IS NULL OR a.id < $2)
            AND ($3::text IS NULL OR starts_with(a.action, $3)) AND ($4::text IS NULL OR s.username = $4)
          ORDER BY a.id DESC LIMIT $5`,
        [visibleTo(caller, ['auditor']), before, query.action ?? null, query.staff ?? null, query.limit + 1],
      );
      const shown = rows.slice(0, query.limit);
      return {
        items: shown.map((row) => ({ ...row, at: row.at.toISOString() })),
        next: rows.length > query.limit ? toCursor(shown.at(-1)!.id) : null,
      };
    },
  }),
];

type Row = {
  id: string;
  at: Date;
  action: string;
  subject: string;
  detail: Record<string, unknown>;
  address: string | null;
  organisation: string;
  staff: string | null;
};
