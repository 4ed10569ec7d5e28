import { z } from 'zod';
import type { CitizenRoute, ServiceDeps } from '../../dialogue/service';
import { notFound } from '../../platform/errors';
import { routesFor } from '../../platform/http/route';
import { admit } from '../../platform/limits';
import { matter } from './matter';
import { shelfOf } from './shelf';

const route = routesFor<never, undefined, ServiceDeps>();

const listed = z.object({
  key: z.string(),
  title: z.string(),
  summary: z.string(),
  office: z.string(),
  officeKey: z.string(),
});
const pageSize = 20;

/** What the page `/h5/#/guides` reads. */
export const citizenRoutes: CitizenRoute[] = [
  route({
    method: 'get',
    path: '/guides-overview',
    summary: '办事指南：部门、热门事项和常见问题',
    role: 'public',
    output: z.object({
      demo: z.boolean().describe('是否演示数据'),
      count: z.number(),
      offices: z.array(z.object({ key: z.string(), title: z.string(), organisation: z.string(), matters: z.number() })),
      hot: z.array(listed),
      faq: z.array(z.object({ question: z.string(), answer: z.string(), matter: z.string().nullable() })),
    }),
    handler: async (_call, deps) => {
      const shelf = shelfOf(deps);
      const [{ demo, matters: count }, offices, hot, faq] = await Promise.all([
        shelf.catalogue(),
        shelf.offices(),
        shelf.hot(),
        shelf.faq(),
      ]);
      return {
        demo,
        count,
        offices,
        hot,
        faq: faq.map(({ question, answer, matter }) => ({ question, answer, matter: matter ?? null })),
      };
    },
  }),
  route({
    method: 'get',
    path: '/guides',
    summary: '办事指南：按部门列出，或按市民的说法搜索',
    role: 'public',
    query: z.strictObject({
      office: z.string().max(100).optional().describe('部门'),
      q: z.string().max(200).optional().describe('市民的说法；有它时不分页，最多 20 项'),
      after: z.coerce.number().int().min(-1).max(2_147_483_647).default(-1).describe('上一页返回的 next'),
    }),
    output: z.object({ matters: z.array(listed), next: z.number().nullable() }),
    handler: async ({ query: { office, q, after }, address }, deps) => {
      const shelf = shelfOf(deps);
      if (q?.trim()) {
        await admitSearch(address, deps);
        return { matters: await shelf.search(q.trim(), pageSize), next: null };
      }
      const rows = await shelf.list(office ?? null, after, pageSize + 1);
      const matters = rows.slice(0, pageSize);
      return { matters, next: rows.length > pageSize ? matters.at(-1)!.position : null };
    },
  }),
  route({
    method: 'get',
    path: '/guides/:key',
    summary: '办事指南：一个事项',
    role: 'public',
    params: z.object({ key: z.string().max(100) }),
    output: matter.omit({ aliases: true, tags: true, hot: true }).strip().extend({ demo: z.boolean() }),
    handler: async ({ params: { key } }, deps) => {
      const shelf = shelfOf(deps);
      const [found, { demo }] = await Promise.all([shelf.matter(key), shelf.catalogue()]);
      if (!found) throw notFound('这个事项，它可能已经更新或下线');
      return { ...found, demo };
    },
  }),
];

/** Generous, since a mobile network puts many phones behind one address; a machine that asks without end is slowed down all the same. */
const searches = { name: 'guides-search', points: 300, seconds: 60 };
const admitSearch = (address: string, { cache }: ServiceDeps): Promise<void> =>
  admit(searches, address, cache, (seconds) => `搜索太频繁了，请 ${seconds} 秒后再试`);
