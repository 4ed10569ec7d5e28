import { z } from 'zod';
import { prefixes } from '../people/organisations';
import { type StaffRole, scopeOf, staffRoles } from '../people/staff';
import { notFound } from '../platform/errors';
import { pageOf, paging, route, time } from './contract';
import { fromCursor, toCursor } from './cursor';
import type { ConsoleDeps } from './deps';
import { lasting, lastingSince } from './sessions';
import { managers } from './staff-access';
import { locksOf } from './tries';

const place = z.object({ key: z.string(), title: z.string() });
const person = z.object({
  username: z.string(),
  name: z.string(),
  organisation: place,
  roles: z.array(
    z.object({ role: z.enum(staffRoles), organisation: place.nullable().describe('在我的范围以外时为空') }),
  ),
  disabled: z.boolean(),
  secondFactor: z.boolean(),
  passwordGiven: z.boolean().describe('还没有改掉别人给的口令'),
  lockedUntil: time.nullable(),
  lastUsedAt: time.nullable().describe('最近一次在用'),
});

export const staffListRoutes = [
  route({
    method: 'get',
    path: '/staff',
    summary: '我管理范围内的人员，按用户名',
    role: managers,
    query: z.object({
      ...paging,
      search: z.string().trim().max(64).optional().describe('姓名或用户名的一部分'),
      organisation: z.string().max(64).optional().describe('只看这个组织和它的下级'),
      role: z.enum(staffRoles).optional(),
      state: z.enum(['active', 'disabled', 'all']).default('active'),
    }),
    output: pageOf(person),
    handler: async ({ query, caller }, deps) => {
      const [after] = fromCursor(query.after, 'text') ?? [null];
      const scope = prefixes(scopeOf(caller, managers));
      const rows = await deps.db.query<Row>(
        `${people} WHERE o.path LIKE ANY ($1) AND ($2::text IS NULL OR s.username > $2)
            AND ($3::text IS NULL OR strpos(lower(s.name), lower($3)) > 0 OR strpos(s.username, lower($3)) > 0)
            AND ($4::text IS NULL OR starts_with(o.path, (SELECT path FROM organisations WHERE key = $4)))
            AND ($5::text IS NULL OR EXISTS (SELECT 1 FROM staff_roles r WHERE r.staff_id = s.id AND r.role = $5))
            AND ($6 = 'all' OR (s.disabled_at IS NULL) = ($6 = 'active'))
          ORDER BY s.username LIMIT $7`,
        [
          scope,
          after,
          query.search || null,
          query.organisation ?? null,
          query.role ?? null,
          query.state,
          query.limit + 1,
        ],
      );
      const shown = rows.slice(0, query.limit);
      return {
        items: await describe(shown, deps),
        next: rows.length > query.limit ? toCursor(shown.at(-1)!.username) : null,
      };
    },
  }),
  route({
    method: 'get',
    path: '/staff/:username',
    summary: '一位人员，和此人现在的登录',
    role: managers,
    params: z.object({ username: z.string().max(64) }),
    output: person.extend({
      sessions: z.array(z.object({ startedAt: time, usedAt: time, address: z.string(), agent: z.string() })),
    }),
    handler: async ({ params, caller }, deps) => {
      const rows = await deps.db.query<Row>(`${people} WHERE o.path LIKE ANY ($1) AND s.username = $2`, [
        prefixes(scopeOf(caller, managers)),
        params.username,
      ]);
      const [found] = await describe(rows, deps);
      if (!found) throw notFound(`人员 ${params.username}`);
      const sessions = await deps.db.query<{ created_at: Date; used_at: Date; address: string; agent: string }>(
        `SELECT c.created_at, c.used_at, c.address, c.agent FROM console_sessions c JOIN staff s ON s.id = c.staff_id
          WHERE s.username = $1 AND ${lasting} ORDER BY c.created_at DESC LIMIT 50`,
        [params.username, ...lastingSince(deps.clock.now())],
      );
      return {
        ...found,
        sessions: sessions.map(({ created_at, used_at, address, agent }) => ({
          startedAt: created_at.toISOString(),
          usedAt: used_at.toISOString(),
          address,
          agent,
        })),
      };
    },
  }),
];

/** $1: where the caller looks, as prefixes of paths. */
const people = `SELECT s.username, s.name, json_build_object('key', o.key, 'title', o.title) AS organisation,
    s.disabled_at IS NOT NULL AS disabled, s.password_given,
    EXISTS (SELECT 1 FROM staff_second_factors f WHERE f.staff_id = s.id AND f.confirmed_at IS NOT NULL) AS factor,
    (SELECT max(c.used_at) FROM console_sessions c WHERE c.staff_id = s.id) AS last_used,
    coalesce((SELECT json_agg(json_build_object('role', r.role, 'organisation',
                CASE WHEN ro.path LIKE ANY ($1) THEN json_build_object('key', ro.key, 'title', ro.title) END)
                ORDER BY r.role, ro.path)
              FROM staff_roles r JOIN organisations ro ON ro.id = r.organisation_id WHERE r.staff_id = s.id), '[]') AS roles
  FROM staff s JOIN organisations o ON o.id = s.organisation_id`;

type Place = { key: string; title: string };
type Row = {
  username: string;
  name: string;
  organisation: Place;
  roles: { role: StaffRole; organisation: Place | null }[];
  disabled: boolean;
  password_given: boolean;
  factor: boolean;
  last_used: Date | null;
};

async function describe(rows: Row[], deps: ConsoleDeps): Promise<z.input<typeof person>[]> {
  const locks = await locksOf(
    rows.map(({ username }) => username),
    deps,
  );
  return rows.map(({ password_given, factor, last_used, ...row }) => ({
    ...row,
    passwordGiven: password_given,
    secondFactor: factor,
    lockedUntil: locks.get(row.username)?.toISOString() ?? null,
    lastUsedAt: last_used?.toISOString() ?? null,
  }));
}
