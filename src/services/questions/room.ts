import { openWindow, type Session } from '../../delivery/windows';
import type { Acting } from './change';

/**
 * How many more messages can leave for the citizen now, behind those that already wait: what does not fit would arrive with their
 * next contact, days later and out of the blue.
 */
export async function roomFor({ tx, question, at }: Acting): Promise<number> {
  const { account_id, openid } = question;
  const [session] = await tx.query<Session & { ahead: number }>(
    `SELECT message_until, message_left, tap_until, tap_left,
            (SELECT count(*)::int FROM deliveries d
              WHERE d.account_id = s.account_id AND d.openid = s.openid AND d.status IN ('queued', 'sending')) AS ahead
       FROM sessions s WHERE account_id = $1 AND openid = $2`,
    [account_id, openid],
  );
  const open = openWindow(session, at);
  return open ? Math.max(0, session![`${open.window}_left`] - session!.ahead) : 0;
}
