export type Figures = {
  volume: number;
  replied: number;
  firstReplyMedian: number | null;
  firstReplyP90: number | null;
  resolved: number;
  resolveMedian: number | null;
  resolveP90: number | null;
  onTime: number | null;
  solved: number | null;
  satisfied: number | null;
};
export type DayFigures = Figures & { day: string };
export type Report = {
  organisation: { id: number; title: string };
  total: Figures;
  days: DayFigures[];
  clerks: (Figures & { name: string })[];
  now: { open: number; overdue: number };
};
/** Working minutes as people say them. */
export function duration(minutes: number | null): string {
  if (minutes === null) return '—';
  if (minutes < 60) return `${minutes} 分`;
  return `${Math.floor(minutes / 60)} 小时${minutes % 60 === 0 ? '' : ` ${minutes % 60} 分`}`;
}
