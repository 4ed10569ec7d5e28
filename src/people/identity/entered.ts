import { z } from 'zod';
import { plainVisible } from '../../platform/visible';

/** The digits of a mainland mobile number as people type and paste it; blanks, hyphens and +86 are forgiven. Undefined for what is none. */
export function mobileIn(text: string): string | undefined {
  const digits = plainVisible(text)
    .replace(/[-‐-―]/gu, '')
    .replace(/^\+?86(?=1\d{10}$)/, '');
  return /^1[3-9]\d{9}$/.test(digits) ? digits : undefined;
}

const mobileExpected = '手机号应为 11 位';
export const mobileContract = z
  .string()
  .max(40, mobileExpected)
  .transform((text) => mobileIn(text) ?? '')
  .refine((digits) => digits !== '', mobileExpected);

const codeExpected = '验证码应为 6 位数字';
export const smsCodeContract = z
  .string()
  .max(40, codeExpected)
  .transform(plainVisible)
  .refine((digits) => /^\d{6}$/.test(digits), codeExpected);

const nameExpected = '请写证件上的姓名，2 到 40 个字';

/**
 * As on the document. Keyboards have many dots for the one in 阿不都·热合曼, and copied names bring blanks along that nobody sees; what
 * turns the line round is no part of a name.
 */
export const nameContract = z
  .string()
  .max(200, nameExpected)
  .transform((text) =>
    text
      .replace(/[\u00ad\u200b-\u200d\u2060\ufeff]/gu, '')
      .replace(/[•‧・･∙⋅●]/gu, '·')
      .replace(/\s+/gu, ' ')
      .trim(),
  )
  .refine((name) => /^[\p{L}\p{M}·. ]{2,40}$/u.test(name), nameExpected);
