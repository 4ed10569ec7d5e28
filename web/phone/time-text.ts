const zone = 'Asia/Shanghai';
const clockTime = new Intl.DateTimeFormat('zh-CN', {
  timeZone: zone,
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});
const fullTime = new Intl.DateTimeFormat('zh-CN', {
  timeZone: zone,
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const clockFace = new Intl.DateTimeFormat('zh-CN', {
  timeZone: zone,
  dateStyle: 'medium',
  timeStyle: 'medium',
  hourCycle: 'h23',
});
const weekday = new Intl.DateTimeFormat('zh-CN', { timeZone: zone, weekday: 'long' });
const monthDay = new Intl.DateTimeFormat('zh-CN', { timeZone: zone, month: 'long', day: 'numeric' });
const yearMonthDay = new Intl.DateTimeFormat('zh-CN', {
  timeZone: zone,
  year: 'numeric',
  month: 'long',
  day: 'numeric',
});

const day = 86_400_000;
const eastOfGreenwich = 8 * 3_600_000;

/** As WeChat separates a chat: 09:30, 昨天 09:30, 星期三 09:30, 3月1日 09:30, 2025年3月1日 09:30. */
export function separatorText(at: string, now: number): string {
  const then = new Date(at);
  const days = dayNumber(now) - dayNumber(then.getTime());
  const time = clockTime.format(then);
  if (days <= 0) return time;
  if (days === 1) return `昨天 ${time}`;
  if (days < 7) return `${weekday.format(then)} ${time}`;
  const sameYear = new Date(now).getFullYear() === then.getFullYear();
  return `${(sameYear ? monthDay : yearMonthDay).format(then)} ${time}`;
}

/** Midnight in Shanghai before this moment. */
export const midnight = (at: number): number => dayNumber(at) * day - eastOfGreenwich;

export const hourMinute = (at: number): string => clockTime.format(at);
export const momentText = (at: string): string => fullTime.format(new Date(at));
export const clockText = (at: number): string => clockFace.format(at);

function dayNumber(at: number): number {
  return Math.floor((at + eastOfGreenwich) / day);
}
