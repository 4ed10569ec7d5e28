const hour = 3600_000;
const day = 24 * hour;
/** Beijing time all year round. */
const shift = 8 * hour;

/** When one usually wants to be reminded; mornings are those of Beijing. */
export function laterTimes(now: number): { title: string; at: string }[] {
  const midnight = Math.floor((now + shift) / day) * day - shift;
  const weekday = new Date(now + shift).getUTCDay();
  const monday = midnight + ((8 - weekday) % 7 || 7) * day;
  return [
    { title: '1 小时后', at: now + hour },
    { title: '3 小时后', at: now + 3 * hour },
    { title: '明天上午', at: midnight + day + 9 * hour },
    { title: '下周一上午', at: monday + 9 * hour },
  ].map(({ title, at }) => ({ title, at: new Date(at).toISOString() }));
}
