import { PlatformError } from './errcode';
import type { Simulator } from './types';

/** What each contact allows of customer-service messages; a new one of the same kind starts it afresh, nothing adds up. */
const rules = {
  message: { count: 5, seconds: 48 * 3600 },
  click: { count: 3, seconds: 60 },
  subscribe: { count: 3, seconds: 60 },
  scan: { count: 3, seconds: 60 },
} as const;

export type Contact = keyof typeof rules;

export async function openWindow(sim: Simulator, account: string, openid: string, contact: Contact): Promise<void> {
  const { count, seconds } = rules[contact];
  const now = sim.clock.now();
  await sim.db.query(
    `INSERT INTO simulator.allowances (account, openid, kind, remaining, expires_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (account, openid, kind) DO UPDATE SET remaining = excluded.remaining, expires_at = excluded.expires_at`,
    [account, openid, contact, count, new Date(now.getTime() + seconds * 1000)],
  );
  await sim.db.query('UPDATE simulator.citizens SET interacted_at = $3 WHERE account = $1 AND openid = $2', [
    account,
    openid,
    now,
  ]);
}

/** Takes one message from the window that closes first. */
export async function spendWindow(sim: Simulator, account: string, openid: string): Promise<void> {
  const now = sim.clock.now();
  const taken = await sim.db.query(
    `WITH chosen AS (
       SELECT kind FROM simulator.allowances
       WHERE account = $1 AND openid = $2 AND remaining > 0 AND expires_at > $3
       ORDER BY expires_at LIMIT 1 FOR UPDATE),
     taken AS (
       UPDATE simulator.allowances a SET remaining = remaining - 1 FROM chosen
       WHERE a.account = $1 AND a.openid = $2 AND a.kind = chosen.kind AND remaining > 0 RETURNING a.kind)
     SELECT kind FROM taken`,
    [account, openid, now],
  );
  if (taken.length > 0) return;
  const open = await sim.db.query(
    'SELECT kind FROM simulator.allowances WHERE account = $1 AND openid = $2 AND expires_at > $3',
    [account, openid, now],
  );
  throw new PlatformError(open.length > 0 ? 45047 : 45015);
}
