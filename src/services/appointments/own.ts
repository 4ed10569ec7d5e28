import type { Citizen } from '../../people/citizen';
import type { Queryable } from '../../platform/database';
import { type Appointment, type Status, selectAppointments } from './tables';

/** What a citizen has coming, the next first. */
export const comingOf = (on: Queryable, { accountId, openid }: Citizen, at: Date): Promise<Appointment[]> =>
  on.query<Appointment>(
    `${selectAppointments} WHERE a.id IN (
       SELECT id FROM appointments WHERE account_id = $1 AND openid = $2 ORDER BY id DESC LIMIT 200)
      AND (a.status IN ('booked','checked-in') OR (a.status IN ('held','offered') AND a.until > $3)) AND s.ends_at > $3
     ORDER BY a.starts_at LIMIT 20`,
    [accountId, openid, at],
  );

/** Everything but what they held for a moment and changed for another time, the newest first; `before` is the last one seen. */
export const allOf = (
  on: Queryable,
  { accountId, openid }: Citizen,
  { before, limit }: { before?: string; limit: number },
): Promise<Appointment[]> =>
  on.query<Appointment>(
    `${selectAppointments} WHERE a.account_id = $1 AND a.openid = $2 AND a.end_reason IS DISTINCT FROM 'instead' AND ($3::bigint IS NULL OR a.id < $3) ORDER BY a.id DESC LIMIT $4`,
    [accountId, openid, before ?? null, limit],
  );

export async function ownAppointment(on: Queryable, { accountId, openid }: Citizen, id: string) {
  const [row] = await on.query<Appointment>(
    `${selectAppointments} WHERE a.id = $1 AND a.account_id = $2 AND a.openid = $3`,
    [id, accountId, openid],
  );
  return row;
}

export const stateNames: Record<Status, string> = {
  offered: '候补到号，待确认',
  held: '待确认',
  booked: '已预约',
  'checked-in': '已签到',
  served: '已办结',
  'no-show': '未到',
  cancelled: '已取消',
  expired: '未确认，已释放',
  stopped: '已停诊停办',
};
