import { z } from 'zod';
import type { Account } from '../people/accounts';
import { mustBeInUse } from '../people/organisation-changes';
import { organisationByKey } from '../people/organisations';
import { scopeOf } from '../people/staff';
import { UserError } from '../platform/errors';
import { visibleAccount, visibleAccounts, visibleDisabled } from './account-access';
import {
  about,
  admin,
  aesKey,
  appid,
  mode,
  originalId,
  params,
  refuseTaken,
  secret,
  title,
  token,
} from './account-fields';
import { accountKey, done, route, time } from './contract';
import type { ConsoleDeps } from './deps';
import { trace } from './trace';

const readers = ['admin', 'operator', 'reviewer', 'supervisor', 'auditor'] as const;

const summary = z.object({
  key: z.string(),
  title: z.string(),
  organisation: z.string(),
  appid: z.string(),
  originalId: z.string(),
  mode,
  callbackUrl: z.string().describe('填入微信公众平台「服务器地址 (URL)」'),
  rotating: z.boolean().describe('旧的令牌或密钥此刻仍被接受'),
  fault: z.string().nullable().describe('为什么此刻不能调用微信，要由管理员处理'),
  freshnessSeconds: z.number().nullable().describe('回调的时间戳最多相差几秒；空为不检查'),
  noticeTemplates: z.record(z.string(), z.unknown()).describe('每种通知用哪个微信模板'),
});
export const accountRoutes = [
  route({
    method: 'get',
    path: '/accounts',
    summary: '我能看到的公众号',
    role: readers,
    output: z.object({
      accounts: z.array(summary),
      disabled: z.array(z.object({ key: z.string(), title: z.string(), at: time })).describe('已停用的'),
    }),
    handler: async ({ caller }, deps) => ({
      accounts: await describeAll(await visibleAccounts(caller, readers, deps), deps),
      disabled: (await visibleDisabled(caller, readers, deps)).map(({ key, title, disabledAt }) => ({
        key,
        title,
        at: disabledAt.toISOString(),
      })),
    }),
  }),
  route({
    method: 'get',
    path: '/accounts/:key',
    summary: '一个公众号',
    role: readers,
    params,
    output: summary,
    handler: async ({ params, caller }, deps) =>
      (await describeAll([await visibleAccount(params.key, caller, readers, deps)], deps))[0]!,
  }),
  route({
    method: 'post',
    path: '/accounts',
    summary: '添加公众号',
    role: 'admin',
    body: z.strictObject({
      key: accountKey,
      title,
      organisation: z.string().min(1).describe('所属组织的 key'),
      appid,
      originalId,
      mode,
      secret,
      token,
      aesKey,
    }),
    output: done,
    status: 201,
    handler: async (call, deps) => {
      const { organisation: organisationKey, ...fresh } = call.body;
      const organisation = await organisationByKey(deps.db, organisationKey);
      if (!organisation || !scopeOf(call.caller, admin).some((path) => organisation.path.startsWith(path)))
        throw new UserError(422, 'invalid-input', '找不到所属组织', { organisation: '应为您管理范围内的组织' });
      mustBeInUse(organisation);
      const { key, title, appid, mode } = fresh;
      const added = { key, organisationId: organisation.id };
      await refuseTaken(() =>
        deps.db.transaction(async (tx) => {
          await deps.accounts.add({ ...fresh, organisationId: organisation.id }, tx);
          await trace(tx, call, { ...about(added), action: 'account.add', detail: { title, appid, mode } }, deps);
        }),
      );
      await deps.accounts.reload();
      return { done: true as const };
    },
  }),
  route({
    method: 'post',
    path: '/accounts/:key/rotate',
    summary: '更换令牌、密钥或模式；旧的令牌和密钥在结束轮换前仍被接受',
    role: 'admin',
    params,
    body: z
      .strictObject({
        token: token.optional(),
        aesKey: aesKey.optional(),
        secret: secret.optional(),
        mode: mode.optional(),
      })
      .refine((fresh) => Object.values(fresh).some((one) => one !== undefined), '至少要更换一项'),
    output: done,
    handler: async (call, deps) => {
      const account = await visibleAccount(call.params.key, call.caller, admin, deps);
      const replaced = Object.keys(call.body).filter((name) => call.body[name as keyof typeof call.body] !== undefined);
      await deps.db.transaction(async (tx) => {
        await deps.accounts.rotate(account.id, call.body, tx);
        await trace(tx, call, { ...about(account), action: 'account.rotate', detail: { replaced } }, deps);
      });
      await deps.accounts.reload();
      return { done: true as const };
    },
  }),
  route({
    method: 'post',
    path: '/accounts/:key/end-rotation',
    summary: '结束轮换：不再接受旧的令牌和密钥',
    role: 'admin',
    params,
    output: done,
    handler: async (call, deps) => {
      const account = await visibleAccount(call.params.key, call.caller, admin, deps);
      await deps.db.transaction(async (tx) => {
        await deps.accounts.endRotation(account.id, tx);
        await trace(tx, call, { ...about(account), action: 'account.end-rotation' }, deps);
      });
      await deps.accounts.reload();
      return { done: true as const };
    },
  }),
  route({
    method: 'post',
    path: '/accounts/:key/test',
    summary: '用已存的 AppID 和 AppSecret 试连微信',
    role: 'admin',
    params,
    output: z.object({ steps: z.array(z.object({ title: z.string(), ok: z.boolean(), message: z.string() })) }),
    handler: async (call, deps) => {
      const account = await visibleAccount(call.params.key, call.caller, admin, deps);
      const result = await deps.wechat.testAccount(account.id);
      await deps.db.transaction((tx) =>
        trace(
          tx,
          call,
          { ...about(account), action: 'account.test', detail: { ok: result.steps.every(({ ok }) => ok) } },
          deps,
        ),
      );
      return result;
    },
  }),
];

async function describeAll(accounts: Account[], { db, config }: ConsoleDeps): Promise<z.input<typeof summary>[]> {
  const rows = await db.query<{ id: number; organisation: string; fault: string | null }>(
    `SELECT a.id, o.title AS organisation,
            nullif(concat_ws('；', f.message, (SELECT string_agg(n.message, '；') FROM account_notices n WHERE n.account_id = a.id)), '') AS fault
       FROM accounts a JOIN organisations o ON o.id = a.organisation_id LEFT JOIN account_faults f ON f.account_id = a.id
      WHERE a.id = ANY ($1)`,
    [accounts.map(({ id }) => id)],
  );
  const found = new Map(rows.map((row) => [row.id, row]));
  return accounts.map(({ id, key, title, appid, originalId, mode, tokens, aesKeys, settings }) => ({
    key,
    title,
    organisation: found.get(id)?.organisation ?? '',
    appid,
    originalId,
    mode,
    callbackUrl: `${config.publicUrl}/wechat/${key}`,
    rotating: tokens.length > 1 || aesKeys.length > 1,
    fault: found.get(id)?.fault ?? null,
    freshnessSeconds: settings.freshnessSeconds ?? null,
    noticeTemplates: settings.noticeTemplates ?? {},
  }));
}
