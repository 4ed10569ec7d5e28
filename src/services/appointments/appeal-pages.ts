import { z } from 'zod';
import { citizenRoute, type ServiceDeps, staffRoute } from '../../dialogue/service';
import { maskName } from '../../people/identity/bindings';
import { notFound } from '../../platform/errors';
import { appeal, decide, type Mark, markOf, openAppeals, standsAgainst } from './appeals';
import { desk } from './desk';
import { what, where } from './notices';

const one = z.object({ id: z.string().regex(/^\d{1,18}$/, '编号有误') });
const time = z.iso.datetime();
const shown = z.object({
  state: z.enum(['none', 'open', 'accepted', 'rejected', 'forgiven']),
  countsUntil: time,
  reason: z.string().describe('市民写的'),
  decision: z.string().nullable().describe('工作人员的说明'),
  against: z.string().nullable().describe('不能申诉的原因；空则可以申诉'),
});
const words = (what: string, least: number, most: number) =>
  z.string().trim().min(least, `${what}至少 ${least} 个字`).max(most, `${what}最多 ${most} 个字`);

/** A mark for not coming, and what its citizen has to say to it. */
export const appealPages = [
  citizenRoute({
    method: 'get',
    path: '/appointments/:id/no-show',
    summary: '预约：一次爽约记录和申诉的结果',
    role: 'citizen',
    params: one,
    output: shown,
    handler: async ({ caller, params }, deps) => {
      const mark = await markOf(deps.db, { ...caller, ...params });
      if (!mark) throw notFound('这次爽约记录');
      return show(mark, deps);
    },
  }),
  citizenRoute({
    method: 'post',
    path: '/appointments/:id/no-show/appeal',
    summary: '预约：申诉一次爽约',
    role: 'citizen',
    params: one,
    body: z.object({ reason: words('原因', 5, 300) }),
    output: shown,
    handler: async ({ caller, params, body }, deps) =>
      show(
        await deps.db.transaction((tx) => appeal(tx, { ...caller, ...params }, body.reason, deps.clock.now(), deps)),
        deps,
      ),
  }),
];

/** What clerks decide on. */
export const appealRoutes = [
  staffRoute({
    method: 'get',
    path: '/appeals',
    summary: '预约：等待处理的爽约申诉，早的在前；记一次查看',
    role: desk,
    output: z.object({
      items: z.array(
        z.object({
          id: z.string(),
          code: z.string(),
          what: z.string(),
          where: z.string(),
          startsAt: time,
          person: z.string().describe('已打码'),
          reason: z.string(),
          appealedAt: time,
        }),
      ),
    }),
    handler: async (asked, deps) => ({
      items: (await openAppeals(asked, deps)).map((mark) => ({
        id: mark.id,
        code: mark.code,
        what: what(mark),
        where: where(mark),
        startsAt: mark.starts_at.toISOString(),
        person: maskName(deps.encryption.open(mark.name_sealed)),
        reason: reasonOf(mark, deps),
        appealedAt: mark.appealed_at!.toISOString(),
      })),
    }),
  }),
  staffRoute({
    method: 'post',
    path: '/appeals/:id/decide',
    summary: '预约：决定一个爽约申诉，市民会收到结果和说明',
    role: desk,
    params: one,
    body: z.object({ accept: z.boolean(), words: words('说明', 2, 200) }),
    output: z.object({ done: z.literal(true) }),
    handler: async (asked, deps) => {
      await decide(asked, { ...asked.params, ...asked.body }, deps);
      return { done: true as const };
    },
  }),
];

const show = (mark: Mark, deps: ServiceDeps): z.input<typeof shown> => ({
  state: mark.appeal_status ?? (mark.forgiven_at ? 'forgiven' : 'none'),
  countsUntil: mark.ban_until.toISOString(),
  reason: reasonOf(mark, deps),
  decision: mark.decision,
  against: standsAgainst(mark, deps.clock.now()) ?? null,
});

const reasonOf = ({ appeal_sealed }: Mark, { encryption }: ServiceDeps) =>
  appeal_sealed ? encryption.open(appeal_sealed) : '';
