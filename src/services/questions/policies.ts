import { z } from 'zod';
import type { Queryable } from '../../platform/database';

/** How hard a matter is; each has its own times. */
export const grades = ['simple', 'ordinary', 'complex'] as const;
export type Grade = (typeof grades)[number];
export const gradeTitles: Record<Grade, string> = { simple: '简单', ordinary: '一般', complex: '复杂' };

export const policiesKey = 'questions.policies';

const whole = (least: number, most: number) => z.number().int().min(least).max(most);
const perGrade = (one: z.ZodNumber) => z.strictObject({ simple: one, ordinary: one, complex: one });

/** What a city, or a department for itself, has decided about its questions. Days are working days unless said. */
export const policiesContract = z.strictObject({
  firstReplyMinutes: perGrade(whole(1, 10_000)).describe('首次答复时限，工作分钟，自派单起，按简单、一般、复杂'),
  resolveDays: perGrade(whole(0, 120)).describe('办结时限，工作日，按简单、一般、复杂；0 表示当日'),
  warnPercent: whole(1, 99).describe('首次答复时限用去百分之几时提醒'),
  warnDays: whole(0, 30).describe('办结期限前几个工作日提醒；0 表示不提醒'),
  chaseDays: whole(1, 30).describe('超期后第几个工作日催办'),
  escalateDays: whole(1, 60).describe('催办后再过几个工作日督办'),
  closeDays: whole(1, 90).describe('答复后市民几天没有再说话就自动关闭，自然日'),
});
export type Policies = z.infer<typeof policiesContract>;

/** What 12345 hotlines commonly promise; every city has its own. */
export const defaultPolicies: Policies = {
  firstReplyMinutes: { simple: 4 * 60, ordinary: 4 * 60, complex: 4 * 60 },
  resolveDays: { simple: 1, ordinary: 3, complex: 13 },
  warnPercent: 80,
  warnDays: 1,
  chaseDays: 1,
  escalateDays: 5,
  closeDays: 7,
};

/** The city's policies, and those of the departments that have their own, which hold for all below them that have none. */
export type PolicyBook = {
  city: Policies;
  own: { organisationId: number; path: string; title: string; policies: Policies }[];
};

/** The nearest at or above a department; the city's for what no department has yet. */
export function policiesFor({ city, own }: PolicyBook, path: string | null): Policies {
  if (path === null) return city;
  const above = own.filter((one) => path.startsWith(one.path));
  return above.reduce((near, one) => (one.path.length > near.path.length ? one : near), { path: '', policies: city })
    .policies;
}

/** As committed: another process may have changed them a moment ago. One of an earlier release may lack what has come since. */
export async function readPolicies(on: Queryable): Promise<PolicyBook> {
  const [row] = await on.query<{ value: Partial<Policies> }>('SELECT value FROM settings WHERE key = $1', [
    policiesKey,
  ]);
  const city = { ...defaultPolicies, ...row?.value };
  const own = await on.query<PolicyBook['own'][number]>(
    `SELECT p.organisation_id AS "organisationId", o.path, o.title, p.policies
       FROM question_policies p JOIN organisations o ON o.id = p.organisation_id ORDER BY o.path`,
  );
  return { city, own: own.map((one) => ({ ...one, policies: { ...city, ...one.policies } })) };
}
