import { z } from 'zod';
import { staffRoute as route, type ServiceDeps } from '../../dialogue/service';
import type { Tx } from '../../platform/database';
import { notFound } from '../../platform/errors';
import { sourcesFor } from './desk-list';
import {
  founders,
  insertSource,
  keepers,
  type NewSource,
  note,
  officesFor,
  type SourceAct,
  type Who,
  within,
} from './managed';
import { tellOverdue } from './overdue';

const id = z.object({ id: z.coerce.number().int().positive().max(2_147_483_647) });
const done = z.object({ done: z.literal(true) });
const time = z.iso.datetime();

export const newSource = z.strictObject({
  key: z.string().regex(/^[a-z0-9][a-z0-9-]{1,39}$/, '应为 2 到 40 个小写字母、数字、连字符'),
  title: z.string().trim().min(1, '请填写名称').max(40, '最多 40 个字'),
  organisationId: z.int().positive('请选择').max(2_147_483_647),
});

/** A choice of organisations. */
export const officesContract = {
  query: z.object({ search: z.string().trim().max(40).default('').describe('名称里的字') }),
  output: z.object({
    items: z.array(z.object({ id: z.number(), title: z.string() })),
    more: z.boolean().describe('还有没列出的'),
  }),
};

/** Where cases come from: seen by who works with them; those that are kept here are founded, renamed and switched off. */
export const sourceRoutes = [
  route({
    method: 'get',
    path: '/sources',
    summary: '办件：我看得到的来源；all=true 连停用的',
    role: [...keepers, 'admin'],
    query: z.object({ all: z.enum(['true', 'false']).default('false') }),
    output: z.object({
      items: z.array(
        z.object({
          id: z.number(),
          key: z.string(),
          title: z.string(),
          organisation: z.string(),
          adapter: z.enum(['stored', 'remote']),
          on: z.boolean(),
          mayChange: z.boolean().describe('存在这里的，我可以改名、启停'),
          movedAt: time.nullable().describe('最近的进展'),
          overdue: z.number().describe('超期没办的，最多数到 1000'),
        }),
      ),
    }),
    handler: async ({ caller, query }, { db }) => {
      const items = await sourcesFor(db, caller, { all: query.all === 'true' });
      return { items: items.map((one) => ({ ...one, movedAt: one.movedAt?.toISOString() ?? null })) };
    },
  }),
  route({
    method: 'get',
    path: '/sources/offices',
    summary: '办件：新的来源可以属于哪些组织，前 50 个；其他的按名称查',
    role: founders,
    query: officesContract.query,
    output: officesContract.output,
    handler: ({ caller, query }, { db }) => officesFor(db, caller, founders, query.search),
  }),
  route({
    method: 'post',
    path: '/sources',
    summary: '办件：添加一个存在这里的来源，马上可以登记、导入、生成接口密钥',
    role: founders,
    body: newSource,
    output: z.object({ id: z.number() }),
    status: 201,
    handler: async (call, deps) => ({ id: await addStored(call, call.body, deps) }),
  }),
  route({
    method: 'put',
    path: '/sources/:id',
    summary: '办件：给存在这里的来源改名',
    role: founders,
    params: id,
    body: newSource.pick({ title: true }),
    output: done,
    handler: (call, deps) =>
      change(call, call.params.id, deps, async (tx, before) => {
        const { title } = call.body;
        if (title === before.title) return;
        await tx.query('UPDATE case_sources SET title = $2 WHERE id = $1', [before.id, title]);
        await noteOf(tx, call, before, 'change', { title, before: before.title }, deps);
      }),
  }),
  route({
    method: 'post',
    path: '/sources/:id/switch',
    summary: '办件：启用或停用存在这里的来源；停用以后市民查不到，也报不进来，办件都留着',
    role: founders,
    params: id,
    body: z.strictObject({ on: z.boolean() }),
    output: done,
    handler: (call, deps) =>
      change(call, call.params.id, deps, async (tx, before) => {
        const { on } = call.body;
        if (before.on === on) return;
        await tx.query('UPDATE case_sources SET disabled_at = $2 WHERE id = $1', [
          before.id,
          on ? null : deps.clock.now(),
        ]);
        await noteOf(tx, call, before, on ? 'switch-on' : 'switch-off', {}, deps);
        // What fell due meanwhile was told to nobody.
        if (on) await tellOverdue(tx, [before.id], deps.notify);
      }),
  }),
];

const addStored = (who: Who, fresh: NewSource, deps: ServiceDeps): Promise<number> =>
  deps.db.transaction(async (tx) => {
    const source = await insertSource(tx, who.caller, { ...fresh, adapter: 'stored', settings: {}, on: true }, deps);
    const { key, title, organisationId } = fresh;
    await noteOf(tx, who, { id: source, organisationId }, 'add', { key, title }, deps);
    return source;
  });

type Before = { id: number; title: string; organisationId: number; on: boolean };

/** One of the caller's, locked. @throws UserError 404 */
async function change(
  { caller }: Who,
  source: number,
  { db }: ServiceDeps,
  act: (tx: Tx, before: Before) => Promise<void>,
) {
  await db.transaction(async (tx) => {
    const [before] = await tx.query<Before>(
      `SELECT s.id, s.title, s.organisation_id AS "organisationId", s.disabled_at IS NULL AS on
         FROM case_sources s JOIN organisations o ON o.id = s.organisation_id
        WHERE s.id = $1 AND s.adapter = 'stored' AND o.path LIKE ANY ($2) FOR UPDATE OF s`,
      [source, within(caller, founders)],
    );
    if (!before) throw notFound('这个来源');
    await act(tx, before);
  });
  return { done: true as const };
}

const noteOf = (
  tx: Tx,
  who: Who,
  { id, organisationId }: Pick<Before, 'id' | 'organisationId'>,
  act: SourceAct,
  detail: Record<string, unknown>,
  deps: ServiceDeps,
) => note(tx, who, { organisationId, action: `case-source.${act}`, subject: `case-source:${id}`, detail }, deps);
