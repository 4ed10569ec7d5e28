import type { Turn } from '../../dialogue/contributions';
import type { ServiceDeps } from '../../dialogue/service';
import type { Citizen } from '../../people/citizen';
import type { Queryable } from '../../platform/database';
import { linesOf } from './admission';
import { dayOf } from './days';
import { minutesFor, minutesOf } from './load';
import { what, where } from './notices';
import { type Appointment, selectAppointments } from './tables';

/** A citizen's own of today: at a counter, expected there, or in line for a place in a rush. */
export async function turns(citizen: Citizen, { db, clock }: ServiceDeps): Promise<Turn[]> {
  const now = clock.now();
  const [own, rush] = await Promise.all([ownToday(db, citizen, now), linesOf(db, citizen, now)]);
  const places = await placesOf(db, own, now);
  return [...own.map((one) => turnOf(one, places.get(one.id)!)), ...rush.slice(0, 1).map(inRush)];
}

/** Who is here stays in line, also when the time that was booked is over. */
const ownToday = (on: Queryable, { accountId, openid }: Citizen, now: Date): Promise<Appointment[]> =>
  on.query<Appointment>(
    `${selectAppointments} WHERE a.id IN (
       SELECT id FROM appointments WHERE account_id = $1 AND openid = $2 ORDER BY id DESC LIMIT 200)
      AND a.day = $3 AND (a.status = 'checked-in' OR (a.status = 'booked' AND s.ends_at > $4))
     ORDER BY a.status = 'booked', a.starts_at LIMIT 5`,
    [accountId, openid, dayOf(now), now],
  );

type Place = { id: string; passed: boolean; ahead: number; at_counter: number; minutes: number | null };

async function placesOf(on: Queryable, own: Appointment[], now: Date): Promise<Map<string, Place>> {
  const rows = await on.query<Place>(
    `SELECT a.id::text, a.passed_at IS NOT NULL AS passed, line.ahead, line.at_counter, visits.minutes
       FROM appointments a
       CROSS JOIN LATERAL (
         SELECT count(*) FILTER (WHERE b.called_at IS NULL AND b.passed_at IS NULL
                                   AND (b.queue_rank, b.id) < (a.queue_rank, a.id))::int AS ahead,
                count(*) FILTER (WHERE b.called_at IS NOT NULL AND b.passed_at IS NULL)::int AS at_counter
           FROM appointments b WHERE b.resource_id = a.resource_id AND b.day = a.day AND b.status = 'checked-in') line
       CROSS JOIN LATERAL (${minutesOf('a.resource_id', '$2')}) visits
      WHERE a.id = ANY ($1::bigint[])`,
    [own.map(({ id }) => id), now],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

function turnOf(one: Appointment, place: Place): Turn {
  const state = stateOf(one, place);
  const waits = state === 'waiting';
  return {
    title: what(one),
    place: where(one),
    state,
    number: one.queue_number,
    ahead: waits ? place.ahead : null,
    minutesToWait: waits ? minutesFor(place.ahead, place) : null,
    open: { label: what(one), key: 'appointments.one', args: { id: one.id } },
  };
}

function stateOf({ status, called_at }: Appointment, { passed }: Place): Turn['state'] {
  if (status === 'booked') return 'booked';
  if (passed) return 'passed';
  return called_at ? 'called' : 'waiting';
}

const inRush = ({ position, seconds }: { position: number | null; seconds: number | null }): Turn => ({
  title: '抢号排队',
  place: '',
  state: 'rush',
  number: null,
  ahead: position === null ? null : position - 1,
  minutesToWait: seconds === null ? null : Math.ceil(seconds / 60),
  open: { label: '抢号排到第几位', key: 'appointments.line' },
});
