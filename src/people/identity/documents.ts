import { z } from 'zod';

/** What proves who someone is, and how citizens call it. */
export const documentKinds = {
  'id-card': '居民身份证',
  'hk-macao-permit': '港澳居民来往内地通行证',
  'taiwan-permit': '台湾居民来往大陆通行证',
  'residence-permit': '外国人永久居留身份证',
  passport: '护照',
} as const;
export type DocumentKind = keyof typeof documentKinds;

export type IdentityDocument = { kind: DocumentKind; number: string };

const forms: Record<Exclude<DocumentKind, 'id-card'>, { form: RegExp; expected: string }> = {
  'hk-macao-permit': { form: /^[HM]\d{8}(\d{2})?$/, expected: '应为 H 或 M 开头加 8 位数字' },
  'taiwan-permit': { form: /^\d{8}(\d{2})?$/, expected: '应为 8 位数字' },
  'residence-permit': {
    form: /^([A-Z]{3}\d{12}|9\d{16}[\dX])$/,
    expected: '应为 3 个字母加 12 位数字，或 9 开头的 18 位号码',
  },
  passport: { form: /^[A-Z0-9]{5,15}$/, expected: '应为 5 到 15 位字母和数字' },
};

/** A document as a citizen enters it: blanks and small letters are forgiven, anything else is named. */
export const documentContract = z
  .object({ kind: z.enum(Object.keys(documentKinds) as [DocumentKind, ...DocumentKind[]]), number: z.string().max(40) })
  .transform(({ kind, number }) => ({ kind, number: number.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase() }))
  .check(({ value, issues }) => {
    const expected = faultOf(value);
    if (expected) issues.push({ code: 'custom', input: value.number, path: ['number'], message: expected });
  });

/** What is wrong with a number in its normal form; undefined for a right one. */
export function faultOf({ kind, number }: IdentityDocument): string | undefined {
  if (kind === 'id-card') return idCardFault(number);
  const { form, expected } = forms[kind];
  return form.test(number) ? undefined : `${documentKinds[kind]}号码${expected}`;
}

/** GB 11643: region, birthday, order, and a check character by ISO 7064 MOD 11-2. */
function idCardFault(number: string): string | undefined {
  if (!/^[1-9]\d{16}[\dX]$/.test(number)) return '身份证号应为 18 位，最后一位是数字或 X';
  if (bornOn({ kind: 'id-card', number }) === undefined) return '身份证号里的出生日期不对，请检查';
  return checkCharacter(number.slice(0, 17)) === number[17] ? undefined : '身份证号的最后一位对不上，请检查';
}

export function checkCharacter(first17: string): string {
  const sum = [...first17].reduce((total, digit, index) => total + Number(digit) * (2 ** (17 - index) % 11), 0);
  return '10X98765432'[sum % 11]!;
}

/** `1990-02-28`, where the number says it and there was such a day. */
export function bornOn({ kind, number }: IdentityDocument): string | undefined {
  if (kind !== 'id-card' && !(kind === 'residence-permit' && number.length === 18)) return undefined;
  const day = `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`;
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day) && day >= '1900-01-01' ? day : undefined;
}

/** Full years on a day, both `2026-03-01`. */
export function ageOn(born: string, day: string): number {
  const years = Number(day.slice(0, 4)) - Number(born.slice(0, 4));
  return day.slice(5) < born.slice(5) ? years - 1 : years;
}
