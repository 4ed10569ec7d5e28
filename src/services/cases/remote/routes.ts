import { z } from 'zod';
import { staffRoute as route } from '../../../dialogue/service';
import { UserError } from '../../../platform/errors';
import { mask } from '../../../platform/field-encryption';
import { checkInput } from '../../../platform/http/input';
import { admit } from '../../../platform/limits';
import { factorForm, normalFactor, normalNumber, numberForm } from '../case';
import { kinds } from '../kinds';
import { describers, holdsAt, mustBeOffice, officesFor } from '../managed';
import { newSource, officesContract } from '../sources';
import { descriptionContract } from './description';
import { addRemote, changeRemote, keptSecret, note, remoteFor, remotesFor, switchRemote } from './manage';
import { tryDescription } from './try';

const id = z.coerce.number().int().positive().max(2_147_483_647);
const ofSource = z.object({ id });
/** Looked into by the handler, which names every fault by its path. */
const description = z.looseObject({ baseUrl: z.string() }).describe('描述，见文档「单位后台的描述」');
const secret = z
  .string()
  .trim()
  .max(500)
  .regex(/^[\x21-\x7e]*$/, '只能是英文字母、数字和符号，不能有空格')
  .optional()
  .describe('不填就用原来的');
const done = z.object({ done: z.literal(true) });
/** Of one person. */
const tries = { name: 'case-remote-tries', points: 30, seconds: 3600 };
const brief = z.object({
  id: z.number(),
  key: z.string(),
  title: z.string(),
  office: z.string(),
  baseUrl: z.string(),
  on: z.boolean(),
});
const described = (value: unknown) =>
  checkInput(z.object({ description: descriptionContract }), { description: value }).description;

