import type { DayState } from './types';

const clock = new Intl.DateTimeFormat('zh-CN', {
  timeZone: 'Asia/Shanghai',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});
const date = new Intl.DateTimeFormat('zh-CN', {
  timeZone: 'Asia/Shanghai',
  month: 'numeric',
  day: 'numeric',
  weekday: 'short',
});
const hours = new Intl.DateTimeFormat('zh-CN', { timeZone: 'Asia/Shanghai', hour: '2-digit', hourCycle: 'h23' });

/** 09:05 in Beijing */
export const time = (iso: string) => clock.format(new Date(iso));
/** 3月4日 周三 */
export function day(iso: string): string {
  const part = Object.fromEntries(date.formatToParts(new Date(iso)).map(({ type, value }) => [type, value]));
  return `${part.month}月${part.day}日 ${part.weekday}`;
}
export const isMorning = (iso: string) => Number(hours.format(new Date(iso)).replace(/\D/g, '')) < 12;

const weekdays = ['日', '一', '二', '三', '四', '五', '六'];
/** Of `2026-03-04`: 周三 and 3/4. */
export const weekdayOf = (name: string) => `周${weekdays[new Date(`${name}T00:00:00Z`).getUTCDay()]}`;
export const dateOf = (name: string) => `${Number(name.slice(5, 7))}/${Number(name.slice(8))}`;

export const stateWords: Record<DayState['state'], string> = {
  free: '有号',
  full: '约满',
  over: '已过',
  stopped: '已停',
  'not-open': '未放号',
  none: '无',
};
