import type { Queryable, Tx } from '../../platform/database';
import type { FieldEncryption } from '../../platform/field-encryption';
import type { Citizen } from '../citizen';

/** So long the phone that was registered until now is still the one to ask: who has only the session cannot put their own in its place. */
const keptMillis = 7 * 24 * 3600_000;

/** `formerUntil`: it is registered no more, and asked until then. */
type ConfirmingPhone = { phone: string; formerUntil: Date | undefined };

/** The phone whose code says that it is the citizen themselves; undefined where none was registered lately. */
export async function confirmingPhone(
  on: Queryable,
  citizen: Citizen,
  at: Date,
  encryption: FieldEncryption,
): Promise<ConfirmingPhone | undefined> {
  const [former] = await on.query<{ phone_sealed: string; kept_until: Date }>(
    'SELECT phone_sealed, kept_until FROM former_phones WHERE account_id = $1 AND openid = $2 AND kept_until > $3',
    [citizen.accountId, citizen.openid, at],
  );
  if (former) return { phone: encryption.open(former.phone_sealed), formerUntil: former.kept_until };
  const registered = await registeredPhone(on, citizen);
  return registered && { phone: encryption.open(registered.phone_sealed), formerUntil: undefined };
}

/** Changes who is bound, or with which phone; where the registered phone is another by it, the one until then is kept for a while. */
export async function keepingFormerPhone<T>(tx: Tx, citizen: Citizen, at: Date, change: () => Promise<T>): Promise<T> {
  const before = await registeredPhone(tx, citizen);
  const changed = await change();
  const after = await registeredPhone(tx, citizen);
  if (before && before.phone_hash !== after?.phone_hash)
    // Of several changes the first phone counts, and longer: each of them may have been somebody else's.
    await tx.query(
      `INSERT INTO former_phones AS f (account_id, openid, phone_sealed, kept_until) VALUES ($1, $2, $3, $4)
       ON CONFLICT (account_id, openid) DO UPDATE SET kept_until = excluded.kept_until,
         phone_sealed = CASE WHEN f.kept_until > $5 THEN f.phone_sealed ELSE excluded.phone_sealed END`,
      [citizen.accountId, citizen.openid, before.phone_sealed, new Date(at.getTime() + keptMillis), at],
    );
  return changed;
}

/** Their own, or that of whoever they registered first. */
async function registeredPhone(on: Queryable, { accountId, openid }: Citizen) {
  const [row] = await on.query<{ phone_sealed: string; phone_hash: string }>(
    `SELECT phone_sealed, phone_hash FROM person_bindings WHERE account_id = $1 AND openid = $2 AND unbound_at IS NULL
      ORDER BY relation <> 'self', id LIMIT 1`,
    [accountId, openid],
  );
  return row;
}
