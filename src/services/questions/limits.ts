import { z } from 'zod';
import type { Queryable } from '../../platform/database';
import type { Settings } from '../../platform/settings';

export const limitsKey = 'questions.limits';

export const limitsContract = z.strictObject({
  perDay: z.number().int().min(1).max(100).default(6).describe('一位市民每天最多提几个问题'),
  images: z.number().int().min(1).max(300).default(30).describe('一个提问里最多几张图片'),
  bounces: z.number().int().min(1).max(10).default(2).describe('退单几次后由督查人员最后决定'),
  extensionDays: z.number().int().min(1).max(60).default(15).describe('一次最多延期几个工作日'),
});
export type Limits = z.infer<typeof limitsContract>;

/** The city's own rules; what the setting does not name has its default. */
export const limitsOf = (settings: Settings): Limits => limitsContract.parse(settings.get(limitsKey, {}));

/** As committed: another process may have changed them a moment ago. */
export async function readLimits(on: Queryable): Promise<Limits> {
  const [row] = await on.query<{ value: unknown }>('SELECT value FROM settings WHERE key = $1', [limitsKey]);
  return limitsContract.parse(row?.value ?? {});
}
