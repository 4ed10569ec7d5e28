export type CalendarData = {
  hours: { from: string; to: string }[];
  workdays: number[];
  holidays: { name: string; from: string; to: string }[];
  worked: string[];
};
export type Day = {
  date: string;
  number: number;
  works: boolean /** 放假, 调休 or nothing special */;
  mark: string;
  name: string;
};

const dayMillis = 86_400_000;
const iso = (time: number) => new Date(time).toISOString().slice(0, 10);
const weekday = (date: string) => new Date(`${date}T00:00:00Z`).getUTCDay() || 7;

/** The twelve months, each with as many blanks before it as its first day is away from Monday. */
export function monthsOf(year: number, calendar: CalendarData): { month: number; blanks: number; days: Day[] }[] {
  return Array.from({ length: 12 }, (_, month) => {
    const first = Date.UTC(year, month, 1);
    const count = (Date.UTC(year, month + 1, 1) - first) / dayMillis;
    const days = Array.from({ length: count }, (_, index) => dayOf(iso(first + index * dayMillis), calendar));
    return { month: month + 1, blanks: weekday(iso(first)) - 1, days };
  });
}

export function dayOf(date: string, { workdays, holidays, worked }: CalendarData): Day {
  const holiday = holidays.find(({ from, to }) => from <= date && date <= to);
  const extra = worked.includes(date);
  const works = extra || (!holiday && workdays.includes(weekday(date)));
  const mark = extra ? '班' : holiday ? '休' : '';
  return {
    date,
    number: Number(date.slice(8)),
    works,
    mark,
    name: extra ? '调休上班' : (holiday?.name ?? (works ? '上班' : '周末')),
  };
}

/** The same calendar with one day worked, or free under a name. */
export function withDay(calendar: CalendarData, date: string, works: boolean, name: string): CalendarData {
  const holidays = calendar.holidays.flatMap((one) =>
    one.from <= date && date <= one.to ? without(one, date) : [one],
  );
  const worked = calendar.worked.filter((one) => one !== date);
  const usual = calendar.workdays.includes(weekday(date));
  if (works && !usual) worked.push(date);
  if (!works && usual) holidays.push({ name, from: date, to: date });
  return {
    ...calendar,
    holidays: holidays.sort((one, other) => one.from.localeCompare(other.from)),
    worked: worked.sort(),
  };
}

function without({ name, from, to }: CalendarData['holidays'][number], date: string) {
  const [before, after] = [iso(Date.parse(date) - dayMillis), iso(Date.parse(date) + dayMillis)];
  return [
    { name, from, to: before },
    { name, from: after, to },
  ].filter((one) => one.from <= one.to);
}

/** What admins have to be told of: the official calendar of a year is published in the autumn before. */
export function warningFor(year: number, lastYear: number | null, today: string): string {
  const thisYear = Number(today.slice(0, 4));
  if (lastYear === null || year > lastYear)
    return `${year} 年的放假和调休还没有录入，这一年只按周末算。国务院办公厅公布后请在这里录入。`;
  if (today.slice(5) >= '10-01' && lastYear <= thisYear)
    return `已到第四季度，${thisYear + 1} 年的放假和调休还没有录入：跨年的时限只按周末算。公布后请翻到 ${thisYear + 1} 年录入。`;
  return '';
}
