import type { ServiceDeps } from '../../../dialogue/service';
import type { Tx } from '../../../platform/database';
import { notFound, UserError } from '../../../platform/errors';
import { type Day, dayOf, weekdayOf } from '../days';
import { followRules } from '../slots';
import { stopSlots } from '../stop';
import { reopenStopped } from './day-acts';
import { lockResource, type Managed, note, type Who } from './managed';

export type Special = {
  day: Day;
  reason: string;
} & ({ kind: 'stopped' } | { kind: 'as'; weekday: number } | { kind: 'moved'; to: Day });

/**
 * One day unlike others, for one or for many: off, as another weekday (调休), or moved to another date. Whoever has booked a day that
 * is now off is told, as with any stop.
 * @throws UserError 404, 409, 422
 */
export async function addException(
  who: Who,
  resourceIds: number[],
  special: Special,
  deps: ServiceDeps,
): Promise<{ bookings: number }> {
  const today = dayOf(deps.clock.now());
  const days = special.kind === 'moved' ? [special.day, special.to] : [special.day];
  if (days.some((one) => one < today)) throw refused('day', '应为今天或以后的日期');
  if (special.kind === 'moved' && special.to === special.day) throw refused('to', '应为另一个日期');
  return deps.db.transaction(async (tx) => {
    let bookings = 0;
    // In one order, so that two who do this at once do not wait for each other.
    for (const id of [...new Set(resourceIds)].sort((one, other) => one - other)) {
      const one = await lockResource(tx, who.caller, id);
      bookings += await set(tx, one, special, deps);
      await note(tx, who, one, 'exception', special, deps);
    }
    return { bookings };
  });
}

/** The day is like others of its kind again; what was stopped for it is open again. @throws UserError 404 */
export async function removeException(who: Who, id: number, deps: ServiceDeps): Promise<void> {
  await deps.db.transaction(async (tx) => {
    const [row] = await tx.query<{ resource_id: number; day: string; kind: string; reason: string }>(
      'SELECT resource_id, day::text, kind, reason FROM appointment_exceptions WHERE id = $1',
      [id],
    );
    if (!row) throw notFound('这个例外');
    const one = await lockResource(tx, who.caller, row.resource_id);
    await tx.query('DELETE FROM appointment_exceptions WHERE id = $1', [id]);
    if (row.kind === 'stopped') await reopenStopped(tx, one.id, row, deps);
    await followRules(tx, one.id, deps);
    await note(tx, who, one, 'exception-remove', { day: row.day, kind: row.kind }, deps);
  });
}

async function set(tx: Tx, one: Managed, special: Special, deps: ServiceDeps): Promise<number> {
  const { day, kind, reason } = special;
  let bookings = 0;
  if (kind === 'as') await write(tx, one.id, { day, weekday: special.weekday, reason });
  else {
    await write(tx, one.id, { day, weekday: null, reason });
    bookings = await stopDay(tx, one.id, day, reason, deps);
  }
  if (kind === 'moved') await write(tx, one.id, { day: special.to, weekday: weekdayOf(day), reason });
  await followRules(tx, one.id, deps);
  return bookings;
}

const write = (tx: Tx, resourceId: number, one: { day: Day; weekday: number | null; reason: string }) =>
  tx.query(
    `INSERT INTO appointment_exceptions (resource_id, day, kind, weekday, reason) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (resource_id, day) DO UPDATE SET kind = excluded.kind, weekday = excluded.weekday, reason = excluded.reason`,
    [resourceId, one.day, one.weekday === null ? 'stopped' : 'as', one.weekday, one.reason],
  );

/** Also times that staff have made by hand. @returns how many places were taken */
async function stopDay(tx: Tx, resourceId: number, day: Day, reason: string, { clock }: ServiceDeps): Promise<number> {
  const slots = await tx.query<{ id: string; taken: number }>(
    `SELECT id::text, taken FROM appointment_slots WHERE resource_id = $1 AND day = $2 AND status = 'open' AND starts_at > $3`,
    [resourceId, day, clock.now()],
  );
  await stopSlots(tx, { slotIds: slots.map(({ id }) => id), reason });
  return slots.reduce((sum, { taken }) => sum + taken, 0);
}

const refused = (field: string, message: string) => new UserError(422, 'invalid-input', message, { [field]: message });
