import type { Queryable } from '../../platform/database';
import type { Policy } from './policy';

export type Status =
  | 'offered'
  | 'held'
  | 'booked'
  | 'checked-in'
  | 'served'
  | 'no-show'
  | 'cancelled'
  | 'expired'
  | 'stopped';

/** A booking with the names of what was booked. */
export type Appointment = {
  id: string;
  code: string;
  slot_id: string;
  resource_id: number;
  organisation_id: number;
  day: string;
  starts_at: Date;
  ends_at: Date;
  account_id: number | null;
  openid: string | null;
  person_id: string | null;
  name_sealed: string;
  phone_sealed: string | null;
  phone_hash: string | null;
  status: Status;
  until: Date | null;
  made_at: Date;
  booked_at: Date | null;
  queue_number: number | null;
  called_at: Date | null;
  /** moved: another one stands for it; instead: it was never confirmed, and another time was chosen */
  end_reason: string | null;
  version: number;
  resource_title: string;
  resource_subtitle: string;
  place: string;
  policy: Partial<Policy>;
  organisation_title: string;
  organisation_path: string;
  /** 示例市第一医院 for 内科, where there is one */
  house_title: string | null;
};

/** What a booking says itself, and what its time, resource and organisation add. */
export const bookingColumns = `
  a.id::text, a.code, a.slot_id::text, a.resource_id, a.organisation_id, a.day::text, a.starts_at, a.account_id, a.openid,
         a.person_id::text, a.name_sealed, a.phone_sealed, a.phone_hash, a.status, a.until, a.made_at, a.booked_at, a.queue_number,
         a.called_at, a.end_reason, a.version`;
export const titleColumns = `
  s.ends_at, r.title AS resource_title, r.subtitle AS resource_subtitle, r.place, r.policy, o.title AS organisation_title,
         o.path AS organisation_path, h.title AS house_title`;
export const titleTables = `
  JOIN appointment_resources r ON r.id = s.resource_id
    JOIN organisations o ON o.id = s.organisation_id
    LEFT JOIN organisations h ON h.id = o.parent_id AND o.kind = 'department'`;
export const appointmentColumns = `${bookingColumns}, ${titleColumns}`;
export const appointmentTables = `
  appointments a
    JOIN appointment_slots s ON s.id = a.slot_id ${titleTables}`;
/** SELECT of whole bookings; the caller adds which. Nothing in it takes a parameter. */
export const selectAppointments = `SELECT ${appointmentColumns} FROM ${appointmentTables}`;

export async function appointmentById(on: Queryable, id: string): Promise<Appointment | undefined> {
  const [row] = await on.query<Appointment>(`${selectAppointments} WHERE a.id = $1`, [id]);
  return row;
}

/** One of a citizen's own, held for changing. */
export async function lockOwn(
  on: Queryable,
  { accountId, openid, id }: { accountId: number; openid: string; id: string },
): Promise<Appointment | undefined> {
  const [row] = await on.query<Appointment>(
    `${selectAppointments} WHERE a.id = $1 AND a.account_id = $2 AND a.openid = $3 FOR UPDATE OF a`,
    [id, accountId, openid],
  );
  return row;
}
