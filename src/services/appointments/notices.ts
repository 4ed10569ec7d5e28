import type { NoticeKind, ServiceDeps } from '../../dialogue/service';
import { citizenPage } from '../../people/citizen-page';
import { shanghai } from '../../platform/clock';
import type { Tx } from '../../platform/database';
import type { Appointment } from './tables';

const always = ['事项', '时间', '地点', '编号'] as const;

/** Kinds of notice, as operators see them. */
export const notices = {
  'appointments.booked': { title: '预约成功', fields: always },
  'appointments.held': { title: '有号，请确认预约', fields: [...always, '说明', '请在'] },
  'appointments.moved': { title: '预约改期', fields: [...always, '原因'] },
  'appointments.reminder': { title: '就诊办事提醒', fields: always },
  'appointments.cancelled': { title: '预约已取消', fields: [...always, '原因'] },
  'appointments.stopped': { title: '停诊停办通知', fields: [...always, '原因'] },
  'appointments.offered': { title: '候补到号', fields: [...always, '请在'] },
  'appointments.called': { title: '叫号提醒', fields: [...always, '排队号'] },
  'appointments.appealed': { title: '爽约申诉结果', fields: ['事项', '时间', '地点', '结果', '说明'] },
  'appointments.substituted': { title: '替诊通知', fields: [...always, '原因'] },
} as const satisfies Record<string, NoticeKind>;

type Deps = Pick<ServiceDeps, 'delivery' | 'publicUrl' | 'accounts'>;
export type LabelOf<Kind extends keyof typeof notices> = (typeof notices)[Kind]['fields'][number];
/** What some of a kind say besides. */
type More<K extends Kind> = { [Label in Exclude<LabelOf<`appointments.${K}`>, (typeof always)[number]>]?: string };

type Kind = 'booked' | 'held' | 'moved' | 'cancelled' | 'reminder' | 'stopped' | 'offered' | 'called' | 'substituted';

export const tellBooked = (tx: Tx, one: Appointment, deps: Deps) => tell(tx, one, 'booked', deps);

/** What makes it another one of its kind: called again, or taken over by yet another doctor. */
function again(kind: Kind, { called_at, resource_id }: Named): string {
  if (kind === 'called') return `:${called_at?.getTime()}`;
  return kind === 'substituted' ? `:${resource_id}` : '';
}

/** Tells the citizen by whatever way reaches them. Each kind once for one booking; a walk-in has nobody to tell. */
export async function tell<K extends Kind>(
  tx: Tx,
  one: Appointment,
  kind: K,
  deps: Deps,
  more: More<K> = {},
): Promise<string | undefined> {
  if (one.account_id === null || one.openid === null) return undefined;
  return deps.delivery.enqueue(tx, {
    accountId: one.account_id,
    openid: one.openid,
    source: `appointments:${one.code}`,
    notice: {
      kind: `appointments.${kind}`,
      title: notices[`appointments.${kind}`].title,
      data: { 事项: what(one), 时间: shanghai(one.starts_at), 地点: where(one), 编号: one.code, ...more },
      url: citizenPage(deps, one.account_id, `/appointments/${one.id}`),
    },
    dedupeKey: noticeKey(one, kind),
    expiresAt: uselessFrom(one, kind),
  });
}

/** Under which a notice of a booking is found again. */
export const noticeKey = (one: Named, kind: Kind): string => `appointments.${kind}:${one.id}${again(kind, one)}`;

type Named = Pick<Appointment, 'id' | 'called_at' | 'resource_id'>;

const callHoldsMillis = 15 * 60_000;

/** Most are of no use once it has begun; people are called after that, and then nobody waits for long. */
function uselessFrom({ starts_at, called_at }: Appointment, kind: Kind): Date | undefined {
  if (kind === 'stopped' || kind === 'cancelled') return undefined;
  return kind === 'called' ? new Date(called_at!.getTime() + callHoldsMillis) : starts_at;
}

export const what = ({ resource_title, resource_subtitle }: Appointment) =>
  `${resource_title} ${resource_subtitle}`.trim();
export const where = ({ house_title, organisation_title, place }: Appointment) =>
  [house_title, organisation_title, place].filter(Boolean).join(' ');
