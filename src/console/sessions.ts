import { randomUUID } from 'node:crypto';
import type { Queryable, Tx } from '../platform/database';
import type { ConsoleDeps } from './deps';
import { firstToken, follow, hasHash, hashToken, nextToken, type RefreshToken, readToken } from './refresh-token';

const hour = 3600_000;
export const idleMillis = 8 * hour;
export const longestMillis = 12 * hour;
/** Two tabs that notice at once that their access has run out send the same token; both must go on. */
const graceMillis = 10_000;
/** Ended ones stay for whoever looks into an incident; the audit trail has them for longer. */
const keptMillis = 90 * 24 * hour;

export type Session = { id: string; staffId: number; createdAt: Date; usedAt: Date; rotatedAt: Date };

/** Who signs in from where. */
export type Origin = { address: string; agent: string };

export async function startSession(tx: Tx, staffId: number, { address, agent }: Origin, at: Date) {
  const token = firstToken(randomUUID());
  await tx.query(
    `INSERT INTO console_sessions (id, staff_id, created_at, used_at, address, agent, refresh_hash, rotated_at)
     VALUES ($1, $2, $3, $3, $4, $5, $6, $3)`,
    [token.session, staffId, at, address, agent, hashToken(token)],
  );
  await tx.query('DELETE FROM console_sessions WHERE created_at < $1', [new Date(at.getTime() - keptMillis)]);
  return { session: { id: token.session, staffId, createdAt: at }, token };
}

/** The session while it lasts: neither ended, nor left alone for eight hours, nor older than twelve, nor signed out of everywhere. */
export async function findSession(on: Queryable, id: string, at: Date, lock = false) {
  const [row] = await on.named<Session & { refreshHash: string; generation: number; hasFactor: boolean }>(
    lock ? 'console-session-held' : 'console-session',
    `SELECT c.id, c.staff_id AS "staffId", c.created_at AS "createdAt", c.used_at AS "usedAt", c.rotated_at AS "rotatedAt",
            c.refresh_hash AS "refreshHash", c.generation, f.confirmed_at IS NOT NULL AS "hasFactor"
       FROM console_sessions c JOIN staff s ON s.id = c.staff_id LEFT JOIN staff_second_factors f ON f.staff_id = s.id
      WHERE c.id = $1 AND ${lasting} ${lock ? 'FOR UPDATE OF c' : ''}`,
    [id, ...lastingSince(at)],
  );
  return row;
}

/** Takes `$2` and `$3` of `lastingSince`, on `console_sessions c` and `staff s`. */
export const lasting = `c.ended_at IS NULL AND c.used_at > $2 AND c.created_at > $3
        AND s.disabled_at IS NULL AND (s.signed_out_at IS NULL OR c.created_at > s.signed_out_at)`;
export const lastingSince = (at: Date) => [new Date(at.getTime() - idleMillis), new Date(at.getTime() - longestMillis)];

/** Notes that it is in use, once a minute. */
export async function touchSession(on: Queryable, { id, usedAt }: Session, at: Date): Promise<void> {
  if (at.getTime() - usedAt.getTime() < 60_000) return;
  await on.query('UPDATE console_sessions SET used_at = $2 WHERE id = $1 AND used_at < $2', [id, at]);
}

export type Exchanged =
  | { outcome: 'renewed'; session: Session; token: RefreshToken }
  | { outcome: 'reused'; session: Session }
  | { outcome: 'unknown' };

/** A refresh token for the next one. One that was exchanged already is in two hands, and which is the thief's nobody can tell: the session ends. */
export async function exchange(tx: Tx, text: string, { clock, encryption }: Pick<ConsoleDeps, 'clock' | 'encryption'>) {
  const given = readToken(text);
  const at = clock.now();
  const row = given && (await findSession(tx, given.session, at, true));
  const current = row && follow(given, row.generation, encryption);
  if (!current || !hasHash(current, row.refreshHash)) return { outcome: 'unknown' } satisfies Exchanged;
  const age = row.generation - given.generation;
  if (age === 0) {
    const token = nextToken(current, encryption);
    await tx.query(
      `UPDATE console_sessions SET refresh_hash = $2, generation = $3, rotated_at = $4, used_at = greatest(used_at, $4) WHERE id = $1`,
      [row.id, hashToken(token), token.generation, at],
    );
    return { outcome: 'renewed', session: row, token } satisfies Exchanged;
  }
  if (age === 1 && at.getTime() - row.rotatedAt.getTime() <= graceMillis)
    return { outcome: 'renewed', session: row, token: current } satisfies Exchanged;
  await endSession(tx, row.staffId, row.id, at);
  return { outcome: 'reused', session: row } satisfies Exchanged;
}

/** For good. @returns whether there was such a one of theirs */
export async function endSession(on: Queryable, staffId: number, id: string, at: Date): Promise<boolean> {
  const rows = await on.query(
    'UPDATE console_sessions SET ended_at = $3 WHERE id = $1 AND staff_id = $2 AND ended_at IS NULL RETURNING id',
    [id, staffId, at],
  );
  return rows.length > 0;
}

/** All of theirs but this one. */
export async function endOtherSessions(on: Queryable, staffId: number, but: string, at: Date): Promise<void> {
  await on.query('UPDATE console_sessions SET ended_at = $3 WHERE staff_id = $1 AND id <> $2 AND ended_at IS NULL', [
    staffId,
    but,
    at,
  ]);
}

/** Signed out everywhere: what was signed in until now is void. */
export async function endSessions(on: Queryable, staffId: number, at: Date): Promise<void> {
  await on.query('UPDATE staff SET signed_out_at = $2 WHERE id = $1', [staffId, at]);
  await on.query('UPDATE console_sessions SET ended_at = $2 WHERE staff_id = $1 AND ended_at IS NULL', [staffId, at]);
}
