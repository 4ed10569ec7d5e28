import type { Citizen } from '../../people/citizen';
import type { Queryable, Tx } from '../../platform/database';
import { UserError } from '../../platform/errors';
import type { FieldEncryption } from '../../platform/field-encryption';
import type { Proven } from './proof';
import { watch } from './remote/watch';

/** Far more than anybody has under way; so that nobody makes us send for ever. */
const mostFollowed = 30;

type Followed = Pick<Proven, 'sourceId' | 'number'>;

/** The citizen is told of each step from now on. @throws UserError 409 */
export async function follow(
  tx: Tx,
  { accountId, openid }: Citizen,
  proven: Proven,
  at: Date,
  encryption: FieldEncryption,
) {
  const { sourceId, number, personId, factor } = proven;
  await tx.query('SELECT pg_advisory_xact_lock(7269040, hashtext($1))', [openid]);
  const [row] = await tx.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM case_follows WHERE account_id = $1 AND openid = $2',
    [accountId, openid],
  );
  if (row!.count >= mostFollowed)
    throw new UserError(409, 'too-many', `最多订阅 ${mostFollowed} 个办件，请先取消办完的`);
  await tx.query(
    `INSERT INTO case_follows (source_id, number, account_id, openid, person_id, since, factor_sealed)
     SELECT id, $2, $3, $4, $5, $6, CASE WHEN adapter = 'remote' THEN $7 END FROM case_sources WHERE id = $1
     ON CONFLICT (source_id, number, account_id, openid) DO UPDATE
       SET person_id = excluded.person_id, factor_sealed = excluded.factor_sealed`,
    [sourceId, number, accountId, openid, personId, at, factor === null ? null : encryption.seal(factor)],
  );
  await watch(tx, sourceId, number, at);
}

export async function unfollow(tx: Tx, { accountId, openid }: Citizen, { sourceId, number }: Followed): Promise<void> {
  await tx.query('DELETE FROM case_follows WHERE source_id = $1 AND number = $2 AND account_id = $3 AND openid = $4', [
    sourceId,
    number,
    accountId,
    openid,
  ]);
}

export async function isFollowed(on: Queryable, { accountId, openid }: Citizen, { sourceId, number }: Followed) {
  const rows = await on.query(
    'SELECT 1 AS one FROM case_follows WHERE source_id = $1 AND number = $2 AND account_id = $3 AND openid = $4',
    [sourceId, number, accountId, openid],
  );
  return rows.length > 0;
}
