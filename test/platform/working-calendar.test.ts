import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { calendarContract, defaultCalendar, lastYearKnown } from '../../src/platform/calendar-setting';
import { type CalendarData, createWorkingCalendar } from '../../src/platform/working-calendar';

const calendar = createWorkingCalendar(defaultCalendar);
/** A moment as people in China write it, whatever zone the test runs in. */
const at = (time: string) => new Date(`${time.replace(' ', 'T')}:00+08:00`);
const written = (time: Date) => new Date(time.getTime() + 8 * 3600_000).toISOString().slice(0, 16).replace('T', ' ');

test.each([
  ['2026-03-02 08:59', false, 'before the doors open'],
  ['2026-03-02 09:00', true, 'Monday morning'],
  ['2026-03-02 12:00', false, 'lunch'],
  ['2026-03-02 13:59', false, 'still lunch'],
  ['2026-03-02 14:00', true, 'Monday afternoon'],
  ['2026-03-02 17:30', false, 'the doors have closed'],
  ['2026-03-02 23:00', false, 'night'],
  ['2026-03-07 10:00', false, 'a Saturday'],
  ['2026-02-14 10:00', true, 'a Saturday worked for the Spring Festival'],
  ['2026-02-28 10:00', true, 'the other one'],
  ['2026-02-16 10:00', false, 'a Monday of the Spring Festival'],
  ['2026-02-23 10:00', false, 'its last day'],
  ['2026-02-24 10:00', true, 'the first day after it'],
  ['2026-09-20 10:00', true, 'a Sunday worked for the National Day'],
  ['2026-10-07 10:00', false, 'the last day of the National Day'],
  ['2027-01-04 10:00', true, 'a Monday of a year that has no holidays yet'],
])('%s: working %s (%s)', (time, working) => expect(calendar.isWorking(at(time))).toBe(working));

test.each([
  ['2026-03-02 09:30', 0, '2026-03-02 09:30'],
  ['2026-03-02 20:00', 0, '2026-03-02 20:00'],
  ['2026-03-02 09:30', 240, '2026-03-02 15:30'],
  ['2026-03-02 09:00', 180, '2026-03-02 12:00'],
  ['2026-03-02 11:59', 2, '2026-03-02 14:01'],
  ['2026-03-02 12:30', 1, '2026-03-02 14:01'],
  ['2026-03-02 16:00', 240, '2026-03-03 11:30'],
  ['2026-03-06 17:00', 60, '2026-03-09 09:30'],
  // over the Spring Festival: Saturday the 14th is worked, then nine free days
  ['2026-02-13 17:00', 60, '2026-02-14 09:30'],
  ['2026-02-14 17:00', 60, '2026-02-24 09:30'],
  ['2026-12-31 17:00', 60, '2027-01-01 09:30'],
])('%s and %d working minutes: %s', (time, minutes, then) =>
  expect(written(calendar.addWorkingMinutes(at(time), minutes))).toBe(then),
);

test.each([
  ['2026-03-02 09:30', 1, '2026-03-03 17:30'],
  ['2026-03-02 20:00', 1, '2026-03-03 17:30'],
  ['2026-03-07 10:00', 1, '2026-03-09 17:30'],
  ['2026-02-13 10:00', 3, '2026-02-25 17:30'],
  ['2026-03-02 09:30', 13, '2026-03-19 17:30'],
  ['2026-03-02 09:30', 0, '2026-03-02 17:30'],
  ['2026-03-02 20:00', 0, '2026-03-03 17:30'],
  ['2026-03-07 10:00', 0, '2026-03-09 17:30'],
  ['2026-02-24 10:00', -1, '2026-02-14 17:30'],
])('%s and %d working days: %s', (time, days, then) =>
  expect(written(calendar.addWorkingDays(at(time), days))).toBe(then),
);

test('the start of a working day, and when offices open next', () => {
  expect(written(calendar.addWorkingDays(at('2026-03-06 17:30'), 1, 'start'))).toBe('2026-03-09 09:00');
  expect(written(calendar.nextWorking(at('2026-03-06 17:30')))).toBe('2026-03-09 09:00');
  expect(written(calendar.nextWorking(at('2026-03-06 12:30')))).toBe('2026-03-06 14:00');
  expect(written(calendar.nextWorking(at('2026-03-06 10:10')))).toBe('2026-03-06 10:10');
});

