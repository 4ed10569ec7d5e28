import { z } from 'zod';
import { visibleAccount } from './account-access';
import { accountKey, done, route } from './contract';
import { trace } from './trace';

const readers = ['operator', 'reviewer', 'supervisor', 'admin'] as const;

const leaf = z.object({
  name: z.string(),
  type: z.string().optional().describe('click、view 等，见微信自定义菜单'),
  value: z.string().optional().describe('click 的 key、view 的地址'),
  opens: z.string().optional().describe('key 打开的服务或文字叫什么'),
});
const button = leaf.extend({ children: z.array(leaf) });

export const menuRoutes = [
  route({
    method: 'get',
    path: '/menu',
    summary: '公众号的菜单：计划的，与微信上正在显示的',
    role: readers,
    query: z.object({ account: accountKey }),
    output: z.object({
      planned: z.array(button),
      published: z.array(button).nullable().describe('微信上没有菜单，或没能取到时为空'),
      problem: z.string().nullable().describe('没能从微信取到菜单的原因'),
    }),
    handler: async ({ query, caller }, deps) => {
      const account = await visibleAccount(query.account, caller, readers, deps);
      const planned = await deps.menus.planned(account.id);
      try {
        return { planned, published: await deps.menus.published(account.id), problem: null };
      } catch (error) {
        deps.log.warn({ error: (error as Error).message, account: account.key }, 'menu could not be read');
        return { planned, published: null, problem: '暂时没能从微信取到菜单，请稍后刷新' };
      }
    },
  }),
  route({
    method: 'post',
    path: '/menu/publish',
    summary: '把计划的菜单放到微信上，手机约 5 分钟内更新',
    role: 'operator',
    body: z.strictObject({ account: accountKey }),
    output: done,
    handler: async (call, deps) => {
      const account = await visibleAccount(call.body.account, call.caller, ['operator'], deps);
      const menu = await deps.menus.planned(account.id);
      await deps.db.transaction(async (tx) => {
        await trace(
          tx,
          call,
          {
            organisationId: account.organisationId,
            action: 'menu.publish',
            subject: `account:${account.key}`,
            detail: { menu },
          },
          deps,
        );
        // Last, since it cannot be taken back: what the platform refuses leaves no trace of having been done.
        await deps.menus.publish(account.id);
      });
      return { done: true as const };
    },
  }),
];
