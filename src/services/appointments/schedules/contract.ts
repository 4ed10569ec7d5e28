import { z } from 'zod';
import { policyContract } from '../policy';

export const resourceKinds = ['doctor', 'clinic', 'counter'] as const;
export const pools = ['online', 'counter'] as const;

const number = z.coerce.number().int().positive().max(2_147_483_647);
export const ofResource = z.object({ resource: number });
export const day = z.iso.date('应为日期，如 2026-03-01');
export const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, '应为时间，如 08:30');
export const slotIds = z
  .array(z.string().regex(/^\d{1,18}$/, '编号有误'))
  .min(1, '请选择时段')
  .max(300, '一次最多 300 个时段');
export const reason = z.string().trim().min(2, '请写明原因，至少 2 个字').max(100, '最多 100 个字');
export const pool = z.enum(pools, '应为网上或窗口');
export const minutes = z.number('应为分钟数').int('应为整数').min(1, '至少 1 分钟').max(480, '最多 480 分钟');
export const capacity = z.number('应为人数').int('应为整数').min(1, '至少 1 人').max(10_000, '最多 10000 人');
export const weekday = z.number().int().min(1).max(7);

export const policy = policyContract.partial();

export const resourceFields = {
  kind: z.enum(resourceKinds, '应为医生、门诊或窗口'),
  title: z.string().trim().min(1, '请输入名称').max(40, '最多 40 个字'),
  subtitle: z.string().trim().max(60, '最多 60 个字'),
  note: z.string().trim().max(300, '最多 300 个字'),
  place: z.string().trim().max(60, '最多 60 个字'),
  position: z.number().int().min(0).max(100_000),
};

export const ruleContract = z
  .strictObject({
    weekdays: z.array(weekday).min(1, '请选择星期').max(7),
    shift: z.string().trim().max(10, '最多 10 个字').default(''),
    from: clockTime,
    to: clockTime,
    minutes,
    capacity,
    pool: pool.default('online'),
    onHolidays: z.boolean().default(false),
    validFrom: day,
    validTo: day.nullable().default(null),
  })
  .check(({ value, issues }) => {
    const refuse = (field: string, message: string) =>
      issues.push({ code: 'custom', input: value, path: [field], message });
    // What is no time has been told.
    if (![value.from, value.to].every((time) => clockTime.safeParse(time).success)) return;
    if (value.to <= value.from) refuse('to', '应晚于开始的时间');
    else if (minutesBetween(value.from, value.to) < value.minutes) refuse('minutes', '这段时间里一个号都排不下');
    if (value.validTo !== null && value.validTo < value.validFrom) refuse('validTo', '不应早于生效的日期');
  });
export type RuleInput = z.output<typeof ruleContract>;

export const rulesContract = z
  .array(ruleContract)
  .max(60, '最多 60 条')
  .check(({ value, issues }) => {
    value.forEach((rule, index) => {
      const earlier = value.slice(0, index).findIndex((other) => overlap(rule, other));
      if (earlier >= 0)
        issues.push({
          code: 'custom',
          input: value,
          path: [index, 'from'],
          message: `与第 ${earlier + 1} 条时间重叠`,
        });
    });
  });

export const changesContract = z.object({
  added: z.number().describe('新生成的时段'),
  changed: z.number().describe('改了人数或放号时间的时段'),
  removed: z.number().describe('撤掉的空时段'),
  kept: z.number().describe('规则里已经没有、但有人约了的号：保留，不再给别人约'),
});

const minutesOf = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
const minutesBetween = (from: string, to: string) => minutesOf(to) - minutesOf(from);

/** Whether two rules of one resource may ever make slots of one pool at the same time. */
function overlap(one: RuleInput, other: RuleInput): boolean {
  return (
    one.pool === other.pool &&
    one.weekdays.some((weekday) => other.weekdays.includes(weekday)) &&
    one.from < other.to &&
    other.from < one.to &&
    one.validFrom <= (other.validTo ?? '9999') &&
    other.validFrom <= (one.validTo ?? '9999')
  );
}
