import { byIndex, type Tx } from '../../platform/database';
import { UserError } from '../../platform/errors';
import type { Wanted } from './booking';
import { dayOf } from './days';
import type { Policy } from './policy';

/** Statuses that count as a place used: those that are coming, and those that were. */
const counts = `status IN ('offered','held','booked','checked-in','served','no-show')`;

type Turn = Pick<Wanted['person'], 'id' | 'phoneHash'>;

/**
 * One person's and one phone's bookings are decided one after another, or two at once would each see the limit not reached. Always
 * the phones first, and those in one order, so that two who wait for each other cannot be.
 */
export async function takeTurns(tx: Tx, persons: Turn[]): Promise<void> {
  await tx.named(
    'appointments-turns',
    `SELECT ${byIndex}, ${rowByRow}, (${locks(7269041, '$1')}), (${locks(7269042, '$2')})`,
    [persons.map(({ phoneHash }) => phoneHash), persons.map(({ id }) => id)],
  );
}

/** What follows joins a handful of rows to theirs: never by reading a whole index, however small the tables were when it was planned. */
const rowByRow = `set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)`;

const locks = (kind: number, whose: string) =>
  `SELECT count(pg_advisory_xact_lock(${kind}, hash)) FROM (SELECT DISTINCT hashtext(one) AS hash FROM unnest(${whose}::text[]) one ORDER BY 1 OFFSET 0) t`;

type Asked = Pick<Wanted, 'at'> & {
  person: Turn;
  slot: { organisation_id: number; day: string };
  policy: Policy;
};

export type Used = {
  missed: number;
  last_missed: Date | null;
  /** the limit that stands in the way */
  why: 'no-shows' | 'one-a-day' | 'per-week' | 'per-month' | 'per-phone' | null;
};

/**
 * What a person has used of what they may have. Of each row of `asked` in the WITH before it: person_id, phone_hash,
 * organisation_id, day, at, and the policy as jsonb, which are `rules`; all that the row has is in the result too.
 */
export const usedSql = `
  SELECT t.*, missed, last_missed,
         CASE WHEN missed >= (rules #>> '{noShows,times}')::int
               AND last_missed > at - (rules #>> '{noShows,banDays}')::int * interval '24 hours' THEN 'no-shows'
              WHEN own.day > 0 THEN 'one-a-day'
              WHEN week >= (rules ->> 'perWeek')::int THEN 'per-week'
              WHEN month >= (rules ->> 'perMonth')::int THEN 'per-month'
              WHEN phone >= (rules ->> 'personsPerPhone')::int THEN 'per-phone' END AS why
    FROM (SELECT *, date_trunc('week', day::timestamp)::date AS monday, date_trunc('month', day::timestamp)::date AS first FROM asked) t,
   LATERAL (
      SELECT count(*) FILTER (WHERE day = t.day AND status <> 'no-show') AS day,
             count(*) FILTER (WHERE day >= monday AND day < monday + 7) AS week,
             count(*) FILTER (WHERE day >= first AND day < (first + interval '1 month')::date) AS month
        FROM appointments
       WHERE person_id = t.person_id AND organisation_id = t.organisation_id
         AND day >= least(monday, first) AND day < greatest(monday + 7, (first + interval '1 month')::date) AND ${counts}) own,
   LATERAL (
      SELECT count(DISTINCT person_id) AS phone FROM appointments
       WHERE phone_hash = t.phone_hash AND organisation_id = t.organisation_id AND day = t.day AND person_id <> t.person_id
         AND ${counts}) shared,
   LATERAL (
      SELECT count(*)::int AS missed, max(n.at) AS last_missed FROM appointment_no_shows n
       WHERE person_id = t.person_id AND organisation_id = t.organisation_id
         AND n.at > t.at - (rules #>> '{noShows,withinDays}')::int * interval '24 hours' AND forgiven_at IS NULL) ledger`;

/** @throws UserError 409 that says which limit, and 403 for one who did not come too often */
export async function checkLimits(tx: Tx, { person, slot, policy, at }: Asked): Promise<void> {
  const [used] = await tx.named<Used>(
    'appointments-used',
    `WITH asked AS (SELECT $1::bigint AS person_id, $2::text AS phone_hash, $3::int AS organisation_id, $4::date AS day,
                           $5::timestamptz AS at, $6::jsonb AS rules) ${usedSql}`,
    [person.id, person.phoneHash, slot.organisation_id, slot.day, at, JSON.stringify(policy)],
  );
  refuseWhatIsUsed(used!, policy);
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
      throw new UserError(409, why, '同一人同一天在同一部门只能约一次；已约的在「我的预约」里，可以改期或取消');
    case 'per-week':
      throw new UserError(409, 'too-many', `同一人每周在同一部门最多约 ${policy.perWeek} 次`);
    case 'per-month':
      throw new UserError(409, 'too-many', `同一人每月在同一部门最多约 ${policy.perMonth} 次`);
    case 'per-phone':
      throw new UserError(409, 'too-many', `一个手机号每天在同一部门最多为 ${policy.personsPerPhone} 个人预约`);
  }
}

const dayMillis = 24 * 3600_000;
