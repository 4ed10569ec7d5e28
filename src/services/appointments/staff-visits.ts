import { z } from 'zod';
import { staffRoute as route } from '../../dialogue/service';
import { documentContract } from '../../people/identity/documents';
import { mobileContract } from '../../people/identity/entered';
import { bookingsOf, checkIn, checkInOne, reveal } from './check-in';
import { desk, resourcesFor } from './desk';
import { forgive, markNoShow } from './no-shows';
import { call, callNext, lineUpAgain, pass, serve } from './queue';
import { roster } from './roster';
import { shownVisit, showVisit } from './visit';
import { walkIn } from './walk-in';

const day = z.iso.date('应为日期，如 2026-03-01');
const id = z.string().regex(/^\d{1,18}$/, '编号有误');
const resource = z.coerce.number().int().positive().max(2_147_483_647);
const key = z.string().min(8, '应为 8 到 100 个字符').max(100);

/** Acts on one booking that need nothing but its number. */
const acts = [
  { name: 'check-in', summary: '签到名单上的一位，得到排队号', act: checkInOne },
  { name: 'call', summary: '叫号，可以重叫', act: call },
  { name: 'pass', summary: '过号：叫了没有来，先叫后面的', act: pass },
  { name: 'line-up-again', summary: '过号的重新排队，排在几个人后面', act: lineUpAgain },
  { name: 'serve', summary: '办结', act: serve },
  { name: 'no-show', summary: '记未到，时间到了才能记', act: markNoShow },
  { name: 'forgive', summary: '撤销一次爽约记录', act: forgive },
].map(({ name, summary, act }) =>
  route({
    method: 'post',
    path: `/:id/${name}`,
    summary: `预约：${summary}`,
    role: desk,
    params: z.object({ id }),
    output: shownVisit,
    handler: async (asked, deps) => showVisit(await act(asked, asked.params.id, deps), deps),
  }),
);

/** The clerk's day at a counter or in a clinic. */
export const visitRoutes = [
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
    summary: '预约：一天的名单，按时间，带通知的下落',
    role: desk,
    params: z.object({ resource, day }),
    output: z.object({ items: z.array(shownVisit) }),
    handler: async ({ caller, params }, deps) => ({
      items: (await roster(deps.db, caller, params.resource, params.day)).map((row) => showVisit(row, deps, row.news)),
    }),
  }),
  route({
    method: 'post',
    path: '/check-in',
    summary: '预约：按 8 位编号签到，得到排队号',
    role: desk,
    body: z.object({ code: z.string().regex(/^\d{8}$/, '应为 8 位数字') }),
    output: shownVisit,
    handler: async (asked, deps) => showVisit(await checkIn(asked, asked.body.code, deps), deps),
  }),
  route({
    method: 'post',
    path: '/find-by-document',
    summary: '预约：按证件找今天在自己部门的预约；查过什么记入审计，证件号本身不记',
    role: desk,
    body: z.object({ document: documentContract }),
    output: z.object({ items: z.array(shownVisit) }),
    handler: async (asked, deps) => ({
      items: (await bookingsOf(asked, asked.body.document, deps)).map((row) => showVisit(row, deps)),
    }),
  }),
  route({
    method: 'post',
    path: '/resources/:resource/call-next',
    summary: '预约：叫下一位；可以同时办结或跳过现在这一位',
    role: desk,
    params: z.object({ resource }),
    body: z.strictObject({ done: z.strictObject({ id, how: z.enum(['serve', 'pass']) }).optional() }),
    output: z.object({ called: shownVisit.nullable().describe('没有人在等就为空') }),
    handler: async (asked, deps) => {
      const called = await callNext(asked, asked.params.resource, asked.body.done, deps);
      return { called: called && showVisit(called, deps) };
    },
  }),
  route({
    method: 'post',
    path: '/resources/:resource/walk-ins',
    summary: '预约：现场取号，占窗口号源，直接排队；同一个 key 只取一次',
    role: desk,
    params: z.object({ resource }),
    body: z.strictObject({
      name: z.string().trim().min(1, '请填写姓名').max(50),
      phone: mobileContract.nullable().default(null),
      key,
    }),
    output: shownVisit,
    status: 201,
    handler: async (asked, deps) => showVisit(await walkIn(asked, asked.params.resource, asked.body, deps), deps),
  }),
  route({
    method: 'post',
    path: '/:id/reveal',
    summary: '预约：查看姓名和手机号原文；要写明理由，并记入审计',
    role: desk,
    params: z.object({ id }),
    body: z.strictObject({ reason: z.string().trim().min(4, '请写明查看的理由，至少 4 个字').max(200) }),
    output: z.object({ person: z.string(), phone: z.string() }),
    handler: (asked, deps) => reveal(asked, asked.params.id, asked.body.reason, deps),
  }),
  ...acts,
];
