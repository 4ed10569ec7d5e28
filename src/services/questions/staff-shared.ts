import { z } from 'zod';
import { staffRoute as route } from '../../dialogue/service';
import { addCanned, editCanned, listCanned, removeCanned } from './canned';
import { canned, department, workers, written } from './contract';
import { listDepartments, setDuty } from './departments';

const done = z.object({ done: z.literal(true) });
const numbered = z.object({ id: z.coerce.number().int().positive().max(2_147_483_647) });
const title = written(1, 30, '请写名称');
const body = written(1, 1000, '请写内容');

/** What serves all questions: canned answers, who is there. */
export const sharedRoutes = [
  route({
    method: 'get',
    path: '/departments',
    summary: '部门答疑：可以派给或转给的部门，和看得到的部门里的人员',
    role: workers,
    output: z.object({ items: z.array(department) }),
    handler: async ({ caller }, deps) => ({ items: await listDepartments(caller, deps) }),
  }),
  route({
    method: 'post',
    path: '/duty',
    summary: '部门答疑：在岗或离岗',
    role: workers,
    body: z.object({ onDuty: z.boolean() }),
    output: done,
    handler: async ({ caller, body }, deps) => {
      await setDuty(caller, body.onDuty, deps);
      return { done: true as const };
    },
  }),
  route({
    method: 'get',
    path: '/canned',
    summary: '常用语：本部门和上下级部门的，用得多的在前',
    role: workers,
    query: z.object({ search: z.string().trim().max(50).default('') }),
    output: z.object({ items: z.array(canned) }),
    handler: async ({ caller, query }, deps) => ({ items: await listCanned(caller, query.search, deps) }),
  }),
  route({
    method: 'post',
    path: '/canned',
    summary: '加一条常用语；{{citizenName}} {{number}} {{organisation}} {{staffName}} 在用时换掉',
    role: workers,
    body: z.object({
      title,
      body,
      organisationId: z.number().int().positive().max(2_147_483_647).optional().describe('不写：自己的部门'),
    }),
    output: z.object({ id: z.number() }),
    status: 201,
    handler: (call, deps) => addCanned(call.body, call, deps),
  }),
  route({
    method: 'patch',
    path: '/canned/:id',
    summary: '改一条常用语',
    role: workers,
    params: numbered,
    body: z.object({ title: title.optional(), body: body.optional() }),
    output: done,
    handler: async (call, deps) => {
      await editCanned(call.params.id, call.body, call, deps);
      return { done: true as const };
    },
  }),
  route({
    method: 'delete',
    path: '/canned/:id',
    summary: '删除一条常用语',
    role: workers,
    params: numbered,
    output: done,
    handler: async (call, deps) => {
      await removeCanned(call.params.id, call, deps);
      return { done: true as const };
    },
  }),
];
