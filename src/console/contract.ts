import { z } from 'zod';
import { prefixes } from '../people/organisations';
import { type ConsoleRole, type Staff, type StaffRole, scopeOf } from '../people/staff';
import { routesFor } from '../platform/http/route';
import type { ConsoleDeps } from './deps';
import type { SignedInStaff } from './session';

/** The builder of the console's routes: each names its role, or does not compile. */
export const route = routesFor<ConsoleRole, SignedInStaff, ConsoleDeps>();

/** For `organisations.path LIKE ANY ($n)`: the subtrees in which the caller holds one of these roles. */
export const visibleTo = (staff: Staff, roles: readonly StaffRole[]): string[] => prefixes(scopeOf(staff, roles));

export const done = z.object({ done: z.literal(true) });
export const time = z.iso.datetime().describe('UTC；界面按北京时间显示');
/** Who may see personal data in the clear; system administration is no reason to. */
export const revealers = ['operator', 'supervisor'] as const;
export const revealReason = z.string().trim().min(4, '请写明查看的理由，至少 4 个字').max(200);

export const accountKey = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, '只能用小写字母、数字和连字符，最多 32 个字符');

/** One page of a list that grows at its head: the cursor of the next page, null on the last. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next: z.string().nullable().describe('下一页的游标，作为 after 传入') });

export const paging = {
  after: z.string().max(300).optional().describe('上一页给出的 next'),
  limit: z.coerce.number().int().min(1).max(100).default(30),
};
