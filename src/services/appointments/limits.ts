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
  await tx.query(`SELECT ${turnsSql('$1', '$2')}`, [phoneHash, id]);
}

/** Columns of a SELECT that wait for the turn. What must see everything of the turns before is another statement after it. */
export const turnsSql = (phoneHash: string, personId: string) =>
  `pg_advisory_xact_lock(7269041, hashtext(${phoneHash})), pg_advisory_xact_lock(7269042, hashtext(${personId}))`;

type Asked = Pick<Wanted, 'person' | 'at'> & { slot: Pick<SlotToTake, 'organisation_id' | 'day'>; policy: Policy };

export type Used = {
  missed: number;
  last_missed: Date | null;
  /** the limit that stands in the way */
  why: 'no-shows' | 'one-a-day' | 'per-week' | 'per-month' | 'per-phone' | null;
};

/** What a person has used of what they may have; `limitParameters` are its parameters. */
export const usedSql = `
  SELECT missed, last_missed,
         CASE WHEN missed >= $10::int AND last_missed > $11::timestamptz THEN 'no-shows'
              WHEN day > 0 THEN 'one-a-day'
              WHEN week >= $12::int THEN 'per-week'
              WHEN month >= $13::int THEN 'per-month'
              WHEN phone >= $14::int THEN 'per-phone' END AS why
    FROM (
      SELECT count(*) FILTER (WHERE day = $3::date AND status <> 'no-show') AS day,
             count(*) FILTER (WHERE day >= $4::date AND day < $5::date) AS week,
             count(*) FILTER (WHERE day >= $6::date AND day < $7::date) AS month
        FROM appointments
       WHERE person_id = $1::bigint AND organisation_id = $2::int
         AND day >= least($4::date, $6::date) AND day < greatest($5::date, $7::date) AND ${counts}) own,
     (SELECT count(DISTINCT person_id) AS phone FROM appointments
       WHERE phone_hash = $8 AND organisation_id = $2::int AND day = $3::date AND person_id <> $1::bigint AND ${counts}) shared,
     (SELECT count(*)::int AS missed, max(at) AS last_missed FROM appointment_no_shows
       WHERE person_id = $1::bigint AND organisation_id = $2::int AND at > $9::timestamptz AND forgiven_at IS NULL) ledger`;

/** $1 … $14 of `usedSql`. */
export function limitParameters({ person, slot, policy, at }: Asked): unknown[] {
  const { times, withinDays, banDays } = policy.noShows;
  const ago = (days: number) => new Date(at.getTime() - days * dayMillis);
  return [
    person.id,
    slot.organisation_id,
    slot.day,
    ...weekOf(slot.day),
    ...monthOf(slot.day),
    person.phoneHash,
    ago(withinDays),
    times,
    ago(banDays),
    policy.perWeek,
    policy.perMonth,
    policy.personsPerPhone,
  ];
}

/** @throws UserError 409 that says which limit, and 403 for one who did not come too often */
export async function checkLimits(tx: Tx, asked: Asked): Promise<void> {
  const [used] = await tx.named<Used>('appointments-used', usedSql, limitParameters(asked));
  refuseWhatIsUsed(used!, asked.policy);
}

/** @throws UserError like `checkLimits` */
export function refuseWhatIsUsed({ why, missed, last_missed }: Used, policy: Policy): void {
  switch (why) {
    case null:
      return;
    case 'no-shows': {
      const until = dayOf(new Date(last_missed!.getTime() + policy.noShows.banDays * dayMillis));
      throw new UserError(403, why, `您已爽约 ${missed} 次，${until} 前不能预约；有原因的请联系该部门撤销`);
    }
    case 'one-a-day':
      throw new UserError(409, why, '同一人同一天在同一部门只能约一次');
    case 'per-week':
      throw new UserError(409, 'too-many', `同一人每周在同一部门最多约 ${policy.perWeek} 次`);
    case 'per-month':
      throw new UserError(409, 'too-many', `同一人每月在同一部门最多约 ${policy.perMonth} 次`);
    case 'per-phone':
      throw new UserError(409, 'too-many', `一个手机号每天在同一部门最多为 ${policy.personsPerPhone} 个人预约`);
  }
}

const dayMillis = 24 * 3600_000;
