import { z } from 'zod';

const zone = /^[+-](0\d|1[0-4]):[0-5]\d$/;
/** Each part whole and once. */
const pattern =
  /^(?=.*yyyy)(?=.*MM)(?=.*dd)(?!.*(yyyy|MM|dd|HH|mm|ss).*\1)(?:yyyy|MM|dd|HH|mm|ss|[年月日时分秒/.\-: T])+$/;

/** How an office writes a time, and in which zone where it does not say. */
export const timeForm = z.strictObject({
  format: z
    .string()
    .max(40)
    .refine((text) => ['iso', 'seconds', 'millis'].includes(text) || pattern.test(text), {
      error: '应为 iso、seconds（1970 年起的秒数）、millis（毫秒数），或形如 yyyy-MM-dd HH:mm:ss',
    })
    .default('iso'),
  zone: z.string().regex(zone, '应为形如 +08:00 的时区').default('+08:00'),
});
export type TimeForm = z.infer<typeof timeForm>;

/** @returns undefined for what is no time in this form */
export function readTime(text: string, { format, zone }: TimeForm): Date | undefined {
  if (format === 'seconds' || format === 'millis') {
    const size = /^\d{1,14}(?:\.\d+)?$/.test(text) ? Number(text) * (format === 'seconds' ? 1000 : 1) : Number.NaN;
    return valid(new Date(size));
  }
  if (format === 'iso') {
    const match = iso.exec(text);
    return match ? at(match.groups!, match.groups!.zone ?? zone) : undefined;
  }
  const match = new RegExp(`^${form(format)}$`).exec(text);
  return match ? at(match.groups!, zone) : undefined;
}

const iso =
  /^(?<yyyy>\d{4})-(?<MM>\d\d)-(?<dd>\d\d)(?:[T ](?<HH>\d\d):(?<mm>\d\d)(?::(?<ss>\d\d)(?:\.\d+)?)?)?\s?(?<zone>Z|[+-]\d\d:\d\d)?$/;

/** The pattern as a regular expression; offices that mean two digits write one as well. */
const form = (format: string) =>
  format
    .replace(/[.\-/]/g, '\\$&')
    .replace(/yyyy|MM|dd|HH|mm|ss/g, (part) => `(?<${part}>\\d{${part === 'yyyy' ? '4' : '1,2'}})`);

function at(part: Partial<Record<string, string>>, zone: string): Date | undefined {
  const two = (name: string) => (part[name] ?? '0').padStart(2, '0');
  const local = `${part.yyyy}-${two('MM')}-${two('dd')}T${two('HH')}:${two('mm')}:${two('ss')}`;
  const date = new Date(`${local}${zone}`);
  // 31 February is no day, and would silently be one in March.
  const [asUtc] = [new Date(`${local}Z`)];
  return valid(asUtc)?.toISOString().startsWith(local) ? valid(date) : undefined;
}

const valid = (date: Date): Date | undefined => (Number.isNaN(date.getTime()) ? undefined : date);
