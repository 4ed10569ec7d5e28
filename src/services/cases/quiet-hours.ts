import { z } from 'zod';
import { shanghai } from '../../platform/clock';
import type { Settings } from '../../platform/settings';

export const quietHoursKey = 'cases.quiet-hours';

const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, '应为时间，如 21:00');
/** From the evening to the morning after, in Asia/Shanghai. */
export const quietHoursContract = z.strictObject({ from: time.default('21:00'), to: time.default('08:00') });

const dayMillis = 24 * 3600_000;

/** When a message may go that is not urgent: undefined for at once, else the end of the quiet hours. */
export function afterQuietHours(at: Date, settings: Settings): Date | undefined {
  const { from, to } = quietHoursContract.parse(settings.get(quietHoursKey, {}));
  const [day = '', time = ''] = shanghai(at).split(' ');
  const overnight = from > to;
  const quiet = overnight ? time >= from || time < to : time >= from && time < to;
  if (!quiet) return undefined;
  const end = new Date(`${day}T${to}:00+08:00`);
  return overnight && time >= from ? new Date(end.getTime() + dayMillis) : end;
}
