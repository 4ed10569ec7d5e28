import { z } from 'zod';
import { findStaff } from '../people/staff';
import { recordAudit } from '../platform/audit';
import { notFound, UserError } from '../platform/errors';
import { done, pageOf, paging, route, time } from './contract';
import { fromCursor, toCursor } from './cursor';
import { writeToken } from './refresh-token';
import { refreshCookie, setCookies, signAccess } from './session';
import { endSession, exchange, lasting, lastingSince } from './sessions';
import { raiseAlarm } from './sign-in-alarms';

export const sessionRoutes = [
  route({
    method: 'post',
    path: '/refresh',
    summary: '换新的令牌：用 Cookie 里的，或给出的 refreshToken；每个只能换一次',
    role: 'public',
    body: z.strictObject({ refreshToken: z.string().max(200).optional() }),
    output: z.object({
      token: z.string().describe('可作为 Bearer 令牌使用，15 分钟内有效'),
      refreshToken: z.string().optional().describe('只在给出 refreshToken 时有'),
    }),
    handler: async ({ body, address, cookies }, deps) => {
      const given = body.refreshToken ?? cookies.get(refreshCookie);
      const exchanged = await deps.db.transaction(async (tx) => {
        const result = await exchange(tx, given ?? '', deps);
        const whose = result.outcome === 'reused' && (await findStaff(tx, { id: result.session.staffId }));
        if (whose) {
          const { username, organisation } = whose.staff;
          const what = { action: 'session.reuse', subject: `staff:${username}`, organisation } as const;
          await raiseAlarm(tx, what, { address, detail: {} }, deps);
        }
        return result;
      });
      if (exchanged.outcome !== 'renewed') {
        if (body.refreshToken === undefined) setCookies(cookies, null, deps);
        throw new UserError(401, 'signed-out', '登录已失效，请重新登录');
      }
      const [access, refresh] = [signAccess(exchanged.session, deps), writeToken(exchanged.token)];
      if (body.refreshToken !== undefined) return { token: access, refreshToken: refresh };
      setCookies(cookies, { access, refresh }, deps);
      return { token: access };
    },
  }),
  route({
    method: 'get',
    path: '/sessions',
    summary: '我的登录，新的在前',
    role: 'staff',
    query: z.object(paging),
    output: pageOf(
      z.object({
        id: z.string(),
        startedAt: time,
        usedAt: time,
        address: z.string(),
        agent: z.string().describe('浏览器和系统，或程序的名字'),
        current: z.boolean(),
      }),
    ),
    handler: async ({ query, caller }, { db, clock }) => {
      const [at, id] = fromCursor(query.after, 'time', 'text') ?? [null, null];
      const rows = await db.query<Row>(
        `SELECT c.id, c.created_at, c.used_at, c.address, c.agent
           FROM console_sessions c JOIN staff s ON s.id = c.staff_id
          WHERE c.staff_id = $1 AND ${lasting}
            AND ($4::timestamptz IS NULL OR (c.created_at, c.id) < ($4, $5::uuid))
          ORDER BY c.created_at DESC, c.id DESC LIMIT $6`,
        [caller.id, ...lastingSince(clock.now()), at, id, query.limit + 1],
      );
      const shown = rows.slice(0, query.limit);
      const last = shown.at(-1);
      return {
        items: shown.map((row) => ({
          id: row.id,
          startedAt: row.created_at.toISOString(),
          usedAt: row.used_at.toISOString(),
          address: row.address,
          agent: row.agent,
          current: row.id === caller.session.id,
        })),
        next: rows.length > query.limit && last ? toCursor(last.created_at, last.id) : null,
      };
    },
  }),
  route({
    method: 'delete',
    path: '/sessions/:id',
    summary: '结束我的一个登录',
    role: 'staff',
    params: z.object({ id: z.uuid('应为登录的编号') }),
    output: done,
    handler: async ({ params, caller, address, cookies }, deps) => {
      await deps.db.transaction(async (tx) => {
        const at = deps.clock.now();
        if (!(await endSession(tx, caller.id, params.id, at))) throw notFound('这个登录');
        await recordAudit(tx, {
          at,
          staffId: caller.id,
          organisationId: caller.organisation.id,
          action: 'session.end',
          subject: `staff:${caller.username}`,
          detail: params.id === caller.session.id ? {} : { session: params.id },
          address,
        });
      });
      if (params.id === caller.session.id) setCookies(cookies, null, deps);
      return { done: true as const };
    },
  }),
];

type Row = { id: string; created_at: Date; used_at: Date; address: string; agent: string };
