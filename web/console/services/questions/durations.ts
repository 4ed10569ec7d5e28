import { shortTime } from '../../time';
import type { QuestionRow } from './types';

const minute = 60_000;

/** 「3 小时」: one figure, since people glance at it; never less than a minute. */
export function roughly(millis: number): string {
  const minutes = Math.max(1, Math.floor(millis / minute));
  if (minutes < 60) return `${minutes} 分钟`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} 小时` : `${Math.floor(hours / 24)} 天`;
}

/** 「47 小时 20 分」: for a window that closes, where the minutes count. */
export function exactly(millis: number): string {
  const minutes = Math.max(1, Math.floor(millis / minute));
  const hours = Math.floor(minutes / 60);
  return hours === 0 ? `${minutes} 分钟` : `${hours} 小时 ${minutes % 60} 分`;
}

export type Due = { tone: 'danger' | 'warning' | 'info'; title: string; full: string };

/** What the clock of a question says now: the one for the first reply as long as it runs, then the one for the whole. */
export function dueOf(row: QuestionRow, now: number): Due | null {
  if (row.status !== 'open') return null;
  if (row.pausedAt) return { tone: 'info', title: '计时暂停', full: `从 ${shortTime(row.pausedAt)} 起` };
  const at = row.firstDueAt ?? row.dueAt;
  if (!at) return null;
  const left = new Date(at).getTime() - now;
  const full = `${row.firstDueAt ? '首次答复' : '办结'}时限 ${shortTime(at, new Date(now))}`;
  if (row.overdue || left <= 0) return { tone: 'danger', title: left < 0 ? `超期 ${roughly(-left)}` : '已超期', full };
  return { tone: left < 4 * 60 * minute ? 'warning' : 'info', title: `剩 ${roughly(left)}`, full };
}
