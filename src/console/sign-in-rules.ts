import { z } from 'zod';
import type { Settings } from '../platform/settings';

const minutes = (most: number) => z.number().int('应为整数').min(1, '至少 1 分钟').max(most, `最多 ${most} 分钟`);

/** How people get in, for the whole installation: what those in charge of safety decide. */
export const signInRules = z.strictObject({
  secondFactor: z
    .enum(['off', 'required', 'everyone'])
    .describe('required：能看到个人信息的角色必须设置动态口令；everyone：所有人员都必须'),
  lockAfterFailures: z.number().int().min(3, '至少 3 次').max(50, '最多 50 次').describe('同一用户名错几次就锁定'),
  lockAddressAfterFailures: z
    .number()
    .int()
    .min(10, '至少 10 次')
    .max(10_000, '最多 10000 次')
    .describe('同一网络地址错几次就锁定；一个单位的人可能共用一个地址'),
  lockWindowMinutes: minutes(1440).describe('多少分钟内的次数算在一起'),
  lockMinutes: minutes(1440).describe('锁定多少分钟'),
});
export type SignInRules = z.infer<typeof signInRules>;

export const signInRuleDefaults: SignInRules = {
  secondFactor: 'off',
  lockAfterFailures: 10,
  lockAddressAfterFailures: 60,
  lockWindowMinutes: 15,
  lockMinutes: 15,
};

/** Where each stands in the table of settings. */
export const signInRuleKeys: Record<keyof SignInRules, string> = {
  secondFactor: 'console.second-factor',
  lockAfterFailures: 'console.lock-after-failures',
  lockAddressAfterFailures: 'console.lock-address-after-failures',
  lockWindowMinutes: 'console.lock-window-minutes',
  lockMinutes: 'console.lock-minutes',
};

/** As they are now; what was written by hand and does not fit counts as not written. */
export function readSignInRules(get: (key: string) => unknown): SignInRules {
  const rules: Record<string, unknown> = {};
  for (const [name, key] of Object.entries(signInRuleKeys) as [keyof SignInRules, string][]) {
    const stored = signInRules.shape[name].safeParse(get(key));
    rules[name] = stored.success ? stored.data : signInRuleDefaults[name];
  }
  return rules as SignInRules;
}

export function signInRulesOf(settings: Pick<Settings, 'get'>) {
  const rules = readSignInRules((key) => settings.get<unknown>(key, undefined));
  return {
    ...rules,
    windowMillis: rules.lockWindowMinutes * 60_000,
    lockMillis: rules.lockMinutes * 60_000,
  };
}
