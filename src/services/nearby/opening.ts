import type { ServiceDeps } from '../../dialogue/service';
import { calendarDataOf, calendarOf } from '../../platform/calendar-setting';
import { dayAndTime } from '../../platform/clock';
import { type CalendarData, createWorkingCalendar, type WorkingCalendar } from '../../platform/working-calendar';
import type { Place } from './place';

type Hours = Place['hours'];

/** 「现在办公」, or when it opens next; the holidays of the city are everybody's. */
export function openingOf(
  hours: Hours,
  now: Date,
  deps: Pick<ServiceDeps, 'settings'>,
): { open: boolean; words: string } {
  if (hours && 'always' in hours) return { open: true, words: '全天有人' };
  const calendar = hours ? ownCalendar(hours, calendarDataOf(deps.settings)) : calendarOf(deps.settings);
  if (calendar.isWorking(now)) return { open: true, words: '现在办公' };
  return { open: false, words: `${dayAndTime(calendar.nextWorking(now), now)} 开门` };
}

export function hoursWords(hours: Hours, { settings }: Pick<ServiceDeps, 'settings'>): string {
  if (hours && 'always' in hours) return '全天';
  const { days, spans } = hours ?? { days: calendarDataOf(settings).workdays, spans: calendarDataOf(settings).hours };
  const times = spans.map(({ from, to }) => `${from}-${to}`).join('、');
  return `${daysWords(days)} ${times}，法定节假日休息`;
}

/** Weekends that are worked instead of others (调休) are the city's offices'; who works on Saturdays anyway goes by the week. */
function ownCalendar(
  { days, spans }: Exclude<NonNullable<Hours>, { always: true }>,
  city: CalendarData,
): WorkingCalendar {
  const known = made.get(spans) ?? new WeakMap<CalendarData, WorkingCalendar>();
  made.set(spans, known);
  const calendar = known.get(city) ?? createWorkingCalendar({ ...city, workdays: days, hours: spans });
  known.set(city, calendar);
  return calendar;
}
const made = new WeakMap<object, WeakMap<CalendarData, WorkingCalendar>>();

const names = ['', '周一', '周二', '周三', '周四', '周五', '周六', '周日'];
function daysWords(days: number[]): string {
  const sorted = [...days].sort((one, other) => one - other);
  const row = sorted.length > 2 && sorted.at(-1)! - sorted[0]! === sorted.length - 1;
  return row ? `${names[sorted[0]!]}至${names[sorted.at(-1)!]}` : sorted.map((day) => names[day]).join('、');
}
