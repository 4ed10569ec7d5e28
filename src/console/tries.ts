import { organisationByKey, rootKey } from '../people/organisations';
import type { Staff } from '../people/staff';
import { recordAudit } from '../platform/audit';
import type { Queryable, Tx } from '../platform/database';
import { UserError } from '../platform/errors';
import type { ConsoleDeps } from './deps';
import { raiseAlarm } from './sign-in-alarms';
import { signInRulesOf } from './sign-in-rules';

/** One try at someone's password or code, counted before it is looked at: many at once must not all slip through. */
export type Try = {
  /** It was right: what went wrong before is forgotten. */
  succeeded(tx: Tx): Promise<void>;
  /** It was not, and may have been one too many. `staff`: whose it would be, if there is such a one. */
  failed(staff: Staff | undefined, reason: 'password' | 'code'): Promise<void>;
};

/**
 * Lets a try through unless there were too many for this username from wherever, or from this address for whomever: guessing one
 * person's password, and one password for everybody. Both counts are in Postgres. A username that nobody has is treated alike.
 * @throws UserError 429
 */
export async function admitTry(username: string, address: string, deps: ConsoleDeps): Promise<Try> {
  const name = nameCount(username, deps);
  const from = addressCount(address, deps);
  await count(from, deps);
  await count(name, deps).catch(async (refused: unknown) => {
    // Nothing was guessed: whoever knocks at a locked name must not lock the colleagues behind the same address out.
    await giveBack(deps.db, from);
    throw refused;
  });
  return {
    succeeded: async (tx) => {
      // Not the lock: it outlasts whoever was let through before it fell.
      await tx.query('DELETE FROM sign_in_tries WHERE who = $1 AND (locked_until IS NULL OR locked_until <= $2)', [
        name.who,
        deps.clock.now(),
      ]);
      // Of the address this one alone: someone with a password of their own must not have the others forgotten.
      await giveBack(tx, from);
    },
    failed: (staff, reason) =>
      deps.db.transaction(async (tx) => {
        const locked = await lockIfTooMany(tx, name, deps);
        const addressLocked = await lockIfTooMany(tx, from, deps);
        if (addressLocked) await tellOfAddress(tx, address, addressLocked, deps);
        if (!staff) return;
        // A wrong password proves nothing about who typed it.
        await recordAudit(tx, {
          at: deps.clock.now(),
          staffId: null,
          organisationId: staff.organisation.id,
          action: 'session.refused',
          subject: `staff:${staff.username}`,
          detail: { reason },
          address,
        });
        if (locked)
          await raiseAlarm(
            tx,
            { action: 'session.lock', subject: `staff:${staff.username}`, organisation: staff.organisation },
            { address, detail: { until: locked.toISOString() } },
            deps,
          );
      }),
  };
}

/** Takes the lock of a username away, and what was counted for it. @returns whether it was locked */
export async function unlockName(tx: Tx, username: string, deps: Pick<ConsoleDeps, 'clock' | 'encryption'>) {
  const [row] = await tx.query<{ locked: boolean }>(
    'DELETE FROM sign_in_tries WHERE who = $1 RETURNING locked_until > $2 AS locked',
    [whoIs(username, deps), deps.clock.now()],
  );
  return row?.locked ?? false;
}

/** Until when each of these usernames is locked, those alone that are. */
export async function locksOf(usernames: string[], { db, clock, encryption }: ConsoleDeps): Promise<Map<string, Date>> {
  const names = new Map(usernames.map((username) => [whoIs(username, { encryption }), username]));
  const rows = await db.query<{ who: string; locked_until: Date }>(
    'SELECT who, locked_until FROM sign_in_tries WHERE who = ANY ($1) AND locked_until > $2',
    [[...names.keys()], clock.now()],
  );
  return new Map(rows.map(({ who, locked_until }) => [names.get(who)!, locked_until]));
}

type Count = { who: string; most: number; refusal: string };

const whoIs = (username: string, { encryption }: Pick<ConsoleDeps, 'encryption'>) =>
  encryption.blindIndex(`sign-in:${username}`);

const nameCount = (username: string, deps: ConsoleDeps): Count => ({
  who: whoIs(username, deps),
  most: signInRulesOf(deps.settings).lockAfterFailures,
  refusal: '这个用户名登录失败次数过多，暂时锁定，请 {minutes} 分钟后再试，或请管理员解锁',
});

const addressCount = (address: string, { encryption, settings }: ConsoleDeps): Count => ({
  who: encryption.blindIndex(`sign-in-from:${network(address)}`),
  most: signInRulesOf(settings).lockAddressAfterFailures,
  refusal: '从您的网络地址登录失败次数过多，请 {minutes} 分钟后再试',
});

/** One household or machine has a whole /64 of IPv6, and would never run out of addresses. */
export function network(address: string): string {
  if (!address.includes(':')) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  const [head = '', tail] = address.split('%')[0]!.split('::');
  const groups = head === '' ? [] : head.split(':');
  const behind = tail ? tail.split(':') : [];
  const whole =
    tail === undefined ? groups : [...groups, ...Array(8 - groups.length - behind.length).fill('0'), ...behind];
  return `${whole
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

/** @throws UserError 429 when there are too many, in words with the minutes to wait */
async function count({ who, most, refusal }: Count, { db, clock, settings }: ConsoleDeps): Promise<void> {
  const { windowMillis } = signInRulesOf(settings);
  const at = clock.now();
  const [counted] = await db.query(
    `INSERT INTO sign_in_tries AS t (who, tried_at, expires_at) VALUES ($1, ARRAY[$2::timestamptz], $4)
     ON CONFLICT (who) DO UPDATE
        SET tried_at = ARRAY(SELECT one FROM unnest(t.tried_at) one WHERE one > $3) || $2::timestamptz, expires_at = $4
      WHERE (t.locked_until IS NULL OR t.locked_until <= $2)
        AND (SELECT count(*) FROM unnest(t.tried_at) one WHERE one > $3) < $5
     RETURNING who`,
    [who, at, new Date(at.getTime() - windowMillis), new Date(at.getTime() + windowMillis), most],
  );
  if (counted) return;
  const [row] = await db.query<{ locked_until: Date | null; first: Date | null }>(
    'SELECT locked_until, tried_at[1] AS first FROM sign_in_tries WHERE who = $1',
    [who],
  );
  const until = Math.max(row?.locked_until?.getTime() ?? 0, (row?.first?.getTime() ?? 0) + windowMillis);
  const minutes = Math.max(1, Math.ceil((until - at.getTime()) / 60_000));
  throw new UserError(429, 'too-many-tries', refusal.replace('{minutes}', String(minutes)));
}

/** The last one counted is not counted. */
const giveBack = (on: Queryable, { who }: Count) =>
  on.query('UPDATE sign_in_tries SET tried_at = tried_at[1:cardinality(tried_at) - 1] WHERE who = $1', [who]);

async function lockIfTooMany(tx: Tx, { who, most }: Count, { clock, settings }: ConsoleDeps) {
  const at = clock.now();
  const until = new Date(at.getTime() + signInRulesOf(settings).lockMillis);
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

/** It is nobody's in particular, so it is the business of those in charge of the whole. */
async function tellOfAddress(tx: Tx, address: string, until: Date, deps: ConsoleDeps): Promise<void> {
  const root = await organisationByKey(tx, rootKey);
  if (!root) return;
  await raiseAlarm(
    tx,
    { action: 'session.lock-address', subject: `address:${address}`, organisation: root },
    { address, detail: { until: until.toISOString() } },
    deps,
  );
}
