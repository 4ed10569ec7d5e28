import { z } from 'zod';
import { staffRoute as route } from '../../dialogue/service';
import { desk } from './desk';
import { stopClinics } from './stop-clinic';
import { notReached, type Progress, stopFor, stopsFor, toldByPhone } from './stop-progress';
import { shownVisit, showVisit } from './visit';

const day = z.iso.date('应为日期，如 2026-03-01');
const id = z.string().regex(/^\d{1,18}$/, '编号有误');
const time = z.iso.datetime();
const instead = z.enum(['resource', 'office', 'release']).describe('已约的：改约本医生或窗口、改约本科室任一、取消');
const progress = z.object({
  id,
  resource: z.string(),
  office: z.string(),
  from: day,
  to: day,
  half: z.enum(['morning', 'afternoon']).nullable(),
  reason: z.string(),
  instead,
  at: time,
  by: z.string(),
  left: z.number().describe('还没有处理的'),
  rebooked: z.number().describe('已改约的'),
  released: z.number().describe('已取消的'),
  reached: z.number().describe('通知送到的'),
  underWay: z.number().describe('通知在路上的'),
  notReached: z.number().describe('没有通知到的'),
  toldByPhone: z.number().describe('已打电话告知的'),
});

/** 停诊停办: one press, and how far it has got. */
export const stopRoutes = [
  route({
    method: 'post',
    path: '/stops',
    summary: '预约：停诊停办几天或半天，一次可以是几位医生或窗口；已约的逐个改约或取消并通知，不算爽约；按两次只停一次',
    role: desk,
    body: z.strictObject({
      resources: z.array(z.number().int().positive().max(2_147_483_647)).min(1, '请选择医生或窗口').max(100),
      from: day,
      to: day,
      half: z.enum(['morning', 'afternoon']).nullable().default(null),
      reason: z.string().trim().min(2, '请写明原因，至少 2 个字').max(100),
      instead,
    }),
    output: z.object({ items: z.array(progress) }),
    handler: async (asked, deps) => {
      const { resources: resourceIds, ...stop } = asked.body;
      const ids = await stopClinics(asked, { ...stop, resourceIds }, deps);
      return { items: await Promise.all(ids.map(async (id) => show(await stopFor(deps.db, asked.caller, id)))) };
    },
  }),
  route({
    method: 'get',
    path: '/stops',
    summary: '预约：停诊停办的记录和进度，新的在前',
    role: desk,
    output: z.object({ items: z.array(progress) }),
    handler: async ({ caller }, { db }) => ({ items: (await stopsFor(db, caller)).map(show) }),
  }),
  route({
    method: 'get',
    path: '/stops/:id',
    summary: '预约：一次停诊停办的进度',
    role: desk,
    params: z.object({ id }),
    output: progress,
    handler: async ({ caller, params }, { db }) => show(await stopFor(db, caller, params.id)),
  }),
  route({
    method: 'get',
    path: '/stops/:id/not-reached',
    summary: '预约：一次停诊停办没有通知到的人，手机号打码',
    role: desk,
    params: z.object({ id }),
    output: z.object({
      items: z.array(
        shownVisit.extend({
          movedTo: time.nullable().describe('改约到'),
          newsStatus: z.string().nullable(),
          newsReason: z.string().nullable(),
          toldAt: time.nullable().describe('打电话告知的时间'),
        }),
      ),
    }),
    handler: async ({ caller, params }, deps) => ({
      items: (await notReached(deps.db, caller, params.id)).map((row) => ({
        ...showVisit(row, deps),
        movedTo: row.moved_time?.toISOString() ?? null,
        newsStatus: row.news_status,
        newsReason: row.news_reason,
        toldAt: row.told_at?.toISOString() ?? null,
      })),
    }),
  }),
  route({
    method: 'post',
    path: '/:id/told-by-phone',
    summary: '预约：停诊停办已打电话告知这一位',
    role: desk,
    params: z.object({ id }),
    output: shownVisit,
    handler: async (asked, deps) => showVisit(await toldByPhone(asked, asked.params.id, deps), deps),
  }),
];

const show = ({ at, ...one }: Progress): z.input<typeof progress> => ({ ...one, at: at.toISOString() });
