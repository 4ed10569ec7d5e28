import { z } from 'zod';
import { documentContract } from '../../people/identity/documents';
import { shanghai } from '../../platform/clock';
import { factorForm, normalFactor, normalNumber, numberForm } from './case';
import { type Kind, kinds } from './kinds';
import { mostSteps, type Reported } from './store';

/** A step of a case as an office hands it over, whichever way it comes. */
export const reportContract = z.strictObject({
  number: z
    .string()
    .max(64)
    .transform(normalNumber)
    .refine((text) => numberForm.test(text), '应为 6 到 32 位字母、数字或汉字')
    .describe('办件编号'),
  kind: z
    .string()
    .refine((key) => kinds.has(key), `应为办件类型之一：${[...kinds.keys()].join('、')}`)
    .describe('办件类型'),
  state: z.string().min(1).max(40).describe('走到哪一步，是这个类型的状态之一'),
  at: z.iso.datetime({ offset: true, error: '应为时间，如 2026-03-01T09:30:00+08:00' }).describe('什么时候走到的'),
  note: z.string().trim().max(200).optional().describe('给申请人看的说明'),
  document: documentContract.optional().describe('申请人的证件：只存散列'),
  code: z
    .string()
    .transform(normalFactor)
    .refine((text) => factorForm.test(text), '应为 4 到 12 位字母或数字')
    .optional()
    .describe('回执上的查询码：只存散列'),
  dueAt: z.iso
    .datetime({ offset: true, error: '应为时间，如 2026-03-10T17:00:00+08:00' })
    .optional()
    .describe('单位另行承诺的期限'),
  place: z.string().trim().max(100).optional().describe('到哪里办、到哪里取'),
});

/** What was expected, by field. */
export type Faults = Record<string, string>;

/** What a program writes for no date at all is long before, and a slip of the pen long after. */
const earliest = new Date('1990-01-01T00:00:00+08:00');
const dayMillis = 24 * 3600_000;
/** Clocks of back offices run a little ahead, days do not. */
const aheadMillis = dayMillis;
const promisedAheadMillis = 10 * 366 * dayMillis;

/** What a row means, or what is wrong with it: whoever sends many learns of every one. */
export function checkReport(row: unknown, now: Date): { reported: Reported } | { faults: Faults } {
  const { data, error } = reportContract.safeParse(row, { error: inChinese });
  const faults: Faults = {};
  for (const issue of error?.issues ?? []) faults[issue.path.join('.')] ??= issue.message;
  const { kind, state } = (row ?? {}) as { kind?: string; state?: string };
  const known = typeof kind === 'string' ? kinds.get(kind) : undefined;
  if (known && typeof state === 'string' && !Object.hasOwn(known.states, state))
    faults.state ??= `应为「${known.title}」的状态之一：${Object.keys(known.states).join('、')}`;
  if (!data) return { faults };
  const { at, dueAt, ...rest } = data;
  const reported: Reported = { ...rest, at: new Date(at), ...(dueAt && { dueAt: new Date(dueAt) }) };
  const wrongly = {
    at: outside(reported.at, now, aheadMillis),
    dueAt: reported.dueAt && outside(reported.dueAt, now, promisedAheadMillis),
  };
  for (const [field, message] of Object.entries(wrongly)) if (message) faults[field] = message;
  return Object.keys(faults).length > 0 ? { faults } : { reported };
}

/** What was expected of a time that is none of a case's, or undefined for one that may be. */
export function outside(at: Date, now: Date, aheadMillis: number): string | undefined {
  const last = new Date(now.getTime() + aheadMillis);
  return at >= earliest && at <= last ? undefined : `应在 ${shanghai(earliest)} 和 ${shanghai(last)} 之间`;
}

export const otherKind = ({ title }: Pick<Kind, 'title'>): Faults => ({
  kind: `这个编号已经是别的类型的办件，不能改为「${title}」`,
});

export const full: Faults = { number: `这件已经有 ${mostSteps} 步，不能再多；已有的一步可以改它的说明` };

function inChinese(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type') return issue.input === undefined ? '必填' : '应为文字';
  if (issue.code === 'unrecognized_keys') return `没有这些字段：${issue.keys.join('、')}`;
  if (issue.code === 'too_big') return `最多 ${issue.maximum} 个字符`;
  if (issue.code === 'too_small') return '不能为空';
  if (issue.code === 'invalid_value') return `应为以下之一：${issue.values.join('、')}`;
  return undefined;
}
