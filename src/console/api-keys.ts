import { z } from 'zod';
import { makeApiKey } from '../people/api-keys';
import { calledTitle } from '../people/organisations';
import { notFound } from '../platform/errors';
import { done, route, time, visibleTo } from './contract';
import { trace } from './trace';

const keepers = ['admin', 'operator'] as const;
const mostShown = 500;

/** Keys for back-office programs. */
export const apiKeyRoutes = [
  route({
    method: 'get',
    path: '/api-keys',
    summary: '我管理范围内的接口密钥，新的在前；密钥本身不再显示',
    role: keepers,
    output: z.object({
      items: z.array(
        z.object({
          id: z.string(),
          title: z.string(),
          service: z.string(),
          target: z.string(),
          targetTitle: z.string().nullable().describe('空：已经没有了'),
          organisation: z.string(),
          madeBy: z.string(),
          madeAt: time,
          usedAt: time.nullable().describe('最近一次用，精确到分'),
          revokedAt: time.nullable(),
        }),
      ),
    }),
    handler: async ({ caller }, { db, keyTargets }) => {
      const paths = visibleTo(caller, keepers);
      const rows = await db.query<Row>(
        `SELECT k.id, k.title, k.service, k.target, ${calledTitle('o')} AS organisation, s.name AS made_by, k.made_at, k.used_at,
                k.revoked_at
           FROM api_keys k JOIN organisations o ON o.id = k.organisation_id JOIN staff s ON s.id = k.made_by
          WHERE o.path LIKE ANY ($1) ORDER BY k.made_at DESC, k.id LIMIT ${mostShown}`,
        [paths],
      );
      const targets = new Map(
        (await keyTargets(paths)).map(({ service, target, title }) => [`${service}:${target}`, title]),
      );
      return {
        items: rows.map(({ made_by, made_at, used_at, revoked_at, ...row }) => ({
          ...row,
          targetTitle: targets.get(`${row.service}:${row.target}`) ?? null,
          madeBy: made_by,
          madeAt: made_at.toISOString(),
          usedAt: used_at?.toISOString() ?? null,
          revokedAt: revoked_at?.toISOString() ?? null,
        })),
      };
    },
  }),
  route({
    method: 'get',
    path: '/api-key-targets',
    summary: '接口密钥可以用于什么',
    role: keepers,
    output: z.object({
      items: z.array(
        z.object({ service: z.string(), serviceTitle: z.string(), target: z.string(), title: z.string() }),
      ),
    }),
    handler: async ({ caller }, { keyTargets }) => ({ items: await keyTargets(visibleTo(caller, keepers)) }),
  }),
  route({
    method: 'post',
    path: '/api-keys',
    summary: '生成一个接口密钥；secret 只在这里给出一次',
    role: keepers,
    body: z.strictObject({
      service: z.string().min(1).max(40),
      target: z.string().min(1).max(40),
      title: z.string().trim().min(1, '请写是哪个系统用的').max(40),
    }),
    output: z.object({ id: z.string(), secret: z.string() }),
    status: 201,
    handler: async (call, deps) => {
      const { service, target, title } = call.body;
      const found = (await deps.keyTargets(visibleTo(call.caller, keepers))).find(
        (one) => one.service === service && one.target === target,
      );
      if (!found) throw notFound('这个用途');
      const { organisationId } = found;
      return deps.db.transaction(async (tx) => {
        const fresh = { organisationId, service, target, title, madeBy: call.caller.id };
        const made = await makeApiKey(tx, fresh, deps);
        const detail = { service, target, title };
        await trace(tx, call, { organisationId, action: 'api-key.make', subject: `api-key:${made.id}`, detail }, deps);
        return made;
      });
    },
  }),
  route({
    method: 'delete',
    path: '/api-keys/:id',
    summary: '停用一个接口密钥，立即生效，不能恢复',
    role: keepers,
    params: z.object({ id: z.string().max(40) }),
    output: done,
    handler: async (call, deps) => {
      await deps.db.transaction(async (tx) => {
        const [row] = await tx.query<{ organisation_id: number; title: string }>(
          `SELECT k.organisation_id, k.title FROM api_keys k JOIN organisations o ON o.id = k.organisation_id
            WHERE k.id = $1 AND o.path LIKE ANY ($2) FOR UPDATE OF k`,
          [call.params.id, visibleTo(call.caller, keepers)],
        );
        if (!row) throw notFound('这个密钥');
        await tx.query('UPDATE api_keys SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1', [
          call.params.id,
          deps.clock.now(),
        ]);
        const { organisation_id: organisationId, title } = row;
        const subject = `api-key:${call.params.id}`;
        await trace(tx, call, { organisationId, action: 'api-key.revoke', subject, detail: { title } }, deps);
      });
      return { done: true as const };
    },
  }),
];

type Row = {
  id: string;
  title: string;
  service: string;
  target: string;
  organisation: string;
  made_by: string;
  made_at: Date;
  used_at: Date | null;
  revoked_at: Date | null;
};
