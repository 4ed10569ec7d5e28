import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Queryable } from './database';
import { projectRoot } from './project-root';
import type { Settings } from './settings';
import { StartupError } from './startup-error';
import { type CalendarData, createWorkingCalendar, type WorkingCalendar } from './working-calendar';

export const calendarKey = 'calendar';

/** Longer than any holiday there has been; so that a slip of the pen does not close the offices for years. */
const mostDays = 31;

const day = z.iso.date('应为日期，如 2026-01-01');
const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, '应为时间，如 09:00');

/** The calendar as the console reads and writes it. */
export const calendarContract = z
  .strictObject({
    hours: z
      .array(z.strictObject({ from: time, to: time }))
      .min(1)
      .max(4)
      .describe('每个工作日的办公时间，从早到晚'),
    workdays: z.array(z.number().int().min(1).max(7)).min(1).describe('每周上班的日子，1 是周一'),
    holidays: z
      .array(z.strictObject({ name: z.string().trim().min(1).max(20), from: day, to: day }))
      .max(200)
      .describe('放假，含首尾两天'),
    worked: z.array(day).max(200).describe('调休上班的周末'),
  })
  .check(({ value, issues }) => {
    const refuse = (place: (string | number)[], message: string) =>
      issues.push({ code: 'custom', input: value, path: place, message });
    value.hours.forEach(({ from, to }, index) => {
      if (to <= from) refuse(['hours', index, 'to'], '应晚于开始的时间');
      if (index > 0 && from <= value.hours[index - 1]!.to) refuse(['hours', index, 'from'], '应晚于上一段结束的时间');
    });
    value.holidays.forEach(({ from, to }, index) => {
      if (to < from) refuse(['holidays', index, 'to'], '不应早于第一天');
      else if (Date.parse(to) - Date.parse(from) >= mostDays * 86_400_000)
        refuse(['holidays', index, 'to'], `一个假期最多 ${mostDays} 天`);
    });
    value.worked.forEach((date, index) => {
      const clash = value.holidays.find(({ from, to }) => from <= date && date <= to);
      if (clash) refuse(['worked', index], `${date} 在${clash.name}假期里，不能又放假又上班`);
    });
  });

/** What is shipped, for as long as nobody has changed it. */
export const defaultCalendar: CalendarData = readCalendarFile(path.join(projectRoot, 'templates', 'calendar.yaml'));

/** The calendar as this process knows it: for showing, and for whether it is night. */
export const calendarOf = (settings: Settings): WorkingCalendar => reckoned(calendarDataOf(settings));
export const calendarDataOf = (settings: Settings): CalendarData => settings.get(calendarKey, defaultCalendar);

/** The calendar as committed, for what is stored: another process may have changed it a moment ago. */
export async function readCalendar(on: Queryable): Promise<CalendarData> {
  const [row] = await on.query<{ value: CalendarData }>('SELECT value FROM settings WHERE key = $1', [calendarKey]);
  return row?.value ?? defaultCalendar;
}

/** The last year whose holidays are known; of a later one only the weekends are. */
export const lastYearKnown = ({ holidays }: CalendarData): number | null =>
  holidays.length === 0 ? null : Math.max(...holidays.map(({ to }) => Number(to.slice(0, 4))));

const made = new WeakMap<CalendarData, WorkingCalendar>();
function reckoned(data: CalendarData): WorkingCalendar {
  const calendar = made.get(data) ?? createWorkingCalendar(data);
  made.set(data, calendar);
  return calendar;
}

function readCalendarFile(file: string): CalendarData {
  const parsed = calendarContract.safeParse(parse(readFileSync(file, 'utf8')));
  if (!parsed.success) throw new StartupError(`工作日历 ${file} 有误：${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
