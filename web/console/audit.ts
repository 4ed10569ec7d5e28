import { type AuditTitles, auditTitles } from './audit-titles';
import { fullTime } from './time';
import type { AuditEntry, Mode, Role } from './types';
import { modeTitles, roleTitles } from './words';

const ofServices = import.meta.glob<{ auditTitles: AuditTitles }>('./services/*/audit-titles.ts', { eager: true });
const parts = [auditTitles, ...Object.values(ofServices).map((one) => one.auditTitles)];
const partOf = (action: string) => parts.find(({ actions }) => action in actions) ?? auditTitles;

export const actionTitle = (action: string) => partOf(action).actions[action] ?? action;
export const actionGroups = parts.flatMap(({ groups }) =>
  Object.entries(groups).map(([value, title]) => ({ value, title })),
);

/** `staff:operator` is 人员 operator; a setting has a name of its own. */
export function subjectTitle(subject: string): string {
  const [kind = '', name = ''] = subject.split(/:(.*)/s);
  return subjects[subject] ?? (subjects[kind] ? `${subjects[kind]} ${name}` : subject);
}
const subjects: Record<string, string> = Object.assign({}, ...parts.map((one) => one.subjects));

/** Citizens ask for what is theirs, and we do it; who failed to sign in is nobody yet. */
export function actorTitle({ staff, action, address }: AuditEntry): string {
  if (staff !== null) return staff;
  if (action.startsWith('privacy.')) return action.endsWith('.done') ? '系统' : '市民';
  return address === '命令行' ? '命令行' : '未登录';
}

/** What is said about an action besides, name by name. */
export const detailsOf = ({ action, detail }: AuditEntry): { title: string; value: string }[] =>
  Object.entries(detail).map(([name, value]) => ({
    title: detailTitle(action, name),
    value: detailValue(action, name, value),
  }));

const detailTitle = (action: string, name: string) =>
  partOf(action).details?.[name] ?? auditTitles.details?.[name] ?? name;

function detailValue(action: string, name: string, value: unknown): string {
  if (value === null) return name === 'account' ? '全部' : '—';
  if (name === 'ok') return value ? '成功' : '失败';
  if (name === 'until' || name === 'due') return fullTime(String(value));
  if (name === 'mode' && action.startsWith('account.')) return modeTitles[value as Mode] ?? String(value);
  if (name === 'roles' && Array.isArray(value)) return value.map((one) => roleTitles[one as Role] ?? one).join('、');
  if (Array.isArray(value))
    return value
      .map((one) => (typeof one === 'object' ? JSON.stringify(one) : detailTitle(action, String(one))))
      .join('、');
  if (typeof value === 'boolean') return value ? '是' : '否';
  if (typeof value === 'object') return JSON.stringify(value);
  return partOf(action).values?.[name]?.[String(value)] ?? String(value);
}
