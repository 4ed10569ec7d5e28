import { z } from 'zod';
import { everyAccount } from '../delivery/texts';
import { type AutoReplyRule, matches, type StoredRule } from '../dialogue/auto-reply-rules';
import type { Staff } from '../people/staff';
import { notFound } from '../platform/errors';
import { accountKey, done, route } from './contract';
import type { ConsoleDeps } from './deps';
import { placeOf } from './place';
import { trace } from './trace';

const readers = ['operator', 'reviewer', 'supervisor'] as const;
const operator = ['operator'] as const;

const account = accountKey.optional().describe('公众号的 key；不填表示所有公众号');
const params = z.object({ id: z.coerce.number().int().positive().max(2_147_483_647) });
const rule = {
  match: z.enum(matches).describe('word 整句就是它、contains 句子里有它、regex 正则表达式（RE2 语法）'),
  pattern: z.string().min(1, '请填写市民说的话').max(200, '市民说的话最多 200 个字'),
  urgent: z.boolean().default(false).describe('办理途中也先答，只给人命关天的用'),
  textKey: z.string().min(1).max(120).nullable().default(null).describe('用哪段文字回复；与 body 取一'),
  body: z.string().max(2048).nullable().default(null).describe('自己写的回复'),
};

export const autoReplyRoutes = [
  route({
    method: 'get',
    path: '/auto-replies',
    summary: '关键词自动回复，按比对的先后',
    role: readers,
    query: z.object({ account }),
    output: z.object({
      rules: z.array(z.object({ ...rule, id: z.number(), text: z.string().describe('市民看到的，变量未填') })),
    }),
    handler: async ({ query, caller }, deps) => {
      const accountId = await placeOf(query.account, caller, readers, deps);
      const rules = (await deps.autoReplies.rules.list(deps.db)).filter((one) => one.accountId === accountId);
      return { rules: rules.map((one) => ({ ...one, text: one.body ?? deps.texts.raw(one.textKey!, accountId) })) };
    },
  }),
  route({
    method: 'post',
    path: '/auto-replies',
    summary: '添加一条，5 秒内在所有进程生效',
    role: operator,
    body: z.strictObject({ account, ...rule }),
    output: z.object({ id: z.number() }),
    status: 201,
    handler: async (call, deps) => {
      const { account: key, ...fresh } = call.body;
      const accountId = await placeOf(key, call.caller, operator, deps, 'change');
      const id = await deps.db.transaction(async (tx) => {
        const added = await deps.autoReplies.rules.add(accountId, fresh, tx);
        const detail = { account: key ?? null, ...fresh };
        await trace(tx, call, { action: 'auto-reply.add', subject: `auto-reply:${added}`, detail }, deps);
        return added;
      });
      await deps.autoReplies.reload();
      return { id };
    },
  }),
  route({
    method: 'put',
    path: '/auto-replies/:id',
    summary: '改一条',
    role: operator,
    params,
    body: z.strictObject(rule),
    output: done,
    handler: async (call, deps) => {
      const { id, before, accountKey } = await changeable(call.params.id, call.caller, deps);
      await deps.db.transaction(async (tx) => {
        await deps.autoReplies.rules.change(id, call.body, tx);
        const detail = { account: accountKey, ...call.body, before };
        await trace(tx, call, { action: 'auto-reply.change', subject: `auto-reply:${id}`, detail }, deps);
      });
      await deps.autoReplies.reload();
      return { done: true as const };
    },
  }),
  route({
    method: 'delete',
    path: '/auto-replies/:id',
    summary: '删一条',
    role: operator,
    params,
    output: done,
    handler: async (call, deps) => {
      const { id, before, accountKey } = await changeable(call.params.id, call.caller, deps);
      await deps.db.transaction(async (tx) => {
        await deps.autoReplies.rules.remove(id, tx);
        const detail = { account: accountKey, before };
        await trace(tx, call, { action: 'auto-reply.remove', subject: `auto-reply:${id}`, detail }, deps);
      });
      await deps.autoReplies.reload();
      return { done: true as const };
    },
  }),
];

/** A rule that the caller may change, as it stands. @throws UserError 404, also for one of an account outside their subtree */
async function changeable(
  id: number,
  staff: Staff,
  deps: ConsoleDeps,
): Promise<{ id: number; before: AutoReplyRule; accountKey: string | null }> {
  const found = (await deps.autoReplies.rules.list(deps.db)).find((one) => one.id === id);
  if (!found) throw notFound('这条自动回复');
  const key = found.accountId === everyAccount ? undefined : deps.accounts.byId(found.accountId)?.key;
  if (found.accountId !== everyAccount && key === undefined) throw notFound('这条自动回复');
  await placeOf(key, staff, operator, deps, 'change');
  return { id, before: ruleOf(found), accountKey: key ?? null };
}

const ruleOf = ({ match, pattern, urgent, textKey, body }: StoredRule): AutoReplyRule => ({
  match,
  pattern,
  urgent,
  textKey,
  body,
});
