import type { Citizen } from '../../people/citizen';
import type { Tx } from '../../platform/database';
import { UnderWay } from './personal-data';
import { dayMillis } from './policy';

/**
 * Erases while nothing of the citizen's is being handled: a message that is would leave behind what it has led to, a booking or an
 * answer. One that is stored at last finds the session moved, and starts anew as the message of somebody new.
 * @throws UnderWay when a message is at it, or was stored in between; nothing is erased then
 */
export async function atRest<T>(tx: Tx, citizen: Citizen, at: Date, erase: () => Promise<T>): Promise<T> {
  const version = await versionOf(tx, citizen);
  await mustNotBeLate(tx, citizen, at);
  const erased = await erase();
  await mustNotBeLate(tx, citizen, at);
  await moveSession(tx, citizen, version);
  return erased;
}

/** Each message that is stored moves it. */
async function versionOf(tx: Tx, { accountId, openid }: Citizen): Promise<number | undefined> {
  const [row] = await tx.query<{ version: number }>(
    'SELECT version FROM sessions WHERE account_id = $1 AND openid = $2',
    [accountId, openid],
  );
  return row?.version;
}

/** One that is still being handled is its handler's. In a day nobody is at it any more. */
async function mustNotBeLate(tx: Tx, { accountId, openid }: Citizen, at: Date): Promise<void> {
  const [handled] = await tx.query(
    `SELECT 1 FROM inbox WHERE account_id = $1 AND openid = $2 AND status = 'late' AND received_at > $3 LIMIT 1`,
    [accountId, openid, new Date(at.getTime() - dayMillis)],
  );
  if (handled) throw new UnderWay('a message of theirs is still being handled');
}

async function moveSession(tx: Tx, { accountId, openid }: Citizen, version: number | undefined): Promise<void> {
  const [moved] = await tx.query<{ version: number }>(
    'UPDATE sessions SET state = NULL, version = version + 1 WHERE account_id = $1 AND openid = $2 RETURNING version',
    [accountId, openid],
  );
  if (moved?.version !== (version === undefined ? undefined : version + 1))
    throw new UnderWay('a message of theirs was stored meanwhile');
  await tx.query('DELETE FROM sessions WHERE account_id = $1 AND openid = $2 AND NOT following', [accountId, openid]);
}
