import type { Queryable, Tx } from '../platform/database';
import type { Citizen, Row, Window } from './row';

/**
 * WeChat's windows for customer-service messages, kept in the citizen's session: every contact opens one anew (the inbox does
 * that), every send takes one place before it leaves. The end of a window tells it from the next one.
 */
export type Session = {
  message_until: Date | null;
  message_left: number;
  tap_until: Date | null;
  tap_left: number;
};

/** Locks the session, so that a contact and a decision about this citizen's messages take turns. */
export async function lockSession(on: Queryable, { accountId, openid }: Citizen): Promise<Session | undefined> {
  const [session] = await on.query<Session>(
    'SELECT message_until, message_left, tap_until, tap_left FROM sessions WHERE account_id = $1 AND openid = $2 FOR UPDATE',
    [accountId, openid],
  );
  return session;
}

/** The window to send in: that which closes first, since the platform takes from it first too. */
export function openWindow(session: Session | undefined, now: Date): { window: Window; until: Date } | undefined {
  if (!session) return undefined;
  const open = [
    { window: 'tap' as const, until: session.tap_until, left: session.tap_left },
    { window: 'message' as const, until: session.message_until, left: session.message_left },
  ].filter(({ until, left }) => left > 0 && until !== null && until > now);
  const first = open.sort((a, b) => a.until!.getTime() - b.until!.getTime())[0];
  return first && { window: first.window, until: first.until! };
}

/** Whether the place that a row took earlier is still good. */
export function stillReserved(row: Row, session: Session | undefined, now: Date): boolean {
  if (!row.reserved || !row.reserved_until || row.reserved_until <= now) return false;
  return session?.[`${row.reserved}_until`]?.getTime() === row.reserved_until.getTime();
}

export async function takePlace(tx: Tx, { accountId, openid }: Citizen, window: Window): Promise<void> {
  await tx.query(`UPDATE sessions SET ${window}_left = ${window}_left - 1 WHERE account_id = $1 AND openid = $2`, [
    accountId,
    openid,
  ]);
}

/** The message surely was not sent: its place is free again, unless the window has changed meanwhile. */
export async function giveBack(tx: Tx, row: Row): Promise<void> {
  if (!row.reserved) return;
  await tx.query(
    `UPDATE sessions SET ${row.reserved}_left = ${row.reserved}_left + 1
     WHERE account_id = $1 AND openid = $2 AND ${row.reserved}_until = $3`,
    [row.account_id, row.openid, row.reserved_until],
  );
}

/** The platform knows better: nothing is left in the windows that were open when the message left. Later ones stand. */
export async function closeWindows(tx: Tx, row: Row): Promise<void> {
  await tx.query(
    `UPDATE sessions SET
       message_left = CASE WHEN message_until - interval '48 hours' <= $3 THEN 0 ELSE message_left END,
       tap_left = CASE WHEN tap_until - interval '1 minute' <= $3 THEN 0 ELSE tap_left END
     WHERE account_id = $1 AND openid = $2`,
    [row.account_id, row.openid, row.sending_at],
  );
}

/** One more that waits for the citizen's next contact. Whoever never chatted has no session yet. */
export async function countWaiting(on: Queryable, { accountId, openid }: Citizen, now: Date): Promise<void> {
  await on.query(
    `INSERT INTO sessions AS s (account_id, openid, version, following, first_at, last_at, waiting) VALUES ($1, $2, 1, true, $3, $3, 1)
     ON CONFLICT (account_id, openid) DO UPDATE SET waiting = s.waiting + 1`,
    [accountId, openid, now],
  );
}
