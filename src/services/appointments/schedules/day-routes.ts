import { z } from 'zod';
import { staffRoute as route } from '../../../dialogue/service';
import {
  capacity,
  changesContract,
  clockTime,
  day,
  ofResource,
  pool,
  pools,
  reason,
  rulesContract,
  slotIds,
  weekday,
} from './contract';
import { addExtra, changeCapacity, reopenTimes, type SlotOfDay, slotsOfDay, stopTimes } from './day-acts';
import { addException, removeException } from './exceptions';
import { planners } from './managed';
import { previewRules, replaceRules } from './rules';
import { substitute } from './substitute';

const time = z.iso.datetime();
const done = z.object({ done: z.literal(true) });
const stopped = z.object({ slots: z.number(), bookings: z.number() });
const slot = z.object({
  id: z.string(),
  pool: z.enum(pools),
  startsAt: time,
  endsAt: time,
  opensAt: time,
  capacity: z.number(),
  taken: z.number().describe('已占，含保留中和等待放出的'),
  status: z.enum(['open', 'stopped']),
  reason: z.string().nullable(),
  byHand: z.boolean().describe('手工加的或改过的，规则不再动它'),
  withdrawn: z.boolean().describe('规则里已经没有，只保留已约的人'),
});
const shown = ({ startsAt, endsAt, opensAt, ...rest }: SlotOfDay): z.input<typeof slot> => ({
  ...rest,
  startsAt: startsAt.toISOString(),
  endsAt: endsAt.toISOString(),
  opensAt: opensAt.toISOString(),
});
const place = z.number().int().positive().max(2_147_483_647);

/** When they can be booked: every week, on days unlike others, and one time by itself. */
export const dayRoutes = [
  route({
    method: 'post',
    path: '/setup/resources/:resource/rules/preview',
    summary: '预约设置：这些每周规则会生成什么、改掉什么，不保存',
    role: planners,
    params: ofResource,
    body: z.strictObject({ rules: rulesContract }),
    output: changesContract.extend({
      days: z.array(
        z.object({
          day: z.string(),
          pool: z.string(),
          slots: z.number(),
          places: z.number(),
          from: time,
          to: time,
        }),
      ),
    }),
    handler: async (call, deps) => {
      const { days, ...changes } = await previewRules(call, call.params.resource, call.body.rules, deps);
      return {
        ...changes,
        days: days.map((one) => ({ ...one, from: one.from.toISOString(), to: one.to.toISOString() })),
      };
    },
  }),
  route({
    method: 'put',
    path: '/setup/resources/:resource/rules',
    summary: '预约设置：换成这些每周规则；没人约的时段立即跟着改，有人约的保留',
    role: planners,
    params: ofResource,
    body: z.strictObject({ version: z.number().int().min(1).max(2_147_483_647), rules: rulesContract }),
    output: changesContract,
    handler: (call, deps) => replaceRules(call, call.params.resource, call.body, deps),
  }),
  route({
    method: 'post',
    path: '/setup/exceptions',
    summary: '预约设置：某一天停、按另一个星期几上班（调休）或挪到另一天，一次可以是多位医生或窗口；已约的会通知',
    role: planners,
    body: z.strictObject({
      resources: z.array(place).min(1, '请选择医生或窗口').max(500),
      special: z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('stopped'), day, reason }),
        z.strictObject({ kind: z.literal('as'), day, weekday, reason }),
        z.strictObject({ kind: z.literal('moved'), day, to: day, reason }),
      ]),
    }),
    output: z.object({ bookings: z.number().describe('要通知的预约') }),
    handler: (call, deps) => addException(call, call.body.resources, call.body.special, deps),
  }),
  route({
    method: 'delete',
    path: '/setup/exceptions/:id',
    summary: '预约设置：取消一个例外，因它停的时段重新开放',
    role: planners,
    params: z.object({ id: z.coerce.number().int().positive().max(2_147_483_647) }),
    output: done,
    handler: async (call, deps) => {
      await removeException(call, call.params.id, deps);
      return { done: true as const };
    },
  }),
  route({
    method: 'get',
    path: '/setup/resources/:resource/days/:day',
    summary: '预约设置：一天的全部时段，各号池',
    role: planners,
    params: ofResource.extend({ day }),
    output: z.object({ items: z.array(slot) }),
    handler: async (call, deps) => ({
      items: (await slotsOfDay(call, call.params.resource, call.params.day, deps)).map(shown),
    }),
  }),
  route({
    method: 'post',
    path: '/setup/resources/:resource/days/:day/extra',
    summary: '预约设置：加号，加一个规则以外的时段，立即可约',
    role: planners,
    params: ofResource.extend({ day }),
    body: z.strictObject({ from: clockTime, to: clockTime, capacity, pool: pool.default('online') }),
    output: slot,
    status: 201,
    handler: async (call, deps) =>
      shown(await addExtra(call, call.params.resource, { ...call.body, day: call.params.day }, deps)),
  }),
  route({
    method: 'patch',
    path: '/setup/resources/:resource/slots/:slot',
    summary: '预约设置：改一个时段的人数，不能少于已占的',
    role: planners,
    params: ofResource.extend({ slot: z.string().regex(/^\d{1,18}$/, '编号有误') }),
    body: z.strictObject({
      capacity: z.number('应为人数').int('应为整数').min(0, '不能小于 0').max(10_000, '最多 10000 人'),
    }),
    output: slot,
    handler: async (call, deps) =>
      shown(
        await changeCapacity(
          call,
          { resourceId: call.params.resource, slotId: call.params.slot, capacity: call.body.capacity },
          deps,
        ),
      ),
  }),
  route({
    method: 'post',
    path: '/setup/resources/:resource/slots/stop',
    summary: '预约设置：停诊停办选中的时段，已约的逐个通知',
    role: planners,
    params: ofResource,
    body: z.strictObject({ slots: slotIds, reason }),
    output: stopped,
    handler: (call, deps) =>
      stopTimes(call, { resourceId: call.params.resource, slotIds: call.body.slots, reason: call.body.reason }, deps),
  }),
  route({
    method: 'post',
    path: '/setup/resources/:resource/slots/reopen',
    summary: '预约设置：重新开放选中的时段',
    role: planners,
    params: ofResource,
    body: z.strictObject({ slots: slotIds }),
    output: z.object({ slots: z.number() }),
    handler: (call, deps) => reopenTimes(call, { resourceId: call.params.resource, slotIds: call.body.slots }, deps),
  }),
  route({
    method: 'post',
    path: '/setup/resources/:resource/slots/substitute',
    summary: '预约设置：替诊，选中的时段连同已约的人交给同科室另一位，逐个通知',
    role: planners,
    params: ofResource,
    body: z.strictObject({ slots: slotIds, by: place, reason }),
    output: z.object({ bookings: z.number() }),
    handler: (call, deps) =>
      substitute(
        call,
        {
          resourceId: call.params.resource,
          slotIds: call.body.slots,
          by: call.body.by,
          reason: call.body.reason,
        },
        deps,
      ),
  }),
];
