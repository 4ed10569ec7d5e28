/** Time for the whole domain; nothing else may ask the machine for it. */
export type Clock = {
  now(): Date;
  /** milliseconds since 1970, for the hot path */
  millis(): number;
};

/** The real clock plus an offset, which only the simulator ever sets (see events `clock`). */
export type ShiftedClock = Clock & { offset: number };

export function createClock(offsetMillis = 0): ShiftedClock {
  return {
    offset: offsetMillis,
    now() {
      return new Date(Date.now() + this.offset);
    },
    millis() {
      return Date.now() + this.offset;
    },
  };
}

/** Elapsed milliseconds of the machine, monotonic: for measuring only, never for what is due. */
export const elapsed = () => performance.now();

const dateTime = new Intl.DateTimeFormat('zh-CN', {
  timeZone: 'Asia/Shanghai',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

/** `2026-03-01 09:05` in Asia/Shanghai, whatever the server's zone: how people see a time. */
export function shanghai(at: Date): string {
  const part = Object.fromEntries(dateTime.formatToParts(at).map(({ type, value }) => [type, value]));
  return `${part.year}-${part.month}-${part.day} ${part.hour}:${part.minute}`;
}

/** 今天 13:00, 明天 09:00, or 3月5日 09:00: how people say when something will be. */
export function dayAndTime(at: Date, now: Date): string {
  const [day = '', time = ''] = shanghai(at).split(' ');
  if (shanghai(now).startsWith(day)) return `今天 ${time}`;
  if (shanghai(new Date(now.getTime() + 24 * 3600_000)).startsWith(day)) return `明天 ${time}`;
  return `${Number(day.slice(5, 7))}月${Number(day.slice(8))}日 ${time}`;
}
