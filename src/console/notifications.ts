import { z } from 'zod';
import { noticeKinds } from '../people/notifications';
import type { Queryable } from '../platform/database';
import { notFound } from '../platform/errors';
import { done, pageOf, paging, route, time } from './contract';
import { fromCursor, toCursor } from './cursor';

const notification = z.object({
  id: z.string(),
  at: time,
  kind: z.enum(noticeKinds),
  title: z.string(),
  link: z.string().describe('工作台里的页面'),
  read: z.boolean(),
});

export const notificationRoutes = [
  route({
    method: 'get',
    path: '/notifications',
    summary: '我的提醒，新的在前；每人最多留 200 条、90 天',
    role: 'staff',
    query: z.object(paging),
    output: pageOf(notification).extend({ unread: z.number().int() }),
    handler: async ({ query, caller }, { db }) => {
      const [at, id] = fromCursor(query.after, 'time', 'id') ?? [null, null];
      const rows = await db.query<Row>(
        `SELECT id, at, kind, title, link, read_at IS NOT NULL AS read FROM staff_notifications
          WHERE staff_id = $1 AND ($2::timestamptz IS NULL OR (at, id) < ($2, $3::bigint))
          ORDER BY at DESC, id DESC LIMIT $4`,
        [caller.id, at, id, query.limit + 1],
      );
      const shown = rows.slice(0, query.limit);
      const last = shown.at(-1);
      return {
        items: shown.map((row) => ({ ...row, at: row.at.toISOString() })),
        next: rows.length > query.limit && last ? toCursor(last.at, last.id) : null,
        unread: await unreadOf(db, caller.id),
      };
    },
  }),
  route({
    method: 'post',
    path: '/notifications/read',
    summary: '全部记为已读',
    role: 'staff',
    output: done,
    handler: async ({ caller }, { db, clock }) => {
      await db.query('UPDATE staff_notifications SET read_at = $2 WHERE staff_id = $1 AND read_at IS NULL', [
        caller.id,
        clock.now(),
      ]);
      return { done: true as const };
    },
  }),
  route({
    method: 'post',
    path: '/notifications/:id/read',
    summary: '记一条为已读',
    role: 'staff',
    params: z.object({ id: z.string().regex(/^\d{1,18}$/, '应为提醒的编号') }),
    output: z.object({ unread: z.number().int() }),
    handler: async ({ params, caller }, { db, clock }) => {
      const [row] = await db.query(
        'UPDATE staff_notifications SET read_at = coalesce(read_at, $3) WHERE id = $1 AND staff_id = $2 RETURNING id',
        [params.id, caller.id, clock.now()],
      );
      if (!row) throw notFound('这条提醒');
      return { unread: await unreadOf(db, caller.id) };
    },
  }),
];

type Row = { id: string; at: Date; kind: (typeof noticeKinds)[number]; title: string; link: string; read: boolean };

async function unreadOf(on: Queryable, staffId: number): Promise<number> {
  const [row] = await on.query<{ unread: number }>(
    'SELECT count(*)::int AS unread FROM staff_notifications WHERE staff_id = $1 AND read_at IS NULL',
    [staffId],
  );
  return row!.unread;
}
