import { z } from 'zod';
import { recordAudit } from '../platform/audit';
import type { Tx } from '../platform/database';
import { pageOf, paging, route, time, visibleTo } from './contract';
import { fromCursor, toCursor } from './cursor';
import type { ConsoleDeps } from './deps';

/** Someone tries passwords, or two hold the same session: a line in the trail, and those in charge are told at once. */
const alarms = ['session.lock', 'session.lock-address', 'session.reuse'] as const;
export type Alarm = (typeof alarms)[number];
const watchers = ['supervisor', 'security', 'admin'] as const;

export async function raiseAlarm(
  tx: Tx,
  { action, subject, organisation }: { action: Alarm; subject: string; organisation: { id: number; path: string } },
  { address, detail }: { address: string; detail: Record<string, unknown> },
  { clock, live }: Pick<ConsoleDeps, 'clock' | 'live'>,
): Promise<void> {
  const { id: organisationId, path } = organisation;
  await recordAudit(tx, { at: clock.now(), staffId: null, organisationId, action, subject, address, detail });
  await live.publish(tx, { topic: 'sign-in-alarm', path, roles: watchers, data: { action } });
}

export const alarmRoutes = [
  route({
    method: 'get',
    path: '/sign-in-alarms',
    summary: '登录告警：被锁定的用户名和网络地址，被重复使用的会话；新的在前',
    role: watchers,
    query: z.object(paging),
    output: pageOf(
      z.object({
        id: z.string(),
        at: time,
        action: z.enum(alarms),
        subject: z.string(),
        address: z.string().nullable(),
      }),
    ),
    handler: async ({ query, caller }, { db }) => {
      const [before] = fromCursor(query.after, 'id') ?? [null];
      const rows = await db.query<{ id: string; at: Date; action: Alarm; subject: string; address: string | null }>(
        `SELECT a.id, a.at, a.action, a.subject, a.address FROM audit a JOIN organisations o ON o.id = a.organisation_id
          WHERE a.action IN ('session.lock', 'session.lock-address', 'session.reuse') AND o.path LIKE ANY ($1) AND ($2::bigint IS NULL OR a.id < $2)
          ORDER BY a.id DESC LIMIT $3`,
        [visibleTo(caller, watchers), before, query.limit + 1],
      );
      const shown = rows.slice(0, query.limit);
      return {
        items: shown.map((row) => ({ ...row, at: row.at.toISOString() })),
        next: rows.length > query.limit ? toCursor(shown.at(-1)!.id) : null,
      };
    },
  }),
];
