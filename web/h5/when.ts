const full = new Intl.DateTimeFormat('zh-CN', {
  timeZone: 'Asia/Shanghai',
  month: 'numeric',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

/** 3月4日 09:05, Beijing time. */
export function when(iso: string): string {
  const part = Object.fromEntries(full.formatToParts(new Date(iso)).map(({ type, value }) => [type, value]));
  return `${part.month}月${part.day}日 ${part.hour}:${part.minute}`;
}
/** 3月4日 */
export const dayOf = (iso: string): string => when(iso).split(' ')[0]!;
