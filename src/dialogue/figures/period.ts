import { z } from 'zod';
import { UserError } from '../../platform/errors';

/** What figures are asked for: of an organisation and all below it, over days in China, both included. */
export const asked = {
  organisation: z.coerce.number().int().positive().max(2_147_483_647),
  from: z.iso.date('应为日期，如 2026-03-01'),
  to: z.iso.date('应为日期，如 2026-03-31'),
};

export type Period = { from: string; to: string };
const mostDays = 366;

/** @throws UserError 422 */
export function checkPeriod({ from, to }: Period): void {
  const days = (Date.parse(to) - Date.parse(from)) / 86_400_000 + 1;
  if (days >= 1 && days <= mostDays) return;
  const message = days < 1 ? '结束的日子不能早于开始的日子' : `一次最多看 ${mostDays} 天`;
  throw new UserError(422, 'invalid-input', message, { to: message });
}

export const rate = z.number().min(0).max(1).nullable().describe('0 到 1；没有可算的为空');
export const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
