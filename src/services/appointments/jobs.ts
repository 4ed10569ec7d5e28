import { exportJobs } from '../../dialogue/figures/exports';
import type { ServiceDeps } from '../../dialogue/service';
import type { JobHandler, Sweep } from '../../platform/jobs';
import { forgetOldLines, serveLines, tellThoseInVain } from './admission-serve';
import { dayOf, plusDays, timeOf } from './days';
import { tables } from './figures/tables';
import { expireOverdue, returnPlaces } from './give-out';
import { offerKept } from './kept-places';
import { markNoShows } from './no-shows';
import { tell } from './notices';
import { recount } from './recount';
import { followCalendar } from './schedules/follow-calendar';
import { workOnImports } from './schedules/import-work';
import { dropOldImports, importJob } from './schedules/imports';
import { makeSlots } from './slots';
import { releaseStopped } from './stop';
import { releaseJob } from './stop-clinic';
import { type Appointment, selectAppointments } from './tables';

const batch = 100;

/** All that time brings, by the clock; each finds what is due and may run in several processes at once. */
export const jobs = (deps: ServiceDeps): { handlers: Record<string, JobHandler>; sweeps: Sweep[] } => ({
  // At once; a sweep finds what a process has left half done.
  handlers: { ...sheets(deps).handlers, [importJob]: () => workOnImports(deps), [releaseJob]: () => freePlaces(deps) },
  sweeps: [
    { name: 'appointments.lines', seconds: 2, wakes: 'appointments.line', run: () => serveLines(deps) },
    { name: 'appointments.in-vain', seconds: 2, wakes: 'appointments.over', run: () => tellThoseInVain(deps) },
    { name: 'appointments.old-lines', seconds: 3600, run: () => forgetOldLines(deps) },
    { name: 'appointments.places', seconds: 5, run: () => freePlaces(deps) },
    { name: 'appointments.slots', seconds: 900, run: async () => void (await makeAllSlots(deps)) },
    { name: 'appointments.calendar', seconds: 900, wakes: 'settings', run: () => followCalendar(deps) },
    { name: 'appointments.reminders', seconds: 60, run: () => remind(deps) },
    { name: 'appointments.no-shows', seconds: 300, run: () => markNoShows(deps) },
    // Also what a process has left half done.
    { name: 'appointments.imports', seconds: 60, run: () => workOnImports(deps) },
    { name: 'appointments.imports-old', seconds: 3600, run: async () => void (await dropOldImports(deps)) },
    ...sheets(deps).sweeps,
    { name: 'appointments.recount', seconds: 24 * 3600, run: () => tellFaults(deps) },
  ],
});

const sheets = (deps: ServiceDeps) => exportJobs('appointments', tables(deps), deps);

/** One place in each transaction: it waits for a person's turn first and holds the slot's row last, so nobody waits in a circle. */
export async function freePlaces(deps: ServiceDeps): Promise<void> {
  await releaseAllStopped(deps);
  for (const work of [expireOverdue, returnPlaces, offerKept])
    for (let more = 1; more > 0; )
      more = await deps.db.transaction((tx) => work(tx, { ...deps, at: deps.clock.now() }));
}

/** One that fails is left to the next sweep: nobody behind waits for it. */
async function releaseAllStopped(deps: ServiceDeps): Promise<void> {
  const failing = new Set<string>();
  for (let more = 1; more > 0; ) {
    const before = failing.size;
    try {
      more = await deps.db.transaction((tx) => releaseStopped(tx, { ...deps, at: deps.clock.now() }, failing));
    } catch (error) {
      if (failing.size === before) throw error;
      deps.log.error(
        { err: error, appointment: [...failing].at(-1) },
        'a booking of a stopped time could not be released',
      );
    }
  }
}

export async function makeAllSlots(deps: ServiceDeps): Promise<number> {
  const resources = await deps.db.query<{ id: number }>(
    'SELECT id FROM appointment_resources WHERE disabled_at IS NULL ORDER BY id',
  );
  let made = 0;
  for (const { id } of resources) made += await deps.db.transaction((tx) => makeSlots(tx, id, deps));
  return made;
}

const remindFrom = '18:00';

/** The evening before; who booked later than that knows. */
export async function remind(deps: ServiceDeps): Promise<void> {
  const now = deps.clock.now();
  if (timeOf(now) < remindFrom) return;
  const tomorrow = plusDays(dayOf(now), 1);
  for (let sent = batch; sent === batch; )
    sent = await deps.db.transaction(async (tx) => {
      const coming = await tx.query<Appointment>(
        `${selectAppointments} WHERE a.status = 'booked' AND a.day = $1 AND a.reminded_at IS NULL ORDER BY a.id LIMIT ${batch}
          FOR UPDATE OF a SKIP LOCKED`,
        [tomorrow],
      );
      for (const one of coming) await tell(tx, one, 'reminder', deps);
      await tx.query('UPDATE appointments SET reminded_at = $2 WHERE id = ANY ($1::bigint[])', [
        coming.map(({ id }) => id),
        now,
      ]);
      return coming.length;
    });
}

async function tellFaults({ db, clock, log }: ServiceDeps): Promise<void> {
  const faults = await recount(db, dayOf(clock.now()));
  if (faults.length > 0) log.error({ slots: faults }, 'places taken and bookings do not agree');
}