test('working time between two moments, negative backwards', () => {
  expect(calendar.workingMinutesBetween(at('2026-03-02 11:00'), at('2026-03-02 15:00'))).toBe(120);
  expect(calendar.workingMinutesBetween(at('2026-03-02 15:00'), at('2026-03-02 11:00'))).toBe(-120);
  expect(calendar.workingMinutesBetween(at('2026-02-14 12:00'), at('2026-02-24 09:00'))).toBe(210);
  expect(calendar.workingMinutesBetween(at('2026-03-07 00:00'), at('2026-03-09 08:00'))).toBe(0);
});

test('what cannot be reckoned is refused', () => {
  expect(() => calendar.addWorkingMinutes(at('2026-03-02 09:00'), -1)).toThrow(RangeError);
  expect(() => calendar.addWorkingMinutes(at('2026-03-02 09:00'), Number.NaN)).toThrow(RangeError);
  expect(() => calendar.addWorkingDays(at('2026-03-02 09:00'), 1.5)).toThrow(RangeError);
});

describe('any two steps are as good as one', () => {
  const seed = 20260302;
  const random = generator(seed);
  const whole = (below: number) => Math.floor(random() * below);
  const moment = () => new Date(at('2026-01-01 00:00').getTime() + whole(500 * 1440) * 60_000 + whole(60_000));

  test(`in 2,000 places, seed ${seed}`, () => {
    for (let n = 0; n < 2000; n++) {
      const one = createWorkingCalendar(n % 2 ? defaultCalendar : madeUp(whole));
      const start = moment();
      const [a, b] = [whole(3000), whole(3000)];
      const end = one.addWorkingMinutes(start, a + b);
      expect(one.addWorkingMinutes(one.addWorkingMinutes(start, a), b)).toEqual(end);
      expect(one.workingMinutesBetween(start, end)).toBe(a + b);
      const [x, y] = [1 + whole(20), 1 + whole(20)];
      expect(one.addWorkingDays(one.addWorkingDays(start, x), y)).toEqual(one.addWorkingDays(start, x + y));
      const [p, q, r] = [moment(), moment(), moment()];
      const round = one.workingMinutesBetween(p, q) + one.workingMinutesBetween(q, r) + one.workingMinutesBetween(r, p);
      expect(Math.abs(round)).toBeLessThan(1e-6);
      // What is due falls into office hours, or ends them.
      if (a > 0) expect(one.isWorking(new Date(one.addWorkingMinutes(start, a).getTime() - 1))).toBe(true);
      expect(one.isWorking(one.nextWorking(start))).toBe(true);
      expect(one.workingMinutesBetween(start, one.nextWorking(start))).toBe(0);
    }
  });

  test('and as counting every minute by the clock on the wall', () => {
    for (let n = 0; n < 40; n++) {
      const data = n % 2 ? defaultCalendar : madeUp(whole);
      const one = createWorkingCalendar(data);
      const start = at('2026-02-10 00:00').getTime() + whole(20 * 1440) * 60_000;
      const length = whole(5 * 1440);
      let counted = 0;
      for (let minute = 0; minute < length; minute++)
        if (workedOnTheWall(data, new Date(start + minute * 60_000))) counted++;
      expect(one.workingMinutesBetween(new Date(start), new Date(start + length * 60_000))).toBe(counted);
    }
  });
});

