import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { StartupError } from '../../platform/startup-error';

const line = z.string().trim().min(1).max(100);
const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, '应为时间，如 09:00');

const hours = z.union([
  z.strictObject({ always: z.literal(true) }),
  z.strictObject({
    days: z.array(z.int().min(1).max(7)).min(1, '至少要有一天'),
    spans: z
      .array(z.strictObject({ from: time, to: time }))
      .min(1, '至少要有一段，如 09:00-12:00')
      .max(4, '最多四段')
      .refine((all) => all.every(({ from, to }, i) => from < to && (i === 0 || all[i - 1]!.to < from)), {
        error: '应从早到晚，每段结束晚于开始，如 09:00-12:00、13:00-17:00',
      }),
  }),
]);

export const placeContract = z.strictObject({
  key: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, '应是小写英文、数字和连字符'),
  title: line,
  district: line,
  address: line,
  phone: line.optional(),
  /** what is done there, in words */
  matters: z.string().trim().min(1).max(200).optional(),
  /** the key of the organisation whose counters are there */
  organisation: z.string().optional(),
  /** GCJ-02; a point outside of China is a slip of the pen, most often the two of them exchanged */
  latitude: z.number().min(3, '纬度应在 3 到 54 之间').max(54, '纬度应在 3 到 54 之间'),
  longitude: z.number().min(73, '经度应在 73 到 136 之间').max(136, '经度应在 73 到 136 之间'),
  hours: hours.optional(),
  /** kept, and shown to nobody but staff */
  hidden: z.literal(true).optional(),
});

const placeFile = z
  .strictObject({ districts: z.array(line).min(1).max(30), places: z.array(placeContract).min(1).max(5000) })
  .check(({ value: { districts, places }, issues }) => {
    const keys = new Set<string>();
    for (const { key, title, district } of places) {
      const refuse = (message: string) => issues.push({ code: 'custom', input: key, message: `${title}：${message}` });
      if (!districts.includes(district)) refuse(`区县 ${district} 不在 districts 里`);
      if (keys.has(key)) refuse(`key ${key} 重复`);
      keys.add(key);
    }
  });

export type Place = z.infer<typeof placeContract>;
export type PlaceFile = z.infer<typeof placeFile>;

/** @throws StartupError that names everything that is wrong with the file */
export function readPlaces(file: string): PlaceFile {
  let content: unknown;
  try {
    content = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new StartupError(`办事点 ${file} 读不出来：${(error as Error).message.split('\n')[0]}`);
  }
  const parsed = placeFile.safeParse(content);
  if (!parsed.success) throw new StartupError(`办事点 ${file} 有误：${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
