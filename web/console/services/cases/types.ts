export const base = '/services/cases';

export type CaseRow = {
  id: string;
  sourceId: number;
  number: string;
  kind: string;
  kindTitle: string;
  state: string;
  stateTitle: string;
  ended: boolean;
  place: string;
  openedAt: string;
  movedAt: string;
  dueAt: string | null;
  overdue: boolean;
};
export type Case = CaseRow & {
  steps: { state: string; title: string; at: string; note: string }[];
  followers: number;
};
export type Source = {
  id: number;
  key: string;
  title: string;
  organisation: string;
  adapter: 'stored' | 'remote';
  on: boolean;
  /** kept here, and the caller may rename it and switch it off */
  mayChange: boolean;
  movedAt: string | null;
  overdue: number;
};
export type Kind = { key: string; title: string; states: { key: string; title: string }[] };

export type ImportStatus = 'uploading' | 'checking' | 'faulty' | 'ready' | 'storing' | 'done' | 'failed';
export type ImportRow = {
  id: string;
  sourceId: number;
  fileName: string;
  status: ImportStatus;
  done: number;
  total: number | null;
  faults: number;
  reason: string | null;
  askedAt: string;
};
export type Import = ImportRow & {
  summary: { rows: number; cases: number; fresh: number } | null;
  preview: { line: number; number: string; kind: string; state: string; at: string; place: string }[];
  firstFaults: { line: number; place: string; message: string }[];
};
export const importTitles: Record<ImportStatus, string> = {
  uploading: '正在上传',
  checking: '正在检查',
  faulty: '有错，没有导入',
  ready: '检查过，等您导入',
  storing: '正在导入',
  done: '已导入',
  failed: '没有导入',
};