test.each(['UTC', 'America/New_York', 'Asia/Shanghai'])('reckons alike in a process that lives in %s', (zone) => {
  const script = `
    const { createWorkingCalendar } = require('./src/platform/working-calendar');
    const { defaultCalendar } = require('./src/platform/calendar-setting');
    const one = createWorkingCalendar(defaultCalendar);
    const start = new Date('2026-03-06T17:00:00+08:00');
    // New York changes its clocks on 2026-03-08.
    console.log(JSON.stringify([
      Intl.DateTimeFormat().resolvedOptions().timeZone,
      one.addWorkingMinutes(start, 60), one.addWorkingDays(start, 1), one.isWorking(start),
      one.workingMinutesBetween(start, new Date('2026-03-10T10:00:00+08:00')),
    ]));`;
  const out = execFileSync(process.execPath, ['--import', 'tsx', '-e', script], {
    cwd: path.join(__dirname, '..', '..'),
    env: { ...process.env, TZ: zone },
    encoding: 'utf8',
  });
  expect(JSON.parse(out)).toEqual([zone, '2026-03-09T01:30:00.000Z', '2026-03-09T09:30:00.000Z', true, 30 + 390 + 60]);
});

describe('the contract', () => {
  const refused = (change: Partial<CalendarData>) =>
    calendarContract
      .safeParse({ ...defaultCalendar, ...change })
      .error?.issues.map(({ path: place }) => place.join('.'));

  test('takes what is shipped, and knows how far it reaches', () => {
    expect(calendarContract.parse(defaultCalendar)).toEqual(defaultCalendar);
    expect(lastYearKnown(defaultCalendar)).toBe(2026);
    expect(lastYearKnown({ ...defaultCalendar, holidays: [] })).toBeNull();
  });

  test('refuses what cannot be', () => {
    expect(refused({ hours: [] })).toEqual(['hours']);
    expect(refused({ hours: [{ from: '09:00', to: '09:00' }] })).toEqual(['hours.0.to']);
    expect(refused({ hours: [{ from: '9:00', to: '9:99' }] })).toEqual(['hours.0.from', 'hours.0.to']);
    const overlapping = [
      { from: '09:00', to: '12:00' },
      { from: '11:00', to: '17:00' },
    ];
    expect(refused({ hours: overlapping })).toEqual(['hours.1.from']);
    expect(refused({ workdays: [] })).toEqual(['workdays']);
    expect(refused({ workdays: [0, 8] })).toEqual(['workdays.0', 'workdays.1']);
    expect(refused({ worked: ['2026-02-30'] })).toEqual(['worked.0']);
    expect(refused({ worked: ['2026-02-16'] })).toEqual(['worked.0']);
    expect(refused({ holidays: [{ name: '倒着', from: '2026-01-03', to: '2026-01-01' }] })).toEqual(['holidays.0.to']);
    expect(refused({ holidays: [{ name: '整年', from: '2026-01-01', to: '2026-12-31' }], worked: [] })).toEqual([
      'holidays.0.to',
    ]);
  });
});

/** Other hours, another week, holidays and worked days anywhere in it. */
function madeUp(whole: (below: number) => number): CalendarData {
  const day = (n: number) => new Date(Date.UTC(2026, 0, 1 + n)).toISOString().slice(0, 10);
  const holidays = Array.from({ length: whole(30) }, () => {
    const first = whole(480);
    return { name: '放假', from: day(first), to: day(first + whole(10)) };
  });
  const night = whole(2) === 1;
  return {
    hours: night
      ? [
          { from: '00:00', to: '07:30' },
          { from: '22:00', to: '23:59' },
        ]
      : [{ from: '08:30', to: '16:00' }],
    workdays: [1 + whole(4), 5, 6 + whole(2)],
    holidays,
    worked: Array.from({ length: whole(30) }, () => day(whole(480))),
  };
}

/** The same question answered the slow way, by the zone's tables. */
const wall = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Asia/Shanghai',
  dateStyle: 'short',
  timeStyle: 'short',
  hourCycle: 'h23',
});
function workedOnTheWall({ hours, workdays, holidays, worked }: CalendarData, moment: Date): boolean {
  const [date, time] = wall.format(moment).split(' ') as [string, string];
  const weekday = new Date(`${date}T12:00:00Z`).getUTCDay() || 7;
  const free = holidays.some(({ from, to }) => from <= date && date <= to);
  const isDay = worked.includes(date) || (!free && workdays.includes(weekday));
  return isDay && hours.some(({ from, to }) => from <= time && time < to);
}

/** mulberry32: the same numbers in every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
