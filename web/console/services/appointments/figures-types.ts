import { percent } from '../../figures';

export type Figures = {
  capacity: number;
  booked: number;
  walkIns: number;
  bookedShare: number | null;
  came: number;
  usedShare: number | null;
  noShows: number;
  noShowShare: number | null;
  cancelled: number;
  cancelledShare: number | null;
  moved: number;
  stopped: number;
  lined: number;
  placed: number;
  placedShare: number | null;
  leadMedian: number | null;
  leads: number[];
};
export type Dated = Figures & { day: string };
export type Report = {
  organisation: { id: number; title: string };
  total: Figures;
  days: Dated[];
  weeks: Dated[];
  departments: (Figures & { id: number; title: string })[];
  resources: (Figures & { id: number; title: string; department: string })[];
  moreResources: number;
};

/** As src/services/appointments/figures/contract.ts counts them. */
export const leadSteps = ['当天', '提前 1 天', '2 至 3 天', '4 至 7 天', '8 至 14 天', '15 天以上'];

export const ofWhole = (count: number, share: number | null) =>
  share === null ? String(count) : `${count}（${percent(share)}）`;
export const leadWords = (days: number | null) => (days === null ? '—' : days === 0 ? '当天' : `${days} 天`);
export const columns: { title: string; short?: string; value: (one: Figures) => string | number }[] = [
  { title: '号源', value: (one) => one.capacity },
  { title: '约出', value: (one) => ofWhole(one.booked + one.walkIns, one.bookedShare) },
  { title: '来了', value: (one) => one.came + one.walkIns },
  { title: '实到率', value: (one) => percent(one.usedShare) },
  { title: '爽约', value: (one) => ofWhole(one.noShows, one.noShowShare) },
  { title: '取消', value: (one) => ofWhole(one.cancelled, one.cancelledShare) },
  {
    title: '候补到 / 候补',
    short: '候补到',
    value: (one) => (one.lined === 0 ? '—' : `${one.placed} / ${one.lined}`),
  },
  { title: '提前几天约', short: '提前约', value: (one) => leadWords(one.leadMedian) },
];
