import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import {
  addBelow,
  disableOrganisation,
  editOrganisation,
  enableOrganisation,
  holdTree,
  lockOrganisation,
  moveOrganisation,
} from '../people/organisation-changes';
import { type Organisation, organisationKinds, prefixes } from '../people/organisations';
import { scopeOf } from '../people/staff';
import type { AuditAction } from '../platform/audit';
import type { Tx } from '../platform/database';
import { UserError } from '../platform/errors';
import { done, route } from './contract';
import type { ConsoleDeps } from './deps';
import type { SignedInStaff } from './session';
import { managers } from './staff-access';
import { trace } from './trace';

const admin = ['admin'] as const;
const params = z.object({ key: z.string().max(64) });
const title = z.string().trim().min(1, '请输入名称').max(60, '最多 60 个字');
const kind = z.enum(organisationKinds, '应为组织的种类');
const key = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, '用小写字母、数字和连字符')
  .max(64);

export const organisationRoutes = [
  route({
    method: 'get',
    path: '/organisations',
    summary: '我管理范围内的组织，上级在前',
    role: managers,
    output: z.object({
      organisations: z.array(
        z.object({
          key: z.string(),
          title: z.string(),
          kind: z.string(),
          depth: z.number().describe('在整棵树上的深度，从 0 起'),
          parent: z.string().nullable().describe('上级的 key；在我的管理范围以外时为空'),
          disabled: z.boolean(),
          staff: z.number().int().describe('属于它的在用人员，不含下级'),
        }),
      ),
    }),
    handler: async ({ caller }, { db }) => {
      const within = prefixes(scopeOf(caller, managers));
      const rows = await db.query<Listed>(
        `SELECT o.key, o.title, o.kind, o.path, o.disabled_at IS NOT NULL AS disabled, p.key AS parent,
                (SELECT count(*) FROM staff s WHERE s.organisation_id = o.id AND s.disabled_at IS NULL)::int AS staff
           FROM organisations o LEFT JOIN organisations p ON p.id = o.parent_id AND p.path LIKE ANY ($1)
          WHERE o.path LIKE ANY ($1) ORDER BY o.path`,
        [within],
      );
      return { organisations: rows.map(({ path, ...row }) => ({ ...row, depth: path.split('/').length - 3 })) };
    },
  }),
  route({
    method: 'post',
    path: '/organisations',
    summary: '添加一个组织',
    role: admin,
    body: z.strictObject({ parent: z.string().max(64), title, kind, key: key.optional().describe('不给时自动编一个') }),
    output: z.object({ key: z.string() }),
    handler: (call, deps) =>
      changeTree(deps, async (tx) => {
        const { parent: parentKey, title, kind, key } = call.body;
        const parent = await lockOrganisation(tx, parentKey, scopeOf(call.caller, admin));
        const fresh = { title, kind, key: key ?? `o-${randomBytes(4).toString('hex')}` };
        const added = await addBelow(tx, parent, fresh, deps.clock);
        await note(tx, call, added, 'organisation.add', { title, kind, parent: parent.key }, deps);
        return { key: added.key };
      }),
  }),
  route({
    method: 'patch',
    path: '/organisations/:key',
    summary: '改名称或种类',
    role: admin,
    params,
    body: z
      .strictObject({ title: title.optional(), kind: kind.optional() })
      .refine((fresh) => Object.values(fresh).some((one) => one !== undefined), '至少要改一项'),
    output: done,
    handler: (call, deps) =>
      onOne(call, deps, async (tx, organisation) => {
        await editOrganisation(tx, organisation, call.body);
        const before = { title: organisation.title, kind: organisation.kind };
        return { action: 'organisation.edit', detail: { ...call.body, before } };
      }),
  }),
  route({
    method: 'post',
    path: '/organisations/:key/move',
    summary: '连同下级移到另一个上级之下；从此归新的上级管',
    role: admin,
    params,
    body: z.strictObject({ parent: z.string().max(64) }),
    output: done,
    handler: (call, deps) =>
      onOne(call, deps, async (tx, organisation) => {
        const within = scopeOf(call.caller, admin);
        const parent = await lockOrganisation(tx, call.body.parent, within);
        const [from] = await tx.query<{ key: string; path: string }>(
          'SELECT key, path FROM organisations WHERE id = $1',
          [organisation.parentId],
        );
        if (from && !within.some((root) => from.path.startsWith(root)))
          throw new UserError(403, 'out-of-reach', '它的上级不归您管，请上级管理员移动');
        await moveOrganisation(tx, organisation, parent);
        return { action: 'organisation.move', detail: { from: from?.key ?? null, parent: parent.key } };
      }),
  }),
  route({
    method: 'post',
    path: '/organisations/:key/disable',
    summary: '停用；要先没有在用的下级、人员、公众号和没办完的事',
    role: admin,
    params,
    output: done,
    handler: (call, deps) =>
      onOne(call, deps, async (tx, organisation) => {
        const held = await deps.heldBy(tx, organisation.id);
        await disableOrganisation(tx, organisation, held, deps.clock.now());
        return { action: 'organisation.disable' };
      }),
  }),
  route({
    method: 'post',
    path: '/organisations/:key/enable',
    summary: '重新启用',
    role: admin,
    params,
    output: done,
    handler: (call, deps) =>
      onOne(call, deps, async (tx, organisation) => {
        await enableOrganisation(tx, organisation);
        return { action: 'organisation.enable' };
      }),
  }),
];

type Listed = {
  key: string;
  title: string;
  kind: string;
  path: string;
  disabled: boolean;
  parent: string | null;
  staff: number;
};
type Call = { params: { key: string }; caller: SignedInStaff; address: string };
type Made = { action: AuditAction; detail?: Record<string, unknown> };

async function onOne(call: Call, deps: ConsoleDeps, work: (tx: Tx, organisation: Organisation) => Promise<Made>) {
  return changeTree(deps, async (tx) => {
    const organisation = await lockOrganisation(tx, call.params.key, scopeOf(call.caller, admin));
    const { action, detail } = await work(tx, organisation);
    await note(tx, call, organisation, action, detail, deps);
    return { done: true as const };
  });
}

const changeTree = <T>({ db }: ConsoleDeps, work: (tx: Tx) => Promise<T>): Promise<T> =>
  db.transaction(async (tx) => {
    await holdTree(tx);
    return work(tx);
  });

const note = (
  tx: Tx,
  call: Omit<Call, 'params'>,
  { id, key }: Organisation,
  action: AuditAction,
  detail: Record<string, unknown> | undefined,
  deps: ConsoleDeps,
) => trace(tx, call, { organisationId: id, action, subject: `organisation:${key}`, ...(detail && { detail }) }, deps);
