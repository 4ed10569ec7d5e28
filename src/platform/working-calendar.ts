/** When offices are open, as data. Days are `2026-01-04`, hours `09:00`, all in Asia/Shanghai. */
export type CalendarData = {
  /** of every working day, ascending */
  hours: { from: string; to: string }[];
  /** 1 Monday … 7 Sunday */
  workdays: number[];
  /** both ends included */
  holidays: { name: string; from: string; to: string }[];
  /** worked although a weekend (调休) */
  worked: string[];
};

export type WorkingCalendar = {
  isWorking(at: Date): boolean;
  /** The moment itself while offices are open, else when they open next. */
  nextWorking(at: Date): Date;
  /** The first moment at which so many working minutes have passed. */
  addWorkingMinutes(at: Date, minutes: number): Date;
  /**
   * The end (or start) of office hours on the so manieth working day after the day of `at`, which itself does not count; before it
   * for a negative number. 0 is that day itself, or the next working day once its office hours are over.
   */
  addWorkingDays(at: Date, days: number, edge?: 'start' | 'end'): Date;
  /** Negative when `to` is before `from`. */
  workingMinutesBetween(from: Date, to: Date): number;
};

/** A day as its number since 1970-01-01, and milliseconds since its midnight. */
type Day = number;
type Span = { from: number; to: number };

const minuteMillis = 60_000;
const dayMillis = 24 * 60 * minuteMillis;
/** China has one zone and has not changed its clocks since 1991, so the process's own zone and its tables are left out of it. */
const shanghaiMillis = 8 * 60 * minuteMillis;

/** Reckons with the working days of the given calendar. It has to have hours and workdays, see calendar-setting.ts. */
export function createWorkingCalendar({ hours, workdays, holidays, worked }: CalendarData): WorkingCalendar {
  const spans: Span[] = hours.map(({ from, to }) => ({ from: millisOf(from), to: millisOf(to) }));
  const [opens, closes] = [spans[0]!.from, spans.at(-1)!.to];
  const workedDays = new Set(worked.map(dayNamed));
  const freeDays = new Set(holidays.flatMap(({ from, to }) => daysFrom(dayNamed(from), dayNamed(to))));
  const weekdays = new Set(workdays);

  const isWorkday = (day: Day) => workedDays.has(day) || (!freeDays.has(day) && weekdays.has(weekdayOf(day)));
  const spansOf = (day: Day) => (isWorkday(day) ? spans : []);

  function walk(at: Date, days: number): Day {
    const step = days < 0 ? -1 : 1;
    let day = dayOf(at);
    if (days === 0 && isWorkday(day) && timeOf(at) <= closes) return day;
    for (let left = Math.max(1, Math.abs(days)); left > 0; ) {
      day += step;
      if (isWorkday(day)) left--;
    }
    return day;
  }

  /** From a moment to the end of the working time passed in the same or a later day. */
  function forward(at: Date, millis: number): Date {
    let left = millis;
    for (let [day, time] = [dayOf(at), timeOf(at)]; ; [day, time] = [day + 1, 0])
      for (const { from, to } of spansOf(day)) {
        const start = Math.max(from, time);
        if (start >= to) continue;
        if (left <= to - start) return moment(day, start + left);
        left -= to - start;
      }
  }

  function passed(from: Date, to: Date): number {
    const [first, last] = [dayOf(from), dayOf(to)];
    let millis = 0;
    for (let day = first; day <= last; day++) {
      const start = day === first ? timeOf(from) : 0;
      const end = day === last ? timeOf(to) : dayMillis;
      for (const span of spansOf(day)) millis += Math.max(0, Math.min(end, span.to) - Math.max(start, span.from));
    }
    return millis;
  }

  return {
    isWorking: (at) => spansOf(dayOf(at)).some(({ from, to }) => from <= timeOf(at) && timeOf(at) < to),
    nextWorking: (at) => forward(at, 0),
    addWorkingMinutes(at, minutes) {
      if (!(minutes >= 0 && minutes < Number.POSITIVE_INFINITY)) throw new RangeError(`${minutes} working minutes`);
      return minutes === 0 ? at : forward(at, Math.round(minutes * minuteMillis));
    },
    addWorkingDays(at, days, edge = 'end') {
      if (!Number.isInteger(days)) throw new RangeError(`${days} working days`);
      return moment(walk(at, days), edge === 'start' ? opens : closes);
    },
    workingMinutesBetween: (from, to) => (to < from ? -passed(to, from) : passed(from, to)) / minuteMillis,
  };
}

const dayOf = (at: Date): Day => Math.floor((at.getTime() + shanghaiMillis) / dayMillis);
const timeOf = (at: Date): number => at.getTime() + shanghaiMillis - dayOf(at) * dayMillis;
const moment = (day: Day, time: number): Date => new Date(day * dayMillis + time - shanghaiMillis);
/** 1970-01-01 was a Thursday. */
const weekdayOf = (day: Day): number => ((((day + 3) % 7) + 7) % 7) + 1;
const dayNamed = (date: string): Day => Date.parse(`${date}T00:00:00Z`) / dayMillis;
const daysFrom = (first: Day, last: Day): Day[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);
const millisOf = (time: string): number => {
  const [hour, minute] = time.split(':').map(Number);
  return (hour! * 60 + minute!) * minuteMillis;
};
