import { z } from 'zod';
import { staffRoute as route } from '../../dialogue/service';
import { changed, counts, draft, finding, id, oneEntry, row, statuses, texts, whole } from './contract';
import { findingsIn } from './findings';
import { countEntries, listEntries, writableOrganisations } from './list';
import { approve, giveBack, withdraw } from './review';
import { readers, reviewers, writers } from './scope';
import { readEntry } from './show';
import { edit, propose, submit } from './write';

const reason = z.string().trim().min(2, '请写明理由，至少 2 个字').max(200);
const reviewed = z.object({ version: z.number().int().positive().max(2_147_483_647), hash: z.string().length(64) });

/** Lists and single entries; of what the caller does not see, none of these says that it is there. */
export const staffRoutes = [
  route({
    method: 'get',
    path: '/list',
    summary: '常见问答：看得到的，最近改过的在前；search 按内容或编号找',
    role: readers,
    query: z.object({
      status: z.enum(statuses).optional(),
      search: z.string().trim().max(100).default(''),
      after: z.string().max(300).optional().describe('上一页给出的 next'),
      limit: z.coerce.number().int().min(1).max(100).default(30),
    }),
    output: z.object({ items: z.array(row), next: z.string().nullable() }),
    handler: ({ query, caller }, deps) => listEntries(query, caller, deps),
  }),
  route({
    method: 'get',
    path: '/counts',
    summary: '常见问答：各状态有几条，最多数到 1000',
    role: readers,
    output: counts,
    handler: ({ caller }, deps) => countEntries(caller, deps),
  }),
  route({
    method: 'get',
    path: '/organisations',
    summary: '常见问答：可以写在哪些单位名下',
    role: writers,
    output: z.object({ items: z.array(z.object({ id: z.number(), title: z.string() })) }),
    handler: async ({ caller }, deps) => ({ items: await writableOrganisations(caller, deps) }),
  }),
  route({
    method: 'post',
    path: '/check',
    summary: '常见问答：找出疑似个人信息，什么也不保存',
    role: writers,
    body: z.object({
      question: z.string().max(2000),
      answer: z.string().max(5000),
      aliases: z.array(z.string().max(200)).max(50).default([]),
      cleared: z.array(z.string().max(100)).max(50).default([]),
    }),
    output: z.object({ findings: z.array(finding) }),
    handler: ({ body }) => ({ findings: findingsIn(body) }),
  }),
  route({
    method: 'post',
    path: '/entries',
    summary: '常见问答：新写一条，或从答复过的提问提出（origin 为提问编号；同一个提问只有一条）',
    role: writers,
    body: z.object({
      ...texts,
      organisationId: z
        .number()
        .int()
        .positive()
        .max(2_147_483_647)
        .optional()
        .describe('不写：提问的部门，或自己的部门'),
      origin: z
        .string()
        .regex(/^[A-Z]\d{10,14}$/, '应为提问编号')
        .optional(),
    }),
    output: z.object({ id, fresh: z.boolean().describe('false：早就提过') }),
    status: 201,
    handler: (call, deps) => propose(call.body, call, deps),
  }),
  route({
    method: 'get',
    path: '/entries/:id',
    summary: '常见问答：一条，连同各版和疑似个人信息',
    role: readers,
    params: oneEntry,
    output: whole,
    handler: ({ params, caller }, deps) => readEntry(params.id, caller, deps),
  }),
  route({
    method: 'put',
    path: '/entries/:id',
    summary: '常见问答：修改；正在审核的作废，已发布的仍是原来那版直到新的通过',
    role: writers,
    params: oneEntry,
    body: draft.extend({ edit: z.number().int().positive().max(2_147_483_647) }),
    output: changed,
    handler: (call, deps) => edit(call.params.id, call.body, call, deps),
  }),
  route({
    method: 'post',
    path: '/entries/:id/submit',
    summary: '常见问答：提交审核；疑似个人信息都处理过才行',
    role: writers,
    params: oneEntry,
    body: z.object({ edit: z.number().int().positive().max(2_147_483_647) }),
    output: changed,
    handler: (call, deps) => submit(call.params.id, call.body.edit, call, deps),
  }),
  route({
    method: 'post',
    path: '/entries/:id/approve',
    summary: '常见问答：审核通过并发布；只对看过的那份内容有效，不能审核自己写或提交的',
    role: reviewers,
    params: oneEntry,
    body: reviewed,
    output: changed,
    handler: (call, deps) => approve(call.params.id, call.body, call, deps),
  }),
  route({
    method: 'post',
    path: '/entries/:id/return',
    summary: '常见问答：退回修改',
    role: reviewers,
    params: oneEntry,
    body: reviewed.extend({ reason }),
    output: changed,
    handler: (call, deps) => giveBack(call.params.id, call.body, call, deps),
  }),
  route({
    method: 'post',
    path: '/entries/:id/withdraw',
    summary: '常见问答：撤下，市民马上看不到',
    role: readers,
    params: oneEntry,
    body: z.object({ reason }),
    output: changed,
    handler: (call, deps) => withdraw(call.params.id, call.body.reason, call, deps),
  }),
];
