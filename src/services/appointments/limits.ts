import type { Tx } from '../../platform/database';
import { UserError } from '../../platform/errors';
import type { SlotToTake, Wanted } from './booking';
import { dayOf, monthOf, weekOf } from './days';
import type { Policy } from './policy';

/** Statuses that count as a place used: those that are coming, and those that were. */
const counts = `status IN ('offered','held','booked','checked-in','served','no-show')`;

/**
 * One person's and one phone's bookings are decided one after another, or two at once would each see the limit not reached. Always
 * the phone first, so that two who wait for each other cannot be.
 */
export async function takeTurns(tx: Tx, { id, phoneHash }: Wanted['person']): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock(7269041, hashtext($1)), pg_advisory_xact_lock(7269042, hashtext($2))', [
    phoneHash,
    id,
  ]);
}

/** @throws UserError 409 that says which limit, and 403 for one who did not come too often */
export async function checkLimits(
  tx: Tx,
  { person, slot, policy, at }: Pick<Wanted, 'person' | 'at'> & { slot: SlotToTake; policy: Policy },
): Promise<void> {
  const [week, month] = [weekOf(slot.day), monthOf(slot.day)];
  const [used] = await tx.query<{
    day: number;
    week: number;
    month: number;
    phone: number;
    missed: number;
    last: Date | null;
  }>(
    `SELECT coalesce(sum(1) FILTER (WHERE day = $3::date AND status <> 'no-show'), 0)::int AS day,
            coalesce(sum(1) FILTER (WHERE day >= $4::date AND day < $5::date), 0)::int AS week,
            coalesce(sum(1) FILTER (WHERE day >= $6::date AND day < $7::date), 0)::int AS month,
            (SELECT count(DISTINCT person_id)::int FROM appointments
              WHERE phone_hash = $8 AND organisation_id = $2 AND day = $3::date AND person_id <> $1 AND ${counts}) AS phone,
            missed.times AS missed, missed.last
       FROM (SELECT count(*)::int AS times, max(at) AS last FROM appointment_no_shows
              WHERE person_id = $1 AND organisation_id = $2 AND at > $9 AND forgiven_at IS NULL) missed
       LEFT JOIN appointments ON person_id = $1 AND organisation_id = $2 AND day >= least($4::date, $6::date) AND day < greatest($5::date, $7::date)
        AND ${counts}
      GROUP BY missed.times, missed.last`,
    [
      person.id,
      slot.organisation_id,
      slot.day,
      ...week,
      ...month,
      person.phoneHash,
      new Date(at.getTime() - policy.noShows.withinDays * day),
    ],
  );
  const { times, banDays } = policy.noShows;
  const until = used!.last && new Date(used!.last.getTime() + banDays * day);
  if (used!.missed >= times && until! > at)
    throw new UserError(
      403,
      'no-shows',
      `您已爽约 ${used!.missed} 次，${dayOf(until!)} 前不能预约；有原因的请联系该部门撤销`,
    );
  if (used!.day > 0) throw new UserError(409, 'one-a-day', '同一人同一天在同一部门只能约一次');
  if (used!.week >= policy.perWeek)
    throw new UserError(409, 'too-many', `同一人每周在同一部门最多约 ${policy.perWeek} 次`);
  if (used!.month >= policy.perMonth)
    throw new UserError(409, 'too-many', `同一人每月在同一部门最多约 ${policy.perMonth} 次`);
  if (used!.phone >= policy.personsPerPhone)
    throw new UserError(409, 'too-many', `一个手机号每天在同一部门最多为 ${policy.personsPerPhone} 个人预约`);
}

const day = 24 * 3600_000;