/** Descriptions of offices' back ends: seen, changed, tried, switched. */
export const remoteRoutes = [
  route({
    method: 'get',
    path: '/remotes',
    summary: '办件：单位后台的描述，管理范围内的',
    role: describers,
    output: z.object({ items: z.array(brief) }),
    handler: async ({ caller }, { db }) => ({
      items: (await remotesFor(db, caller)).map((one) => ({ ...one, baseUrl: one.description.baseUrl })),
    }),
  }),
  route({
    method: 'get',
    path: '/remotes/setup',
    summary: '办件：填描述时可选的办件类型和状态',
    role: describers,
    output: z.object({
      kinds: z.array(
        z.object({
          key: z.string(),
          title: z.string(),
          states: z.array(z.object({ key: z.string(), title: z.string() })),
        }),
      ),
    }),
    handler: () => ({
      kinds: [...kinds.values()].map((kind) => ({
        key: kind.key,
        title: kind.title,
        states: Object.entries(kind.states).map(([key, state]) => ({ key, title: state.title })),
      })),
    }),
  }),
  route({
    method: 'get',
    path: '/remotes/offices',
    summary: '办件：新的单位后台可以属于哪些组织，前 50 个；其他的按名称查',
    role: describers,
    query: officesContract.query,
    output: officesContract.output,
    handler: ({ caller, query }, { db }) => officesFor(db, caller, describers, query.search),
  }),
  route({
    method: 'get',
    path: '/remotes/:id',
    summary: '办件：一份描述；密钥只说有没有',
    role: describers,
    params: ofSource,
    output: brief.extend({ description, hasSecret: z.boolean() }),
    handler: async ({ caller, params }, { db }) => {
      const { secretSealed, ...one } = await remoteFor(db, caller, params.id);
      return { ...one, baseUrl: one.description.baseUrl, hasSecret: secretSealed !== null };
    },
  }),
  route({
    method: 'post',
    path: '/remotes',
    summary: '办件：添加一个单位后台，先是停用的',
    role: describers,
    body: z.strictObject({
      ...newSource.shape,
      description,
      secret,
    }),
    output: z.object({ id: z.number() }),
    status: 201,
    handler: async (call, deps) => ({
      id: await addRemote(call, { ...call.body, description: described(call.body.description) }, deps),
    }),
  }),
  route({
    method: 'put',
    path: '/remotes/:id',
    summary: '办件：修改描述；换了主机要重新填密钥',
    role: describers,
    params: ofSource,
    body: z.strictObject({ title: newSource.shape.title, description, secret }),
    output: done,
    handler: async (call, deps) => {
      await remoteFor(deps.db, call.caller, call.params.id);
      await changeRemote(call, call.params.id, { ...call.body, description: described(call.body.description) }, deps);
      return { done: true as const };
    },
  }),
  route({
    method: 'post',
    path: '/remotes/:id/switch',
    summary: '办件：启用或停用一个单位后台',
    role: describers,
    params: ofSource,
    body: z.strictObject({ on: z.boolean() }),
    output: done,
    handler: async (call, deps) => {
      await switchRemote(call, call.params.id, call.body.on, deps);
      return { done: true as const };
    },
  }),
  route({
    method: 'post',
    path: '/remotes/try',
    summary:
      '办件：按描述问一次，不用先保存；看请求、应答和读成了什么，个人号码打码；系统管理员只看得到结构；要写明理由，留审计',
    role: describers,
    body: z.strictObject({
      id: z.int().positive().max(2_147_483_647).nullable().describe('已有的来源：用它的密钥'),
      organisationId: newSource.shape.organisationId.optional().describe('新的：属于哪个组织'),
      description,
      secret,
      number: z
        .string()
        .max(64)
        .transform(normalNumber)
        .refine((text) => numberForm.test(text), '编号应为 6 到 32 位'),
      factor: z
        .string()
        .max(32)
        .transform(normalFactor)
        .refine((text) => text === '' || factorForm.test(text), '应为证件号的最后 4 位，或回执上的查询码'),
      reason: z.string().trim().min(4, '请写明试用的理由，至少 4 个字').max(200),
    }),
    output: z.object({
      request: z.object({
        method: z.string(),
        url: z.string(),
        headers: z.record(z.string(), z.string()),
        body: z.string(),
      }),
      status: z.number().nullable(),
      ms: z.number(),
      raw: z.string().describe('应答的开头'),
      fault: z.string().nullable(),
      cases: z.array(
        z.object({
          number: z.string(),
          title: z.string(),
          state: z.string(),
          steps: z.array(z.string()),
          matches: z.boolean().nullable().describe('编号和后 4 位（查询码）对得上，市民看得到；只看得到结构的不说'),
          faults: z.array(z.string()),
        }),
      ),
    }),
    handler: async (call, deps) => {
      const { id, organisationId, number, factor, secret: typed, reason } = call.body;
      const fresh = described(call.body.description);
      const before = id === null ? undefined : await remoteFor(deps.db, call.caller, id);
      const office = before?.organisationId ?? organisationId;
      if (office === undefined)
        throw new UserError(422, 'invalid-input', '请选择属于哪个组织', { organisationId: '请选择' });
      if (!before) await mustBeOffice(deps.db, call.caller, describers, office);
      const sealed = typed || !before ? null : keptSecret(before, fresh);
      // Who runs the system reads no citizen's case, and nobody finds out a factor by guessing.
      const sees = (await holdsAt(deps.db, call.caller, ['operator'], office)) ? 'contents' : 'structure';
      await admit(
        tries,
        String(call.caller.id),
        deps.cache,
        (seconds) => `试得太多了，请 ${Math.ceil(seconds / 60)} 分钟后再试`,
      );
      const detail = { baseUrl: fresh.baseUrl, number: mask(number), reason, sees };
      await deps.db.transaction((tx) => note(tx, call, { id, organisationId: office }, 'try', detail, deps));
      const secret = typed || (sealed ? deps.encryption.open(sealed) : '');
      return tryDescription(fresh, secret, { number, factor }, sees, deps);
    },
  }),
];
