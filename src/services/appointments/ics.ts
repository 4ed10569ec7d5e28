import { createEvent, type DateArray } from 'ics';
import type { ServiceDeps } from '../../dialogue/service';
import { FileAnswer } from '../../platform/http/file-answer';
import { what, where } from './notices';
import type { Appointment } from './tables';

/** One entry for the phone's calendar, with an alarm two hours before. */
export function calendarEntry(one: Appointment, { publicUrl }: Pick<ServiceDeps, 'publicUrl'>): FileAnswer {
  const { error, value } = createEvent({
    uid: `appointment-${one.id}@${new URL(publicUrl).hostname}`,
    sequence: one.version,
    start: utc(one.starts_at),
    startInputType: 'utc',
    end: utc(one.ends_at),
    endInputType: 'utc',
    title: `预约：${what(one)}`,
    location: where(one),
    description: `编号 ${one.code}，请提前 15 到 30 分钟到场`,
    status: one.status === 'booked' || one.status === 'checked-in' ? 'CONFIRMED' : 'CANCELLED',
    alarms: [{ action: 'display', description: what(one), trigger: { hours: 2, before: true } }],
  });
  if (!value) throw error;
  return new FileAnswer({ bytes: Buffer.from(value), contentType: 'text/calendar', saveAs: `预约${one.code}.ics` });
}

const utc = (at: Date): DateArray => [
  at.getUTCFullYear(),
  at.getUTCMonth() + 1,
  at.getUTCDate(),
  at.getUTCHours(),
  at.getUTCMinutes(),
];
