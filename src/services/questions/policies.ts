import { z } from 'zod';
import type { Queryable } from '../../platform/database';
import type { Settings } from '../../platform/settings';

/** How hard a matter is; each has its own time to be resolved. */
export const grades = ['simple', 'ordinary', 'complex'] as const;
export type Grade = (typeof grades)[number];
export const gradeTitles: Record<Grade, string> = { simple: '简单', ordinary: '一般', complex: '复杂' };

export const policiesKey = 'questions.policies';

const days = (least: number, most: number) => z.number().int().min(least).max(most);

/** What a city has decided about its questions. Days are working days unless said. */
export const policiesContract = z.strictObject({
  firstReplyMinutes: z.number().int().min(1).max(10_000).describe('首次答复时限，工作分钟，自派单起'),
  resolveDays: z
    .strictObject({ simple: days(0, 120), ordinary: days(0, 120), complex: days(0, 120) })
    .describe('办结时限，工作日，按简单、一般、复杂；0 表示当日'),
  warnPercent: z.number().int().min(1).max(99).describe('首次答复时限用去百分之几时提醒'),
  warnDays: days(0, 30).describe('办结期限前几个工作日提醒；0 表示不提醒'),
  chaseDays: days(1, 30).describe('超期后第几个工作日催办'),
  escalateDays: days(1, 60).describe('催办后再过几个工作日督办'),
  closeDays: days(1, 90).describe('答复后市民几天没有再说话就自动关闭，自然日'),
});
export type Policies = z.infer<typeof policiesContract>;

/** What 12345 hotlines commonly promise; every city has its own. */
export const defaultPolicies: Policies = {
  firstReplyMinutes: 4 * 60,
  resolveDays: { simple: 1, ordinary: 3, complex: 13 },
  warnPercent: 80,
  warnDays: 1,
  chaseDays: 1,
  escalateDays: 5,
  closeDays: 7,
};

/** As this process knows them. One of an earlier release may lack what has come since. */
export const policiesOf = (settings: Settings): Policies => complete(settings.get(policiesKey, {}));

/** As committed, for what is stored: another process may have changed them a moment ago. */
export async function readPolicies(on: Queryable): Promise<Policies> {
  const [row] = await on.query<{ value: Partial<Policies> }>('SELECT value FROM settings WHERE key = $1', [
    policiesKey,
  ]);
  return complete(row?.value ?? {});
}

const complete = (stored: Partial<Policies>): Policies => ({ ...defaultPolicies, ...stored });
