import { z } from 'zod';
import type { Account } from '../people/accounts';
import { isUniqueViolation, UserError } from '../platform/errors';
import { accountKey } from './contract';

export const admin = ['admin'] as const;

export const params = z.object({ key: accountKey });
export const mode = z.enum(['plain', 'compat', 'safe']).describe('plain 明文、compat 兼容、safe 安全');
export const token = z.string().regex(/^[A-Za-z0-9_-]{3,32}$/, '3 到 32 个英文字母或数字');
export const aesKey = z.string().regex(/^[A-Za-z0-9]{43}$/, '应为 43 个英文字母或数字');
export const secret = z.string().trim().min(8, 'AppSecret 至少 8 个字符').max(128, 'AppSecret 最多 128 个字符');

export const title = z.string().trim().min(1, '请填写公众号名称').max(60, '公众号名称最多 60 个字');
export const appid = z.string().regex(/^wx[0-9a-z]{6,32}$/, '应以 wx 开头，见公众平台「开发接口管理」');
export const originalId = z.string().regex(/^gh_[0-9a-z]{4,32}$/, '应以 gh_ 开头，见公众平台「账号详情」的原始 ID');

/** For the audit trail: whose affair it is and what it is. */
export const about = (account: Pick<Account, 'key' | 'organisationId'>) => ({
  organisationId: account.organisationId,
  subject: `account:${account.key}`,
});

/** @throws UserError 409 for a key or appid that another account has */
export async function refuseTaken(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (isUniqueViolation(error)) throw new UserError(409, 'exists', '已有同样 key 或 AppID 的公众号，停用的也算');
    throw error;
  }
}
