import { z } from 'zod';
import { staffRoute as route, type ServiceDeps } from '../../dialogue/service';
import { maskName } from '../../people/identity/bindings';
import { mask } from '../../platform/field-encryption';
import { call, checkIn, desk, forgive, type OnRoster, resourcesFor, roster, serve, stopDay } from './desk';
import { stateNames } from './own';

const day = z.iso.date('应为日期，如 2026-03-01');
const one = z.object({ id: z.string().regex(/^\d{1,18}$/, '编号有误') });
const time = z.iso.datetime();
const shown = z.object({
  id: z.string(),
  code: z.string(),
  status: z.enum(Object.keys(stateNames) as [keyof typeof stateNames]),
  state: z.string(),
  startsAt: time,
  endsAt: time,
  person: z.string().describe('已打码'),
  phone: z.string().describe('已打码'),
  queueNumber: z.number().nullable(),
  calledAt: time.nullable(),
  news: z.object({ status: z.string(), reason: z.string().nullable() }).nullable().describe('停诊通知的下落'),
});

/** The clerk's day at a counter or in a clinic. */
export const staffRoutes = [
  route({
    method: 'get',
    path: '/resources',
    summary: '预约：自己部门的医生和窗口',
    role: desk,
    output: z.object({
      items: z.array(
        z.object({
          id: z.number(),
          title: z.string(),
          subtitle: z.string(),
          office: z.string(),
          house: z.string().nullable(),
        }),
      ),
    }),
    handler: async ({ caller }, { db }) => ({ items: await resourcesFor(db, caller) }),
  }),
  route({
    method: 'get',
    path: '/resources/:resource/days/:day',
    summary: '预约：一天的名单，按时间；停诊的带通知的下落',
    role: desk,
    params: z.object({ resource: z.coerce.number().int().positive().max(2_147_483_647), day }),
    output: z.object({ items: z.array(shown) }),
    handler: async ({ caller, params }, deps) => ({
      items: (await roster(deps.db, caller, params.resource, params.day)).map((row) => show(row, deps)),
    }),
  }),
  route({
    method: 'post',
    path: '/check-in',
    summary: '预约：按 8 位编号签到，得到排队号',
    role: desk,
    body: z.object({ code: z.string().regex(/^\d{8}$/, '应为 8 位数字') }),
    output: shown,
    handler: async (asked, deps) => show(await checkIn(asked, asked.body.code, deps), deps),
  }),
  route({
    method: 'post',
    path: '/:id/call',
    summary: '预约：叫号，可以重叫',
    role: desk,
    params: one,
    output: shown,
    handler: async (asked, deps) => show(await call(asked, asked.params.id, deps), deps),
  }),
  route({
    method: 'post',
    path: '/:id/serve',
    summary: '预约：办结',
    role: desk,
    params: one,
    output: shown,
    handler: async (asked, deps) => show(await serve(asked, asked.params.id, deps), deps),
  }),
  route({
    method: 'post',
    path: '/:id/forgive',
    summary: '预约：撤销一次爽约记录',
    role: desk,
    params: one,
    output: shown,
    handler: async (asked, deps) => show(await forgive(asked, asked.params.id, deps), deps),
  }),
  route({
    method: 'post',
    path: '/resources/:resource/stop',
    summary: '预约：停诊停办一天或半天，已约的逐个通知，不算爽约',
    role: desk,
    params: z.object({ resource: z.coerce.number().int().positive().max(2_147_483_647) }),
    body: z.object({
      day,
      half: z.enum(['morning', 'afternoon']).nullable().default(null),
      reason: z.string().trim().min(2, '请写明原因，至少 2 个字').max(100),
    }),
    output: z.object({ slots: z.number(), bookings: z.number() }),
    handler: (asked, deps) => stopDay(asked, { ...asked.body, resourceId: asked.params.resource }, deps),
  }),
];

function show(
  row: Omit<OnRoster, 'news_status' | 'news_reason'> & Partial<OnRoster>,
  { encryption }: ServiceDeps,
): z.input<typeof shown> {
  return {
    id: row.id,
    code: row.code,
    status: row.status,
    state: stateNames[row.status],
    startsAt: row.starts_at.toISOString(),
    endsAt: row.ends_at.toISOString(),
    person: maskName(encryption.open(row.name_sealed)),
    phone: row.phone_sealed ? mask(encryption.open(row.phone_sealed)) : '',
    queueNumber: row.queue_number,
    calledAt: row.called_at?.toISOString() ?? null,
    news: row.news_status ? { status: row.news_status, reason: row.news_reason ?? null } : null,
  };
}
