import { serverNow } from '../../../../shared/server-time';

export const base = '/services/appointments/setup';

export type Kind = 'doctor' | 'clinic' | 'counter';
export type Pool = 'online' | 'counter';
export const kindTitles: Record<Kind, string> = { doctor: '医生', clinic: '门诊', counter: '窗口' };
export const poolTitles: Record<Pool, string> = { online: '网上', counter: '窗口' };
export const weekdayTitles = ['一', '二', '三', '四', '五', '六', '日'];

export type Branch = { id: number; parentId: number | null; title: string; kind: string; disabled: boolean };
export type Leaf = {
  id: number;
  organisationId: number;
  kind: Kind;
  title: string;
  subtitle: string;
  place: string;
  disabled: boolean;
  rules: number;
};
export type Tree = { organisations: Branch[]; resources: Leaf[] };

export type Policy = {
  horizonDays: number;
  releaseTime: string;
  holdMinutes: number;
  cancelUntil: { daysBefore: number; time: string } | null;
  cancelMinutesBefore: number;
  perWeek: number;
  perMonth: number;
  personsPerPhone: number;
  noShows: { times: number; withinDays: number; banDays: number };
  returnAfterMinutes: { least: number; most: number };
  offerMinutes: number;
};
export type Rule = {
  weekdays: number[];
  shift: string;
  from: string;
  to: string;
  minutes: number;
  capacity: number;
  pool: Pool;
  onHolidays: boolean;
  validFrom: string;
  validTo: string | null;
};
export type Exception = { id: number; day: string; kind: 'stopped' | 'as'; weekday: number | null; reason: string };
export type Detail = {
  id: number;
  organisationId: number;
  office: string;
  kind: Kind;
  title: string;
  subtitle: string;
  note: string;
  place: string;
  position: number;
  disabled: boolean;
  version: number;
  policy: Partial<Policy>;
  general: Policy;
  rules: Rule[];
  exceptions: Exception[];
};
export type Changes = { added: number; changed: number; removed: number; kept: number };
export type Preview = Changes & {
  days: { day: string; pool: Pool; slots: number; places: number; from: string; to: string }[];
};
export type Slot = {
  id: string;
  pool: Pool;
  startsAt: string;
  endsAt: string;
  opensAt: string;
  capacity: number;
  taken: number;
  status: 'open' | 'stopped';
  reason: string | null;
  byHand: boolean;
  withdrawn: boolean;
};
export type Import = {
  id: string;
  fileName: string;
  status: 'reading' | 'faulty' | 'ready' | 'applying' | 'done' | 'failed';
  done: number;
  total: number | null;
  faults: { line: number; column: string; message: string }[];
  summary: { resources: number; fresh: number; changed: number; rules: number } | null;
  reason: string | null;
  preview: {
    line: number;
    office: string;
    id: number | null;
    kind: Kind;
    title: string;
    subtitle: string;
    rules: Rule[];
  }[];
};

/** A day in Beijing, so many days from now. */
export const dayFromNow = (days: number): string =>
  new Date(serverNow() + (8 + days * 24) * 3600_000).toISOString().slice(0, 10);
export const weekdayOf = (day: string) => weekdayTitles[(new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7]!;
export const changeWords = ({ added, changed, removed, kept }: Changes): string =>
  [
    `新增 ${added} 个时段`,
    `改 ${changed} 个`,
    `撤 ${removed} 个空时段`,
    ...(kept > 0 ? [`${kept} 个已约的号保留在旧时段，不再给别人约`] : []),
  ].join('，');
