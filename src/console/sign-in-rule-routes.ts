import { rootKey } from '../people/organisations';
import type { Queryable } from '../platform/database';
import { done, route } from './contract';
import { readSignInRules, signInRuleKeys, signInRules } from './sign-in-rules';
import { managers, mustBeInCharge } from './staff-access';
import { trace } from './trace';

export const signInRuleRoutes = [
  route({
    method: 'get',
    path: '/sign-in-rules',
    summary: '登录安全：动态口令是否必须，错几次锁定多久',
    role: [...managers, 'auditor'],
    output: signInRules,
    handler: (_, { db }) => stored(db),
  }),
  route({
    method: 'put',
    path: '/sign-in-rules',
    summary: '改登录安全，立即生效；由全市的安全管理员办理，没有设的由全市的系统管理员',
    role: managers,
    body: signInRules,
    output: done,
    handler: async (call, deps) => {
      await deps.db.transaction(async (tx) => {
        await mustBeInCharge(tx, call.caller, 'safety', await rootPath(tx));
        const before = await stored(tx);
        for (const [name, key] of Object.entries(signInRuleKeys) as [keyof typeof before, string][])
          if (before[name] !== call.body[name]) await deps.settings.set(key, call.body[name], tx);
        const detail = { before, after: call.body };
        await trace(tx, call, { action: 'sign-in-rules.change', subject: 'sign-in-rules', detail }, deps);
      });
      return { done: true as const };
    },
  }),
];

/** As committed: another process may have changed them a moment ago. */
async function stored(on: Queryable) {
  const rows = await on.query<{ key: string; value: unknown }>('SELECT key, value FROM settings WHERE key = ANY ($1)', [
    Object.values(signInRuleKeys),
  ]);
  const values = new Map(rows.map(({ key, value }) => [key, value]));
  return readSignInRules((key) => values.get(key));
}

async function rootPath(on: Queryable): Promise<string> {
  const [root] = await on.query<{ path: string }>('SELECT path FROM organisations WHERE key = $1', [rootKey]);
  return root!.path;
}
