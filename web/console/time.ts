import { serverNow } from '../shared/server-time';

const parts = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat('zh-CN', { timeZone: 'Asia/Shanghai', hourCycle: 'h23', ...options });

const clock = parts({ hour: '2-digit', minute: '2-digit' });
const day = parts({ month: 'numeric', day: 'numeric' });
const whole = parts({
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const date = parts({ year: 'numeric', month: '2-digit', day: '2-digit' });

/** `2026-03-01 09:05:07`, Beijing time whatever the browser's zone. */
export const fullTime = (iso: string) => whole.format(new Date(iso)).replaceAll('/', '-');

/** `09:05` */
export const timeOf = (iso: string) => clock.format(new Date(iso));

/** 09:05 today, 3月1日 09:05 before: short enough for a list. */
export function shortTime(iso: string, now = new Date(serverNow())): string {
  const at = new Date(iso);
  return sameDay(at, now) ? clock.format(at) : `${day.format(at).replace('/', '月')}日 ${clock.format(at)}`;
}

export const dayTitle = (iso: string) => date.format(new Date(iso)).replaceAll('/', '-');

const sameDay = (one: Date, other: Date) => date.format(one) === date.format(other);
