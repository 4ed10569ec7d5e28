import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '../platform/clock';
import type { Queryable, Tx } from '../platform/database';
import type { FieldEncryption } from '../platform/field-encryption';

/** What a back-office program calls us with. It opens the routes of one service, for one thing there. */
export type ApiKey = { id: string; organisationId: number; service: string; target: string; title: string };

/** A thing that keys can be for, such as a source of cases. */
export type KeyTarget = { target: string; title: string; organisationId: number };

type NewKey = Omit<ApiKey, 'id'> & { madeBy: number };
type Needed = { clock: Clock; encryption: FieldEncryption };

/** @returns with the secret, which is never shown again */
export async function makeApiKey(tx: Tx, fresh: NewKey, { clock, encryption }: Needed) {
  const id = `wk_${randomBytes(12).toString('hex')}`;
  const secret = secretOf(id, encryption);
  const { organisationId, service, target, title, madeBy } = fresh;
  await tx.query(
    `INSERT INTO api_keys (id, secret_hash, organisation_id, service, target, title, made_by, made_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [id, hashOf(secret, encryption), organisationId, service, target, title, madeBy, clock.now()],
  );
  return { id, secret };
}

/**
 * A key that is in use, and its secret to check signatures with. The secret stands nowhere: it is made from the id by SECRET_KEY,
 * and the stored hash says whether that is still the key which it was made with.
 */
export async function findApiKey(on: Queryable, id: string, encryption: FieldEncryption) {
  const [row] = await on.query<ApiKey & { secret_hash: string }>(
    `SELECT id, organisation_id AS "organisationId", service, target, title, secret_hash
       FROM api_keys WHERE id = $1 AND revoked_at IS NULL`,
    [id],
  );
  if (!row) return undefined;
  const { secret_hash, ...key } = row;
  const secret = secretOf(id, encryption);
  return hashOf(secret, encryption) === secret_hash ? { key, secret } : undefined;
}

/** When it was last used, to the minute: for whoever wonders whether it still is. */
export async function noteUse(on: Queryable, id: string, { clock }: Pick<Needed, 'clock'>): Promise<void> {
  const now = clock.now();
  await on.query('UPDATE api_keys SET used_at = $2 WHERE id = $1 AND (used_at IS NULL OR used_at < $3)', [
    id,
    now,
    new Date(now.getTime() - 60_000),
  ]);
}

const secretOf = (id: string, encryption: FieldEncryption): string =>
  createHmac('sha256', encryption.derive('api-keys')).update(id).digest('base64url');

/** Of its bytes, since `blindIndex` forgives small letters. */
const hashOf = (secret: string, encryption: FieldEncryption): string =>
  encryption.blindIndex(`api-key:${Buffer.from(secret).toString('hex')}`);
