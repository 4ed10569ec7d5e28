import { z } from 'zod';
import { noticeTemplate } from '../delivery/notice-templates';
import { notFound } from '../platform/errors';
import { visibleAccount, visibleDisabled } from './account-access';
import { about, admin, appid, originalId, params, refuseTaken, title } from './account-fields';
import { done, route } from './contract';
import { trace } from './trace';

const noticeTemplates = z.record(
  z.string().regex(/^[a-z0-9]+([.-][a-z0-9]+)*$/, '应为通知的种类，如 lost.found'),
  noticeTemplate.refine(({ subscribe, template }) => subscribe || template, '应有 subscribe 或 template'),
);

/** What an account is called and set to, and whether it is in use; its credentials are rotated instead. */
export const accountChangeRoutes = [
  route({
    method: 'patch',
    path: '/accounts/:key',
    summary: '改名称、AppID、原始 ID 和设置；没有给出的不变',
    role: 'admin',
    params,
    body: z
      .strictObject({
        title: title.optional(),
        appid: appid.optional(),
        originalId: originalId.optional(),
        freshnessSeconds: z.number().int().min(30).max(86_400).nullable().optional(),
        noticeTemplates: noticeTemplates.optional(),
      })
      .refine((fresh) => Object.values(fresh).some((one) => one !== undefined), '至少要改一项'),
    output: done,
    handler: async (call, deps) => {
      const account = await visibleAccount(call.params.key, call.caller, admin, deps);
      const { freshnessSeconds, noticeTemplates, ...fresh } = call.body;
      await refuseTaken(() =>
        deps.db.transaction(async (tx) => {
          await deps.accounts.edit(account.id, { ...fresh, settings: { freshnessSeconds, noticeTemplates } }, tx);
          await trace(tx, call, { ...about(account), action: 'account.edit', detail: call.body }, deps);
        }),
      );
      await deps.accounts.reload();
      return { done: true as const };
    },
  }),
  route({
    method: 'get',
    path: '/notice-kinds',
    summary: '服务会发哪几种通知，每种有哪些栏目：微信模板的字段从中填',
    role: 'admin',
    output: z.object({
      items: z.array(
        z.object({ kind: z.string(), service: z.string(), title: z.string(), fields: z.array(z.string()) }),
      ),
    }),
    handler: (_call, { noticeKinds }) => ({
      items: noticeKinds.map(({ fields, ...one }) => ({ ...one, fields: [...fields] })),
    }),
  }),
  route({
    method: 'post',
    path: '/accounts/:key/disable',
    summary: '停用：它的回调从此是未知公众号的；数据都留着',
    role: 'admin',
    params,
    output: done,
    handler: async (call, deps) => {
      const account = await visibleAccount(call.params.key, call.caller, admin, deps);
      await deps.db.transaction(async (tx) => {
        await deps.accounts.disable(account.id, tx);
        await trace(tx, call, { ...about(account), action: 'account.disable' }, deps);
      });
      await deps.accounts.reload();
      return { done: true as const };
    },
  }),
  route({
    method: 'post',
    path: '/accounts/:key/enable',
    summary: '重新启用',
    role: 'admin',
    params,
    output: done,
    handler: async (call, deps) => {
      const account = (await visibleDisabled(call.caller, admin, deps)).find(({ key }) => key === call.params.key);
      if (!account) throw notFound(`停用的公众号 ${call.params.key}`);
      await deps.db.transaction(async (tx) => {
        await deps.accounts.enable(account.id, tx);
        await trace(tx, call, { ...about(account), action: 'account.enable' }, deps);
      });
      await deps.accounts.reload();
      return { done: true as const };
    },
  }),
];
