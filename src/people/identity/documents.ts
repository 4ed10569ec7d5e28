import { z } from 'zod';
import { plainVisible } from '../../platform/visible';

/** What proves who someone is, and how citizens call it. */
export const documentKinds = {
  'id-card': '居民身份证',
  'household-register': '户口簿（未满 16 周岁）',
  'hk-macao-permit': '港澳居民来往内地通行证',
  'taiwan-permit': '台湾居民来往大陆通行证',
  'hmt-residence': '港澳台居民居住证',
  'residence-permit': '外国人永久居留身份证',
  passport: '护照',
} as const;
export type DocumentKind = keyof typeof documentKinds;

export type IdentityDocument = { kind: DocumentKind; number: string };

/** A document as a citizen enters it: blanks and small letters are forgiven, anything else is named. */
export const documentContract = z
  .object({
    kind: z.enum(Object.keys(documentKinds) as [DocumentKind, ...DocumentKind[]]),
    number: z.string().max(80, '证件号码太长，请只填证件上的号码'),
  })
  .transform(({ kind, number }) => ({
    kind,
    number: plainVisible(number)
      .replace(/[-‐-―]/gu, '')
      .toUpperCase(),
  }))
  .check(({ value, issues }) => {
    const expected = faultOf(value);
    if (expected) issues.push({ code: 'custom', input: value.number, path: ['number'], message: expected });
  });

/** What is wrong with a number in its normal form; undefined for a right one. */
export function faultOf({ kind, number }: IdentityDocument): string | undefined {
  switch (kind) {
    case 'id-card':
    case 'household-register':
      return idCardFault(number);
    case 'hmt-residence':
      return hmtResidenceFault(number);
    case 'residence-permit':
      return residencePermitFault(number);
    case 'hk-macao-permit':
      return expects(/^[HM]\d{8}(\d{2})?$/, number, '港澳居民来往内地通行证号码应为 H 或 M 开头加 8 位数字');
    case 'taiwan-permit':
      return expects(/^\d{8}(\d{2})?$/, number, '台湾居民来往大陆通行证号码应为 8 位数字');
    case 'passport':
      // Whatever the country: five to fifteen, with at least one digit, or a name would be a number.
      return expects(/^(?=.*\d)[A-Z\d]{5,15}$/, number, '护照号码应为 5 到 15 位字母和数字，至少有一位数字');
  }
}

const expects = (form: RegExp, number: string, words: string) => (form.test(number) ? undefined : words);

/** The first two digits of those who live in one of the provinces (GB/T 2260). */
const provinces = /^(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5])/;

function idCardFault(number: string): string | undefined {
  if (/^\d{15}$/.test(number)) return '15 位的旧身份证号已停用，请填新证上的 18 位号码';
  if (!/^[1-9]\d{16}[\dX]$/.test(number)) return '身份证号应为 18 位，最后一位是数字或 X';
  if (/^8[123]0000/.test(number)) return '这是港澳台居民居住证的号码，请把证件类型选为「港澳台居民居住证」';
  if (!provinces.test(number)) return '身份证号开头的地区码不对，请检查';
  return gb11643Fault(number, '身份证号');
}

function hmtResidenceFault(number: string): string | undefined {
  if (!/^8[123]0000\d{11}[\dX]$/.test(number))
    return '港澳台居民居住证号码应为 18 位，以 810000、820000 或 830000 开头';
  return gb11643Fault(number, '居住证号码');
}

/** Since 2023 eighteen characters that begin with 9; before that three letters and twelve digits, the birthday in six of them. */
function residencePermitFault(number: string): string | undefined {
  if (/^9\d{16}[\dX]$/.test(number)) return gb11643Fault(number, '永久居留身份证号码');
  const [, month = '', day = ''] = /^[A-Z]{3}\d{6}(\d{2})(\d{2})\d{2}$/.exec(number) ?? [];
  if (month === '') return '外国人永久居留身份证号码应为 3 个字母加 12 位数字，或 9 开头的 18 位号码';
  const right = Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= 31;
  return right ? undefined : '永久居留身份证号码里的出生日期不对，请检查';
}

/** GB 11643: region, birthday, order, and a check character by ISO 7064 MOD 11-2. */
function gb11643Fault(number: string, what: string): string | undefined {
  if (birthdayIn(number) === undefined) return `${what}里的出生日期不对，请检查`;
  return checkCharacter(number.slice(0, 17)) === number[17] ? undefined : `${what}的最后一位对不上，请检查`;
}

export function checkCharacter(first17: string): string {
  const sum = [...first17].reduce((total, digit, index) => total + Number(digit) * (2 ** (17 - index) % 11), 0);
  return '10X98765432'[sum % 11]!;
}

/** A child's page of the household register carries the number that its ID card will have: one person by either. */
export const isCitizenNumber = (kind: DocumentKind): boolean => kind === 'id-card' || kind === 'household-register';

/** `1990-02-28`, where the number says it and there was such a day. */
export const bornOn = ({ kind, number }: IdentityDocument): string | undefined =>
  isCitizenNumber(kind) || kind === 'hmt-residence' || (kind === 'residence-permit' && number.length === 18)
    ? birthdayIn(number)
    : undefined;

function birthdayIn(number: string): string | undefined {
  const day = `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`;
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day) && day >= '1900-01-01' ? day : undefined;
}

/** Full years on a day, both `2026-03-01`. */
export function ageOn(born: string, day: string): number {
  const years = Number(day.slice(0, 4)) - Number(born.slice(0, 4));
  return day.slice(5) < born.slice(5) ? years - 1 : years;
}
