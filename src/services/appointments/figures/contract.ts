import { z } from 'zod';
import { rate, share } from '../../../dialogue/figures/period';
import type { StaffRole } from '../../../people/staff';
import type { Counts } from './count';

/** Who plans, who supervises, and who sits at the counter: each of their own place. */
export const readers = ['supervisor', 'operator', 'clerk'] as const satisfies readonly StaffRole[];

/** How long before the visit people book: each up to so many days. */
export const leadSteps = [
  { title: '当天', upTo: 0 },
  { title: '提前 1 天', upTo: 1 },
  { title: '2 至 3 天', upTo: 3 },
  { title: '4 至 7 天', upTo: 7 },
  { title: '8 至 14 天', upTo: 14 },
  { title: '15 天以上', upTo: Number.POSITIVE_INFINITY },
] as const;

export const figures = z.object({
  capacity: z.number().describe('号源：开放的时段的人数，网上和窗口的都算；停诊停办的不算'),
  booked: z.number().describe('约了的，不含现场取号、取消、改走和因停诊停办没有的'),
  walkIns: z.number().describe('现场取号'),
  bookedShare: rate.describe('约出率：约了的和现场取号的，占号源'),
  came: z.number().describe('约了并且来了的'),
  usedShare: rate.describe('实到率：来了的和现场取号的，占号源；只算已经过去的日子'),
  noShows: z.number(),
  noShowShare: rate.describe('爽约率：占来了的和没来的'),
  cancelled: z.number().describe('市民取消'),
  cancelledShare: rate.describe('取消率：占约了的和取消的'),
  moved: z.number().describe('改期改走'),
  stopped: z.number().describe('因停诊停办'),
  lined: z.number().describe('候补'),
  placed: z.number().describe('候补到并且确认了'),
  placedShare: rate.describe('候补成功率：占有了结果的候补'),
  leadMedian: z.number().nullable().describe('从约到来，天数的中位数'),
  leads: z.array(z.number()).describe(`提前几天约的，各多少：${leadSteps.map(({ title }) => title).join('、')}`),
});
export type Figures = z.infer<typeof figures>;

export const report = z.object({
  organisation: z.object({ id: z.number(), title: z.string() }),
  total: figures,
  days: z.array(figures.extend({ day: z.iso.date() })),
  weeks: z.array(figures.extend({ day: z.iso.date().describe('那一周的周一') })),
  departments: z.array(figures.extend({ id: z.number(), title: z.string() })),
  resources: z.array(figures.extend({ id: z.number(), title: z.string(), department: z.string() })),
  moreResources: z.number().describe('另外还有几位没有列出，选一个部门或导出来看'),
});
export type Report = z.infer<typeof report>;

export function toFigures(one: Counts): Figures {
  const { capacity, booked, walkIns, came, noShows, cancelled, moved, stopped, lined, placed } = one;
  return {
    capacity,
    booked,
    walkIns,
    bookedShare: portion(booked + walkIns, capacity),
    came,
    usedShare: portion(one.pastCame, one.pastCapacity),
    noShows,
    noShowShare: share(noShows, came + noShows),
    cancelled,
    cancelledShare: share(cancelled, booked + cancelled),
    moved,
    stopped,
    lined,
    placed,
    placedShare: share(placed, one.settled),
    leadMedian: median(one.leads),
    leads: leadSteps.map(({ upTo }, place) => timesBetween(one.leads, leadSteps[place - 1]?.upTo ?? -1, upTo)),
  };
}

/** Who had come before a time was stopped came all the same: then more were there than there are places. */
const portion = (part: number, whole: number) => share(Math.min(part, whole), whole);

const timesBetween = (leads: Map<number, number>, over: number, upTo: number) =>
  [...leads].reduce((total, [lead, times]) => (lead > over && lead <= upTo ? total + times : total), 0);

function median(leads: Map<number, number>): number | null {
  const sorted = [...leads].sort(([one], [other]) => one - other);
  const half = sorted.reduce((total, [, times]) => total + times, 0) / 2;
  let passed = 0;
  for (const [lead, times] of sorted) {
    passed += times;
    if (passed >= half) return lead;
  }
  return null;
}
