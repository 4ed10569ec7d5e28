const dayMillis = 24 * 3600_000;
const shanghaiMillis = 8 * 3600_000;

/** `2026-03-01`, in Asia/Shanghai whatever the server's zone. */
export type Day = string;

export const dayOf = (at: Date): Day => new Date(at.getTime() + shanghaiMillis).toISOString().slice(0, 10);
export const timeOf = (at: Date): string => new Date(at.getTime() + shanghaiMillis).toISOString().slice(11, 16);
/** The moment at which clocks in Beijing show this. */
export const moment = (day: Day, time: string): Date => new Date(`${day}T${time}:00+08:00`);
export const plusDays = (day: Day, days: number): Day =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * dayMillis).toISOString().slice(0, 10);
/** 1 Monday … 7 Sunday */
export const weekdayOf = (day: Day): number => new Date(`${day}T00:00:00Z`).getUTCDay() || 7;
/** The Monday of its week, and where the week ends (not included). */
export const weekOf = (day: Day): [Day, Day] => {
  const monday = plusDays(day, 1 - weekdayOf(day));
  return [monday, plusDays(monday, 7)];
};

const weekdays = ['', '周一', '周二', '周三', '周四', '周五', '周六', '周日'];
/** 3月1日 周日, with 今天 or 明天 where it is */
export function dayTitle(day: Day, today: Day): string {
  const near = day === today ? '（今天）' : day === plusDays(today, 1) ? '（明天）' : '';
  return `${Number(day.slice(5, 7))}月${Number(day.slice(8))}日 ${weekdays[weekdayOf(day)]}${near}`;
}
