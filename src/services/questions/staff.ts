import { z } from 'zod';
import { staffRoute as route } from '../../dialogue/service';
import { answer, resolve } from './answer';
import { keepDraft, present, reveal } from './beside';
import { toAct } from './change';
import {
  answered,
  changed,
  counts,
  draft,
  id,
  imageId,
  key,
  oneQuestion,
  queues,
  reason,
  row,
  thread,
  time,
  workers,
  written,
} from './contract';
import { isOnDuty } from './departments';
import { mostAnswerImages } from './images';
import { merge } from './merge';
import { grades } from './policies';
import { countQueues, listQueue } from './queues';
import { assign, bounce, claim, transfer } from './routing';
import { search } from './search';
import { extend, note, pause, prioritise, regrade, reopen, resume, snooze } from './tend';
import { readQuestion } from './thread';

const done = z.object({ done: z.literal(true) });
const bubble = z.object({
  from: z.enum(['citizen', 'account']),
  kind: z.literal('text'),
  text: z.string(),
  link: z.null(),
  articles: z.array(z.never()),
});

/** Lists and single questions; of what the caller does not see, none of these says that it is there. */
export const questionRoutes = [
  route({
    method: 'get',
    path: '/counts',
    summary: '部门答疑：各队列有几个，最多数到 1000',
    role: workers,
    output: counts,
    handler: async ({ caller }, deps) => ({
      ...(await countQueues(caller, deps)),
      onDuty: await isOnDuty(caller, deps),
      now: deps.clock.now().toISOString(),
    }),
  }),
  route({
    method: 'get',
    path: '/list',
    summary: '部门答疑：一个队列，处理中的按时限先后，办完的按最近往来；search 按编号或内容找',
    role: workers,
    query: z.object({
      queue: z.enum(queues).optional().describe('不写：所有看得到的，须有 search'),
      search: z.string().trim().max(100).default(''),
      after: z.string().max(300).optional().describe('上一页给出的 next'),
      limit: z.coerce.number().int().min(1).max(100).default(30),
    }),
    output: z.object({ items: z.array(row), next: z.string().nullable() }),
    handler: ({ query: { queue, search: text, ...page }, caller }, deps) =>
      text === '' ? listQueue(queue ?? 'department', caller, page, deps) : search({ text, queue }, caller, page, deps),
  }),
  route({
    method: 'get',
    path: '/:id',
    summary: '部门答疑：一个提问和它的往来；打开即算读过',
    role: workers,
    params: oneQuestion,
    output: thread,
    handler: ({ params, caller }, deps) => readQuestion(params.id, caller, deps),
  }),
  route({
    method: 'post',
    path: '/:id/answer',
    summary: '答复市民；打开之后有了变化时答 409 moved，force 为仍要发出；同一个 key 只发一次',
    role: workers,
    params: oneQuestion,
    body: z.object({
      text: written(1, 1000, '请写答复'),
      seen: z.number().int().min(0).max(2_147_483_647),
      key,
      force: z.boolean().default(false),
      resolve: z.boolean().default(false).describe('答复并办结'),
      images: z
        .array(imageId)
        .max(mostAnswerImages, `最多 ${mostAnswerImages} 张图片`)
        .default([])
        .describe('先传好的图片的编号'),
      canned: z.number().int().positive().max(2_147_483_647).optional().describe('用了哪条常用语'),
    }),
    output: answered,
    handler: async (call, deps) => ({ done: true as const, ...(await answer(toAct(call, 'answer'), call.body, deps)) }),
  }),
  route({
    method: 'post',
    path: '/:id/resolve',
    summary: '办结，并请市民评价；须先答复过',
    role: workers,
    params: oneQuestion,
    output: changed,
    handler: (call, deps) => resolve(toAct(call, 'resolve'), deps),
  }),
  route({
    method: 'post',
    path: '/:id/reopen',
    summary: '重新打开办结或结束的提问',
    role: 'supervisor',
    params: oneQuestion,
    output: changed,
    handler: (call, deps) => reopen(toAct(call, 'reopen', ['supervisor']), deps),
  }),
  route({
    method: 'post',
    path: '/:id/claim',
    summary: '认领',
    role: workers,
    params: oneQuestion,
    output: changed,
    handler: (call, deps) => claim(toAct(call, 'claim'), deps),
  }),
  route({
    method: 'post',
    path: '/:id/assign',
    summary: '分给同部门的人员；空为放回待认领',
    role: workers,
    params: oneQuestion,
    body: z.object({ staffId: z.number().int().positive().max(2_147_483_647).nullable() }),
    output: changed,
    handler: (call, deps) => assign(toAct(call, 'assign'), call.body.staffId, deps),
  }),
  route({
    method: 'post',
    path: '/:id/transfer',
    summary: '派单，或转办给另一个部门（要理由）',
    role: workers,
    params: oneQuestion,
    body: z.object({ organisationId: z.number().int().positive().max(2_147_483_647), reason: reason.optional() }),
    output: changed,
    handler: (call, deps) => transfer(toAct(call, 'transfer'), call.body, deps),
  }),
  route({
    method: 'post',
    path: '/:id/bounce',
    summary: '退单给派单人员；退到第二次由督查人员决定',
    role: workers,
    params: oneQuestion,
    body: z.object({ reason }),
    output: changed,
    handler: (call, deps) => bounce(toAct(call, 'bounce'), call.body.reason, deps),
  }),
  route({
    method: 'post',
    path: '/:id/note',
    summary: '备注，市民看不到',
    role: workers,
    params: oneQuestion,
    body: z.object({ text: written(1, 1000, '请写备注'), key }),
    output: changed,
    handler: (call, deps) => note({ ...toAct(call, 'note'), helpers: true }, call.body, deps),
  }),
  route({
    method: 'post',
    path: '/:id/snooze',
    summary: '稍后处理，到时再列出；市民有补充时提前列出；空为不再稍后',
    role: workers,
    params: oneQuestion,
    body: z.object({ until: time.nullable() }),
    output: changed,
    handler: (call, deps) =>
      snooze(toAct(call, 'snooze'), call.body.until === null ? null : new Date(call.body.until), deps),
  }),
  route({
    method: 'post',
    path: '/:id/priority',
    summary: '紧急程度：0 普通，1 紧急，2 特急',
    role: workers,
    params: oneQuestion,
    body: z.object({ priority: z.number().int().min(0).max(2) }),
    output: changed,
    handler: (call, deps) => prioritise(toAct(call, 'priority'), call.body.priority, deps),
  }),
  route({
    method: 'post',
    path: '/:id/grade',
    summary: '难易：简单、一般、复杂各有自己的时限',
    role: workers,
    params: oneQuestion,
    body: z.object({ grade: z.enum(grades) }),
    output: changed,
    handler: (call, deps) => regrade(toAct(call, 'grade'), call.body.grade, deps),
  }),
  route({
    method: 'post',
    path: '/:id/extend',
    summary: '延期几个工作日，须在到期前；市民会收到通知',
    role: workers,
    params: oneQuestion,
    body: z.object({ days: z.number().int().min(1).max(60), reason }),
    output: changed,
    handler: (call, deps) => extend(toAct(call, 'extend'), call.body, deps),
  }),
  route({
    method: 'post',
    path: '/:id/pause',
    summary: '暂停计时',
    role: workers,
    params: oneQuestion,
    body: z.object({ reason }),
    output: changed,
    handler: (call, deps) => pause(toAct(call, 'pause'), call.body.reason, deps),
  }),
  route({
    method: 'post',
    path: '/:id/resume',
    summary: '恢复计时',
    role: workers,
    params: oneQuestion,
    output: changed,
    handler: (call, deps) => resume(toAct(call, 'resume'), deps),
  }),
  route({
    method: 'post',
    path: '/:id/merge',
    summary: '并入同一位市民的另一个提问',
    role: workers,
    params: oneQuestion,
    body: z.object({ into: id }),
    output: changed,
    handler: (call, deps) => merge(toAct(call, 'merge'), call.body.into, deps),
  }),
  route({
    method: 'post',
    path: '/:id/reveal',
    summary: '查看打码内容的原文，理由记入审计',
    role: workers,
    params: oneQuestion,
    body: z.object({ reason: written(4, 200, '请写明查看的理由，至少 4 个字') }),
    output: z.object({ openid: z.string(), bubbles: z.array(bubble) }),
    handler: async (call, deps) => {
      const { openid, bubbles } = await reveal(toAct(call, 'reveal'), call.body.reason, deps);
      return { openid, bubbles: bubbles.map((one) => ({ ...one, kind: 'text' as const, link: null, articles: [] })) };
    },
  }),
  route({
    method: 'put',
    path: '/:id/draft',
    summary: '保存没写完的答复和为它选好的图片；都空为删除',
    role: workers,
    params: oneQuestion,
    body: draft,
    output: done,
    handler: async ({ params, body, caller }, deps) => {
      await keepDraft(params.id, body, caller, deps);
      return { done: true as const };
    },
  }),
  route({
    method: 'post',
    path: '/:id/presence',
    summary: '正在看或正在写；每隔半分钟说一次，同事能看到',
    role: workers,
    params: oneQuestion,
    body: z.object({ doing: z.enum(['viewing', 'typing']) }),
    output: done,
    handler: async ({ params, body, caller }, deps) => {
      await present(params.id, body.doing, caller, deps);
      return { done: true as const };
    },
  }),
];
