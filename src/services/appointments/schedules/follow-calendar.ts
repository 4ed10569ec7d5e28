import { createHash } from 'node:crypto';
import type { ServiceDeps } from '../../../dialogue/service';
import { calendarKey, readCalendar } from '../../../platform/calendar-setting';
import type { Queryable } from '../../../platform/database';
import { followRules } from '../slots';

const followedKey = 'appointments.calendar-followed';

/**
 * Has the slots that are made already follow a working calendar that was changed, as they follow changed rules: a holiday takes those
 * away that nobody has booked, a day that is worked after all brings them back. One resource in each transaction, so that bookings
 * wait for none of it; what a process has left half done begins anew, and changes nothing twice.
 */
export async function followCalendar(deps: ServiceDeps): Promise<void> {
  const { db, settings } = deps;
  const calendar = await readCalendar(db);
  const version = createHash('sha256').update(JSON.stringify(calendar)).digest('base64url');
  const followed = await followedVersion(db);
  if (followed === version) return;
  // Slots that were made under the first calendar follow it already.
  if (followed !== undefined) {
    const get = <T>(key: string, otherwise: T) =>
      key === calendarKey ? (calendar as T) : settings.get(key, otherwise);
    const resources = await db.query<{ id: number }>(
      'SELECT id FROM appointment_resources WHERE disabled_at IS NULL ORDER BY id',
    );
    for (const { id } of resources)
      await db.transaction((tx) => followRules(tx, id, { clock: deps.clock, settings: { ...settings, get } }));
  }
  await settings.set(followedKey, version);
}

async function followedVersion(on: Queryable): Promise<string | undefined> {
  const [row] = await on.query<{ value: string }>('SELECT value FROM settings WHERE key = $1', [followedKey]);
  return row?.value;
}
