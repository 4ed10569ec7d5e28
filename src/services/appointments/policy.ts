import { z } from 'zod';
import type { ServiceDeps } from '../../dialogue/service';

export const policyKey = 'appointments.policy';

const count = (most: number) => z.number().int().min(0).max(most);
const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, '应为时间，如 07:00');

/** What is allowed, for one resource or for all; a city sets its own, and what it leaves out is the default. */
export const policyContract = z.strictObject({
  horizonDays: count(90).min(1).describe('提前几天放号'),
  releaseTime: time.describe('放号的时间'),
  holdMinutes: count(30).min(1).describe('选好之后保留几分钟'),
  cancelUntil: z
    .strictObject({ daysBefore: count(30), time })
    .nullable()
    .describe('最晚何时取消：提前几天的几点；空则以开始前的分钟数为准'),
  cancelMinutesBefore: count(10_080).describe('没有规定日期时，最晚提前多少分钟取消'),
  perWeek: count(100).min(1).describe('每人每周在一个部门最多几次'),
  perMonth: count(100).min(1).describe('每人每月在一个部门最多几次'),
  personsPerPhone: count(20).min(1).describe('一个手机号每天在一个部门最多为几个人预约'),
  noShows: z
    .strictObject({ times: count(20).min(1), withinDays: count(730).min(1), banDays: count(730).min(1) })
    .describe('几天内爽约几次，暂停预约几天'),
  returnAfterMinutes: z
    .strictObject({ least: count(240), most: count(240) })
    .refine(({ least, most }) => most >= least, '最多不应小于最少')
    .describe('取消的号隔多久再放出（随机）'),
  offerMinutes: count(240).min(1).describe('候补的号为一个人保留几分钟'),
  passedBehind: count(50).describe('过号的人重新排队，排在几个人后面'),
});
export type Policy = z.infer<typeof policyContract>;

export const defaultPolicy: Policy = {
  horizonDays: 14,
  releaseTime: '07:00',
  holdMinutes: 5,
  cancelUntil: null,
  cancelMinutesBefore: 30,
  perWeek: 2,
  perMonth: 6,
  personsPerPhone: 2,
  noShows: { times: 3, withinDays: 90, banDays: 180 },
  returnAfterMinutes: { least: 1, most: 20 },
  offerMinutes: 15,
  passedBehind: 3,
};

/** The policy of a resource: its own where it says something, else the city's, else the default. */
export const policyOf = (own: Partial<Policy>, { settings }: Pick<ServiceDeps, 'settings'>): Policy => ({
  ...defaultPolicy,
  ...settings.get<Partial<Policy>>(policyKey, {}),
  ...own,
});
