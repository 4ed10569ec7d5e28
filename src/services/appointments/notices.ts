import type { ServiceDeps } from '../../dialogue/service';
import { citizenPage } from '../../people/citizen-page';
import { shanghai } from '../../platform/clock';
import type { Tx } from '../../platform/database';
import type { Appointment } from './tables';

/** Kinds of notice, as operators see them. */
export const notices = {
  'appointments.booked': '预约成功',
  'appointments.held': '有号，请确认预约',
  'appointments.moved': '预约改期',
  'appointments.reminder': '就诊办事提醒',
  'appointments.cancelled': '预约已取消',
  'appointments.stopped': '停诊停办通知',
  'appointments.offered': '候补到号',
  'appointments.called': '叫号提醒',
  'appointments.appealed': '爽约申诉结果',
  'appointments.substituted': '替诊通知',
} as const;

type Deps = Pick<ServiceDeps, 'delivery' | 'publicUrl' | 'accounts'>;
type Kind = 'booked' | 'held' | 'moved' | 'cancelled' | 'reminder' | 'stopped' | 'offered' | 'called' | 'substituted';

export const tellBooked = (
  tx: Tx,
  one: Appointment,
  deps: Deps,
  kind: 'booked' | 'moved' = 'booked',
  extra: Record<string, string> = {},
) => tell(tx, one, kind, deps, extra);

/** What makes it another one of its kind: called again, or taken over by yet another doctor. */
function again(kind: Kind, { called_at, resource_id }: Named): string {
  if (kind === 'called') return `:${called_at?.getTime()}`;
  return kind === 'substituted' ? `:${resource_id}` : '';
}

/** Tells the citizen by whatever way reaches them. Each kind once for one booking; a walk-in has nobody to tell. */
export async function tell(
  tx: Tx,
  one: Appointment,
  kind: Kind,
  deps: Deps,
  extra: Record<string, string> = {},
): Promise<string | undefined> {
  if (one.account_id === null || one.openid === null) return undefined;
  return deps.delivery.enqueue(tx, {
    accountId: one.account_id,
    openid: one.openid,
    source: `appointments:${one.code}`,
    notice: {
      kind: `appointments.${kind}`,
      title: notices[`appointments.${kind}`],
      data: { 事项: what(one), 时间: shanghai(one.starts_at), 地点: where(one), 编号: one.code, ...extra },
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
