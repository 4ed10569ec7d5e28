import type { Staff } from '../people/staff';
import { recordAudit } from '../platform/audit';
import type { Limiter } from '../platform/cache';
import type { Tx } from '../platform/database';
import { UserError } from '../platform/errors';
import type { ConsoleDeps } from './deps';
import { raiseAlarm } from './sign-in-alarms';

/** One try at someone's password or code, counted before it is looked at: many at once must not all slip through. */
export type Try = {
  /** It was right: what went wrong before is forgotten. */
  succeeded(tx: Tx): Promise<void>;
  /** It was not, and may have been one too many. `staff`: whose it would be, if there is such a one. */
  failed(staff: Staff | undefined, reason: 'password' | 'code'): Promise<void>;
};

/**
 * Lets a try through unless there were too many: ten in a quarter of an hour for one username from one address, kept in the cache,
 * and ten for one username from wherever, kept in Postgres. A username that nobody has is treated alike.
 * @throws UserError 429
 */
export async function admitTry(username: string, address: string, deps: ConsoleDeps): Promise<Try> {
  const { db, encryption } = deps;
  const limiter = limiterOf(deps);
  const key = `${username.toLowerCase()}|${address}`;
  refuseFor(await limiter.consume(key));
  const who = encryption.blindIndex(`sign-in:${username}`);
  refuseFor(await countTry(who, deps));
  return {
    succeeded: async (tx) => {
      // Not the lock: it outlasts whoever was let through before it fell.
      await tx.query('DELETE FROM sign_in_tries WHERE who = $1 AND (locked_until IS NULL OR locked_until <= $2)', [
        who,
        deps.clock.now(),
      ]);
      await limiter.forget(key);
    },
    failed: (staff, reason) =>
      db.transaction(async (tx) => {
        const locked = await lockIfTooMany(tx, who, deps);
        if (!staff) return;
        const about = {
          staffId: null,
          organisationId: staff.organisation.id,
          subject: `staff:${staff.username}`,
          address,
        };
        const at = deps.clock.now();
        // A wrong password proves nothing about who typed it.
        await recordAudit(tx, { ...about, at, action: 'session.refused', detail: { reason } });
        if (locked)
          await raiseAlarm(tx, staff, 'session.lock', { address, detail: { until: locked.toISOString() } }, deps);
      }),
  };
}

function refuseFor(seconds: number): void {
  if (seconds > 0)
    throw new UserError(429, 'too-many-tries', `登录尝试过于频繁，请 ${Math.ceil(seconds / 60)} 分钟后再试`);
}

/** @returns the seconds to wait, 0 when let through and counted */
async function countTry(who: string, deps: ConsoleDeps): Promise<number> {
  const { most, windowMillis } = limitsOf(deps);
  const at = deps.clock.now();
  const [counted] = await deps.db.query(
    `INSERT INTO sign_in_tries AS t (who, tried_at, expires_at) VALUES ($1, ARRAY[$2::timestamptz], $4)
     ON CONFLICT (who) DO UPDATE
        SET tried_at = ARRAY(SELECT one FROM unnest(t.tried_at) one WHERE one > $3) || $2::timestamptz, expires_at = $4
      WHERE (t.locked_until IS NULL OR t.locked_until <= $2)
        AND (SELECT count(*) FROM unnest(t.tried_at) one WHERE one > $3) < $5
     RETURNING who`,
    [who, at, new Date(at.getTime() - windowMillis), new Date(at.getTime() + windowMillis), most],
  );
  if (counted) return 0;
  const [row] = await deps.db.query<{ locked_until: Date | null; first: Date | null }>(
    'SELECT locked_until, tried_at[1] AS first FROM sign_in_tries WHERE who = $1',
    [who],
  );
  const until = Math.max(row?.locked_until?.getTime() ?? 0, (row?.first?.getTime() ?? 0) + windowMillis);
  return Math.max(1, Math.ceil((until - at.getTime()) / 1000));
}

async function lockIfTooMany(tx: Tx, who: string, deps: ConsoleDeps): Promise<Date | undefined> {
  const { most, lockMillis } = limitsOf(deps);
  const at = deps.clock.now();
  const until = new Date(at.getTime() + lockMillis);
  const [locked] = await tx.query(
    `UPDATE sign_in_tries SET locked_until = $2, expires_at = $2, tried_at = '{}'
      WHERE who = $1 AND cardinality(tried_at) >= $3 RETURNING who`,
    [who, until, most],
  );
  await tx.query(
    `DELETE FROM sign_in_tries
      WHERE who IN (SELECT who FROM sign_in_tries WHERE expires_at < $1 LIMIT 100 FOR UPDATE SKIP LOCKED)`,
    [at],
  );
  return locked && until;
}

function limitsOf({ settings }: ConsoleDeps) {
  const positive = (key: string, otherwise: number) => {
    const value = Number(settings.get<unknown>(key, otherwise));
    return Number.isSafeInteger(value) && value > 0 ? value : otherwise;
  };
  return {
    most: positive('console.lock-after-failures', 10),
    windowMillis: positive('console.lock-window-minutes', 15) * 60_000,
    lockMillis: positive('console.lock-minutes', 15) * 60_000,
  };
}

const limiters = new WeakMap<object, Limiter>();
function limiterOf({ cache }: ConsoleDeps): Limiter {
  const limiter = limiters.get(cache) ?? cache.limiter('console-login', 10, 15 * 60);
  limiters.set(cache, limiter);
  return limiter;
}
