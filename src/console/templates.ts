import { z } from 'zod';
import { everyAccount } from '../delivery/texts';
import { notFound } from '../platform/errors';
import { accountKey, done, route, time } from './contract';
import type { ConsoleDeps } from './deps';
import { placeOf } from './place';
import { trace } from './trace';

const readers = ['operator', 'reviewer', 'supervisor'] as const;
const operator = ['operator'] as const;

const account = accountKey.optional().describe('公众号的 key；不填表示所有公众号');
const params = z.object({ key: z.string().min(1).max(120) });
const body = z.string().max(20_000).describe('LiquidJS 文字');
const override = z.object({ body: z.string(), at: time, by: z.string().nullable() });

export const templateRoutes = [
  route({
    method: 'get',
    path: '/templates',
    summary: '市民会看到的全部文字：默认的，与改写过的',
    role: readers,
    query: z.object({ account }),
    output: z.object({
      templates: z.array(
        z.object({
          key: z.string(),
          kind: z.string(),
          title: z.string(),
          variables: z.array(z.object({ name: z.string(), meaning: z.string() })),
          body: z.string().describe('默认文字'),
          override: override.nullable().describe('针对所选公众号的改写'),
          inherited: override.nullable().describe('针对所有公众号的改写，在没有单独改写时生效'),
        }),
      ),
    }),
    handler: async ({ query, caller }, deps) => {
      const accountId = await placeOf(query.account, caller, readers, deps);
      const rows = await deps.db.query<OverrideRow>(
        `SELECT t.key, t.account_id, t.body, t.updated_at, s.name AS by
           FROM text_overrides t LEFT JOIN staff s ON s.id = t.updated_by WHERE t.account_id = ANY ($1)`,
        [[everyAccount, accountId]],
      );
      const found = (key: string, place: number) => {
        const row = rows.find((one) => one.key === key && one.account_id === place);
        return row ? { body: row.body, at: row.updated_at.toISOString(), by: row.by } : null;
      };
      return {
        templates: deps.texts.list().map(({ key, kind, title, variables, body }) => ({
          key,
          kind,
          title,
          variables: variables.map(({ name, meaning }) => ({ name, meaning })),
          body,
          override: found(key, accountId),
          inherited: accountId === everyAccount ? null : found(key, everyAccount),
        })),
      };
    },
  }),
  route({
    method: 'put',
    path: '/templates/:key',
    summary: '改写一段文字，5 秒内在所有进程生效',
    role: operator,
    params,
    body: z.strictObject({ account, body }),
    output: done,
    handler: async (call, deps) => {
      const { key } = call.params;
      mustExist(key, deps);
      const accountId = await placeOf(call.body.account, call.caller, operator, deps, 'change');
      await deps.db.transaction(async (tx) => {
        await deps.texts.override({ key, accountId, body: call.body.body, staffId: call.caller.id }, tx);
        const detail = { account: call.body.account ?? null, body: call.body.body };
        await trace(tx, call, { action: 'text.override', subject: `text:${key}`, detail }, deps);
      });
      await deps.texts.reload();
      return { done: true as const };
    },
  }),
  route({
    method: 'delete',
    path: '/templates/:key',
    summary: '恢复默认文字',
    role: operator,
    params,
    query: z.object({ account }),
    output: done,
    handler: async (call, deps) => {
      const { key } = call.params;
      mustExist(key, deps);
      const accountId = await placeOf(call.query.account, call.caller, operator, deps, 'change');
      await deps.db.transaction(async (tx) => {
        await deps.texts.revert({ key, accountId }, tx);
        const detail = { account: call.query.account ?? null };
        await trace(tx, call, { action: 'text.revert', subject: `text:${key}`, detail }, deps);
      });
      await deps.texts.reload();
      return { done: true as const };
    },
  }),
  route({
    method: 'post',
    path: '/templates/:key/preview',
    summary: '预览一段文字，变量以名称代替',
    role: readers,
    params,
    body: z.strictObject({ body }),
    output: z.object({ text: z.string() }),
    handler: ({ params: { key }, body }, deps) => {
      mustExist(key, deps);
      return { text: deps.texts.preview(key, body.body) };
    },
  }),
];

function mustExist(key: string, { texts }: ConsoleDeps): void {
  if (!texts.has(key)) throw notFound(`文字 ${key}`);
}

type OverrideRow = { key: string; account_id: number; body: string; updated_at: Date; by: string | null };
