import { z } from 'zod';
import { citizenRoute as route, type ServiceDeps } from '../../dialogue/service';
import { notFound } from '../../platform/errors';
import { admit } from '../../platform/limits';
import { shelfOf } from './shelf';
import { judge } from './verdict';

const listed = z.object({
  id: z.string(),
  question: z.string(),
  answer: z.string(),
  organisation: z.string(),
  demo: z.boolean(),
});
const pageSize = 20;
const id = z.string().regex(/^\d{1,18}$/, '编号有误');

/** What the pages `/h5/#/knowledge` read: what is published, and nothing of how it came about. */
export const citizenRoutes = [
  route({
    method: 'get',
    path: '/knowledge',
    summary: '常见问答：新的在前，或按市民的说法搜索',
    role: 'public',
    query: z.strictObject({
      q: z.string().max(200).optional().describe('市民的说法；有它时不分页，最多 20 条'),
      before: id.optional().describe('上一页返回的 next'),
    }),
    output: z.object({ entries: z.array(listed), next: z.string().nullable() }),
    handler: async ({ query: { q, before }, address }, deps) => {
      const shelf = shelfOf(deps);
      if (q?.trim()) {
        await admitSearch(address, deps);
        const found = await shelf.search(q.trim(), await rootOf(deps), pageSize);
        return { entries: found.map(({ key, title, ...row }) => ({ ...row, id: key, question: title })), next: null };
      }
      const rows = await shelf.list(before ?? null, pageSize + 1);
      const entries = rows.slice(0, pageSize);
      return { entries, next: rows.length > pageSize ? entries.at(-1)!.id : null };
    },
  }),
  route({
    method: 'get',
    path: '/knowledge/:id',
    summary: '常见问答：一条',
    role: 'public',
    params: z.object({ id }),
    output: listed.extend({ publishedAt: z.iso.datetime() }),
    handler: async ({ params }, deps) => {
      const found = await shelfOf(deps).entry(params.id);
      if (!found) throw gone();
      return { ...found, publishedAt: found.publishedAt.toISOString() };
    },
  }),
  route({
    method: 'post',
    path: '/knowledge/:id/verdict',
    summary: '常见问答：这条解决了问题没有；每人一次，以最后说的为准',
    role: 'citizen',
    params: z.object({ id }),
    body: z.strictObject({ helped: z.boolean() }),
    output: z.object({ done: z.literal(true) }),
    handler: async ({ params, body: { helped }, caller }, { db, clock }) => {
      if (!(await judge(db, params.id, { ...caller, helped, at: clock.now() }))) throw gone();
      return { done: true } as const;
    },
  }),
];

const gone = () => notFound('这条问答，它可能已经更新或撤下');

/** The page belongs to no account: it shows the whole city's. */
async function rootOf({ db }: ServiceDeps): Promise<number> {
  const [root] = await db.query<{ id: number }>(
    'SELECT id FROM organisations WHERE parent_id IS NULL ORDER BY id LIMIT 1',
  );
  return root!.id;
}

/** Generous, since a mobile network puts many phones behind one address; a machine that asks without end is slowed down all the same. */
const searches = { name: 'knowledge-search', points: 300, seconds: 60 };
const admitSearch = (address: string, { cache }: ServiceDeps): Promise<void> =>
  admit(searches, address, cache, (seconds) => `搜索太频繁了，请 ${seconds} 秒后再试`);
