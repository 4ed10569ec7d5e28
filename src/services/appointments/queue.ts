import type { ServiceDeps } from '../../dialogue/service';
import type { Tx } from '../../platform/database';
import { end } from './change';
import { dayOf } from './days';
import { changed, lockVisit, onOne, refused, seen, takeTurnsAt, visitById, type Who } from './desk';
import { tell } from './notices';
import { policyOf } from './policy';
import type { Visit } from './visit';

/** They get the next number of the day, and stand behind everybody who has one. */
export async function lineUp(tx: Tx, { id, resource_id, day }: Pick<Visit, 'id' | 'resource_id' | 'day'>) {
  await takeTurnsAt(tx, resource_id);
  await tx.query(
    `WITH next AS (
       SELECT 1 + coalesce(max(queue_number), 0) AS number FROM appointments WHERE resource_id = $2 AND day = $3)
     UPDATE appointments SET status = 'checked-in', queue_number = number, queue_rank = number, ended_at = NULL, version = version + 1
       FROM next WHERE id = $1`,
    [id, resource_id, day],
  );
}

export type Done = { id: string; how: 'serve' | 'pass' };

/**
 * Calls whoever is next today, once whoever is there now is done or passed over. Two who press at once each get another person.
 * @returns null where nobody waits
 * @throws UserError 404, 409 where whoever was there has gone already, as when it is pressed twice
 */
export async function callNext(
  who: Who,
  resourceId: number,
  done: Done | undefined,
  deps: ServiceDeps,
): Promise<Visit | null> {
  return deps.db.transaction(async (tx) => {
    await seen(tx, who.caller, resourceId);
    // The booking first and the turn after it, as whoever lines up does.
    const gone = done && (await lockVisit(tx, who.caller, done.id));
    await takeTurnsAt(tx, resourceId);
    if (gone) await finish(tx, who, gone, { resourceId, how: done.how }, deps);
    const [next] = await tx.query<{ id: string }>(
      `SELECT id::text FROM appointments
        WHERE resource_id = $1 AND day = $2 AND status = 'checked-in' AND called_at IS NULL AND passed_at IS NULL
        ORDER BY queue_rank, id LIMIT 1 FOR UPDATE`,
      [resourceId, dayOf(deps.clock.now())],
    );
    if (!next) return null;
    const one = await visitById(tx, next.id);
    await callOne(tx, one, deps);
    return changed(tx, who, one, 'call', deps);
  });
}

async function finish(
  tx: Tx,
  who: Who,
  one: Visit,
  { resourceId, how }: { resourceId: number; how: Done['how'] },
  deps: ServiceDeps,
): Promise<void> {
  if (one.resource_id !== resourceId || !isCalled(one))
    throw refused('moved-on', '这一位已经办结或过号，请看最新的名单');
  await (how === 'serve' ? serveOne : passOne)(tx, one, deps);
  await changed(tx, who, one, how, deps);
}

/** Calls this one now, or once more. */
export const call = (who: Who, id: string, deps: ServiceDeps): Promise<Visit> =>
  onOne(who, id, deps, async (tx, one) => {
    if (one.status !== 'checked-in') throw refused('not-here', '还没有签到，不能叫号');
    await callOne(tx, one, deps);
    return one.called_at ? 'recall' : 'call';
  });

/** Done: whoever was called has been seen. */
export const serve = (who: Who, id: string, deps: ServiceDeps): Promise<Visit> =>
  onOne(who, id, deps, async (tx, one) => {
    if (one.status !== 'checked-in') throw refused('not-here', '还没有签到，不能办结');
    await serveOne(tx, one, deps);
    return 'serve';
  });

/** Called and not there: the others go on. */
export const pass = (who: Who, id: string, deps: ServiceDeps): Promise<Visit> =>
  onOne(who, id, deps, async (tx, one) => {
    if (!isCalled(one)) throw refused('not-called', '叫过号的才能过号');
    await passOne(tx, one, deps);
    return 'pass';
  });

/** There after all: behind the next few who wait, as the policy says, so that neither is it for nothing nor lost. */
export const lineUpAgain = (who: Who, id: string, deps: ServiceDeps): Promise<Visit> =>
  onOne(who, id, deps, async (tx, one) => {
    if (one.status !== 'checked-in' || !one.passed_at) throw refused('not-passed', '过号的才能重新排队');
    await takeTurnsAt(tx, one.resource_id);
    const behind = policyOf(one.policy, deps).passedBehind;
    const before = await tx.query<{ rank: number }>(
      `SELECT queue_rank AS rank FROM appointments
        WHERE resource_id = $1 AND day = $2 AND status = 'checked-in' AND called_at IS NULL AND passed_at IS NULL
        ORDER BY queue_rank, id LIMIT $3`,
      [one.resource_id, one.day, behind + 1],
    );
    const last = before[Math.min(behind, before.length) - 1]?.rank;
    const following = before[behind]?.rank;
    const rank =
      last === undefined ? (following ?? 1) - 0.5 : following === undefined ? last + 0.5 : (last + following) / 2;
    await tx.query(
      'UPDATE appointments SET passed_at = NULL, called_at = NULL, queue_rank = $2, version = version + 1 WHERE id = $1',
      [one.id, rank],
    );
    return 'line-up-again';
  });

const isCalled = (one: Visit) => one.status === 'checked-in' && one.called_at !== null && one.passed_at === null;

async function callOne(tx: Tx, one: Visit, deps: ServiceDeps): Promise<void> {
  const at = deps.clock.now();
  await tx.query(
    'UPDATE appointments SET called_at = $2, calls = calls + 1, passed_at = NULL, version = version + 1 WHERE id = $1',
    [one.id, at],
  );
  await tell(tx, { ...one, called_at: at }, 'called', deps, { 排队号: String(one.queue_number) });
}

const serveOne = (tx: Tx, one: Visit, deps: ServiceDeps) =>
  end(tx, one.id, { status: 'served', at: deps.clock.now(), returnsAt: null });

const passOne = (tx: Tx, one: Visit, deps: ServiceDeps) =>
  tx.query('UPDATE appointments SET passed_at = $2, version = version + 1 WHERE id = $1', [one.id, deps.clock.now()]);
