import type { ServiceDeps } from '../../dialogue/service';
import type { Staff } from '../../people/staff';
import type { Tx } from '../../platform/database';
import { end } from './change';
import { dayOf, moment, plusDays } from './days';
import { onOne, refused, selectVisits, type Who } from './desk';
import { policyOf } from './policy';
import { publishRoster } from './roster-news';
import type { Visit } from './visit';

const batch = 100;

/** Who has not come by the end of the day. Where nobody could come, `releaseStopped` ends it, and nothing counts. */
export async function markNoShows(deps: ServiceDeps): Promise<void> {
  const today = dayOf(deps.clock.now());
  for (let marked = batch; marked === batch; )
    marked = await deps.db.transaction(async (tx) => {
      const missed = await tx.query<Visit>(
        `${selectVisits} WHERE a.status = 'booked' AND a.day < $1 AND s.status <> 'stopped' ORDER BY a.day, a.id LIMIT ${batch} FOR UPDATE OF a SKIP LOCKED`,
        [today],
      );
      for (const one of missed) await miss(tx, one, deps);
      const rosters = new Map(missed.map((one) => [`${one.resource_id} ${one.day}`, one]));
      for (const one of rosters.values()) await publishRoster(tx, one, deps);
      return missed.length;
    });
}

/** A clerk says so before the day is over, once the time has begun. */
export const markNoShow = (who: Who, id: string, deps: ServiceDeps): Promise<Visit> =>
  onOne(who, id, deps, async (tx, one) => {
    if (one.status !== 'booked') throw refused('not-booked', '只有还没有签到的预约才能记未到');
    if (one.starts_at > deps.clock.now()) throw refused('too-early', '还没有到预约的时间，不能记未到');
    if (await isStopped(tx, one)) throw refused('stopped', '这个时段已经停诊停办，不能记未到');
    await miss(tx, one, deps);
    return 'no-show';
  });

async function isStopped(tx: Tx, { slot_id }: Visit): Promise<boolean> {
  const [slot] = await tx.query(`SELECT 1 FROM appointment_slots WHERE id = $1 AND status = 'stopped'`, [slot_id]);
  return slot !== undefined;
}

/** Somebody who did not come had a reason: it is not held against them any more. */
export const forgive = (who: Who, id: string, deps: ServiceDeps): Promise<Visit> =>
  onOne(who, id, deps, async (tx) => {
    if (!(await forgiveMark(tx, id, who.caller, deps))) throw refused('no-such-mark', '这个预约没有记爽约，或已经撤销');
    return 'forgive';
  });

/** @returns false where there is none to take back */
export async function forgiveMark(tx: Tx, id: string, caller: Staff, { clock }: Pick<ServiceDeps, 'clock'>) {
  const [forgiven] = await tx.query(
    `UPDATE appointment_no_shows SET forgiven_at = $2, decided_by = $3, decided_at = $2, appeal_status = 'accepted' WHERE appointment_id = $1 AND forgiven_at IS NULL
     RETURNING 1 AS one`,
    [id, clock.now(), caller.id],
  );
  return forgiven !== undefined;
}

async function miss(tx: Tx, one: Visit, deps: ServiceDeps): Promise<void> {
  await end(tx, one.id, { status: 'no-show', at: deps.clock.now(), returnsAt: null });
  if (one.person_id === null) return;
  const { withinDays, banDays } = policyOf(one.policy, deps).noShows;
  await tx.query(
    `INSERT INTO appointment_no_shows (appointment_id, person_id, organisation_id, at, counts_until, ban_until)
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
    [
      one.id,
      one.person_id,
      one.organisation_id,
      one.starts_at,
      moment(plusDays(one.day, withinDays), '23:59'),
      moment(plusDays(one.day, banDays), '23:59'),
    ],
  );
}
