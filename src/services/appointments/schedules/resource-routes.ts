import { z } from 'zod';
import { staffRoute as route } from '../../../dialogue/service';
import { ofResource, policy, resourceFields, resourceKinds, ruleContract } from './contract';
import { resourceFor, specialDays, treeFor } from './look';
import { planners } from './managed';
import { changeCityPolicy, cityPolicyFor } from './policies';
import { addResource, editResource, restoreResource, retireResource } from './resources';

const id = z.number().int().positive().max(2_147_483_647);
const done = z.object({ done: z.literal(true) });
const ok = { done: true } as const;
const version = z.number().int().min(1).max(2_147_483_647);
const { kind, title, subtitle, note, place, position } = resourceFields;

/** Who and what can be booked, and by which policy. */
export const resourceRoutes = [
  route({
    method: 'get',
    path: '/setup/tree',
    summary: '预约设置：管理范围内的单位、科室和其中的医生、门诊、窗口',
    role: planners,
    output: z.object({
      organisations: z.array(
        z.object({
          id: z.number(),
          parentId: z.number().nullable(),
          title: z.string(),
          kind: z.string(),
          disabled: z.boolean(),
        }),
      ),
      resources: z.array(
        z.object({
          id: z.number(),
          organisationId: z.number(),
          kind: z.enum(resourceKinds),
          title: z.string(),
          subtitle: z.string(),
          place: z.string(),
          disabled: z.boolean(),
          rules: z.number().describe('有几条每周规则'),
        }),
      ),
    }),
    handler: ({ caller }, { db }) => treeFor(db, caller),
  }),
  route({
    method: 'post',
    path: '/setup/resources',
    summary: '预约设置：添加医生、门诊或窗口',
    role: planners,
    body: z.strictObject({
      organisationId: id,
      kind,
      title,
      subtitle: subtitle.default(''),
      note: note.default(''),
      place: place.default(''),
      position: position.default(100),
    }),
    output: z.object({ id: z.number() }),
    status: 201,
    handler: (call, deps) => deps.db.transaction(async (tx) => ({ id: await addResource(tx, call, call.body, deps) })),
  }),
  route({
    method: 'get',
    path: '/setup/resources/:resource',
    summary: '预约设置：一位医生或窗口，和它的规定、每周规则、例外',
    role: planners,
    params: ofResource,
    output: z.object({
      id: z.number(),
      organisationId: z.number(),
      office: z.string(),
      ...resourceFields,
      disabled: z.boolean(),
      version,
      policy,
      general: policy.required().describe('它自己没有规定时用的'),
      rules: z.array(ruleContract),
      exceptions: z.array(
        z.object({
          id: z.number(),
          day: z.string(),
          kind: z.enum(['stopped', 'as']),
          weekday: z.number().nullable(),
          reason: z.string(),
        }),
      ),
    }),
    handler: ({ caller, params }, deps) => resourceFor(caller, params.resource, deps),
  }),
  route({
    method: 'patch',
    path: '/setup/resources/:resource',
    summary: '预约设置：修改；policy 只写与全市不同的项，放号时间改了没放的号跟着改',
    role: planners,
    params: ofResource,
    body: z.strictObject({
      version,
      kind: kind.optional(),
      title: title.optional(),
      subtitle: subtitle.optional(),
      note: note.optional(),
      place: place.optional(),
      position: position.optional(),
      policy: policy.optional(),
    }),
    output: done,
    handler: async (call, deps) => {
      const given = Object.fromEntries(Object.entries(call.body).filter(([, value]) => value !== undefined));
      await editResource(call, call.params.resource, { ...given, version: call.body.version }, deps);
      return ok;
    },
  }),
  route({
    method: 'post',
    path: '/setup/resources/:resource/retire',
    summary: '预约设置：停用；还有人约着的不能停用',
    role: planners,
    params: ofResource,
    output: done,
    handler: async (call, deps) => {
      await retireResource(call, call.params.resource, deps);
      return ok;
    },
  }),
  route({
    method: 'post',
    path: '/setup/resources/:resource/restore',
    summary: '预约设置：重新启用',
    role: planners,
    params: ofResource,
    output: done,
    handler: async (call, deps) => {
      await restoreResource(call, call.params.resource, deps);
      return ok;
    },
  }),
  route({
    method: 'get',
    path: '/setup/special-days',
    summary: '预约设置：工作日历里 120 天内的放假和调休上班',
    role: planners,
    output: z.object({
      holidays: z.array(z.object({ name: z.string(), from: z.string(), to: z.string() })),
      worked: z.array(z.string()),
    }),
    handler: (_call, deps) => specialDays(deps),
  }),
  route({
    method: 'get',
    path: '/setup/policy',
    summary: '预约设置：全市的规定，和没有写时的默认',
    role: planners,
    output: z.object({ defaults: policy.required(), city: policy, mayChange: z.boolean() }),
    handler: (call, deps) => cityPolicyFor(call, deps),
  }),
  route({
    method: 'put',
    path: '/setup/policy',
    summary: '预约设置：改全市的规定，只写与默认不同的项；限全市的运营和督查人员',
    role: planners,
    body: policy,
    output: done,
    handler: async (call, deps) => {
      await changeCityPolicy(call, call.body, deps);
      return ok;
    },
  }),
];
