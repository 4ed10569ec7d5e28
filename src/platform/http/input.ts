import { z } from 'zod';
import { UserError } from '../errors';

/**
 * Checks one part of a request.
 * @throws UserError 422 that names every field and what was expected there
 */
export function checkInput<T>(schema: z.ZodType<T> | undefined, value: unknown): T {
  if (!schema) return undefined as T;
  const result = schema.safeParse(value, { error: inChinese });
  if (result.success) return result.data;
  const fields: Record<string, string> = {};
  for (const issue of result.error.issues) fields[issue.path.join('.')] ??= issue.message;
  throw new UserError(422, 'invalid-input', '填写的内容不符合要求，请按提示修改', fields);
}

const kinds: Record<string, string> = {
  string: '文字',
  number: '数字',
  int: '整数',
  boolean: '是或否',
  array: '列表',
  object: '对象',
  date: '日期',
};

const chinese = z.locales.zhCN().localeError;

function inChinese(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type')
    return issue.input === undefined ? '必填' : `应为${kinds[issue.expected] ?? issue.expected}`;
  if (issue.code === 'unrecognized_keys') return `没有这些字段：${issue.keys.join('、')}`;
  if (issue.code === 'invalid_value') return `应为以下之一：${issue.values.join('、')}`;
  if (issue.code === 'too_small' && issue.origin === 'string')
    return Number(issue.minimum) <= 1 ? '不能为空' : `至少 ${issue.minimum} 个字符`;
  if (issue.code === 'too_big' && issue.origin === 'string') return `最多 ${issue.maximum} 个字符`;
  if (issue.code === 'too_small' && issue.origin === 'number') return `不能小于 ${issue.minimum}`;
  if (issue.code === 'too_big' && issue.origin === 'number') return `不能大于 ${issue.maximum}`;
  const told = chinese(issue);
  return typeof told === 'string' ? told : told?.message;
}
