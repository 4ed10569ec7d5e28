import { z } from 'zod';
import { plainVisible } from '../../platform/visible';

/** The digits of a mainland mobile number as people type and paste it; blanks, hyphens and +86 are forgiven. Undefined for what is none. */
export function mobileIn(text: string): string | undefined {
  const digits = plainVisible(text)
    .replace(/[-‐-―]/gu, '')
    .replace(/^\+?86(?=1\d{10}$)/, '');
  return /^1[3-9]\d{9}$/.test(digits) ? digits : undefined;
}

export const mobileContract = z
  .string()
  .max(40)
  .transform((text) => mobileIn(text) ?? '')
  .refine((digits) => digits !== '', '应为 11 位手机号');

export const smsCodeContract = z
  .string()
  .max(40)
  .transform(plainVisible)
  .refine((digits) => /^\d{6}$/.test(digits), '应为 6 位验证码');

/**
 * As on the document. Keyboards have many dots for the one in 阿不都·热合曼, and copied names bring blanks along that nobody sees; what
 * turns the line round is no part of a name.
 */
export const nameContract = z
  .string()
  .max(200)
  .transform((text) =>
    text
      .replace(/[\u00ad\u200b-\u200d\u2060\ufeff]/gu, '')
      .replace(/[•‧・･∙⋅●]/gu, '·')
      .replace(/\s+/gu, ' ')
      .trim(),
  )
  .refine((name) => /^[\p{L}\p{M}·. ]{2,40}$/u.test(name), '请写证件上的姓名，2 到 40 个字');
