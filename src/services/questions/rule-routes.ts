import { z } from 'zod';
import { staffRoute as route } from '../../dialogue/service';
import { dispatchers, rule } from './contract';
import { moveRule } from './rule-order';
import { accountsToRule, addRule, editRule, listRules, removeRule } from './rules';

const done = z.object({ done: z.literal(true) });
const id = z.coerce.number().int().positive().max(2_147_483_647);
const numbered = z.object({ id });
const words = z.object({
  account: z.string().max(32).nullable().default(null),
  word: z.string().trim().min(1).max(50).nullable().default(null),
  region: z.string().trim().min(2).max(50).nullable().default(null),
  organisationId: z.number().int().positive().max(2_147_483_647),
});

/** Where questions go by themselves. */
export const ruleRoutes = [
  route({
    method: 'get',
    path: '/rules',
    summary: '自动派单的规则，按先后',
    role: dispatchers,
    output: z.object({
      items: z.array(rule),
      accounts: z.array(z.object({ key: z.string(), title: z.string() })).describe('能为哪些公众号定规则'),
    }),
    handler: async ({ caller }, deps) => ({
      items: await listRules(caller, deps),
      accounts: await accountsToRule(caller, deps),
    }),
  }),
  route({
    method: 'post',
    path: '/rules',
    summary: '加一条自动派单的规则',
    role: dispatchers,
    body: words.extend({ position: z.number().int().min(0).max(100_000).default(100) }),
    output: z.object({ id: z.number() }),
    status: 201,
    handler: (call, deps) => addRule(call.body, call, deps),
  }),
  route({
    method: 'put',
    path: '/rules/:id',
    summary: '改一条自动派单的规则，先后不变',
    role: dispatchers,
    params: numbered,
    body: words,
    output: done,
    handler: async (call, deps) => {
      await editRule(call.params.id, call.body, call, deps);
      return { done: true as const };
    },
  }),
  route({
    method: 'post',
    path: '/rules/:id/move',
    summary: '把一条规则放到另一条前面，或放到最后',
    role: dispatchers,
    params: numbered,
    body: z.object({ before: id.nullable().describe('空：最后') }),
    output: done,
    handler: async (call, deps) => {
      await moveRule(call.params.id, call.body.before, call, deps);
      return { done: true as const };
    },
  }),
  route({
    method: 'delete',
    path: '/rules/:id',
    summary: '删除一条自动派单的规则',
    role: dispatchers,
    params: numbered,
    output: done,
    handler: async (call, deps) => {
      await removeRule(call.params.id, call, deps);
      return { done: true as const };
    },
  }),
];
