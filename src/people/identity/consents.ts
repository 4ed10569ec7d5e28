import { createHash } from 'node:crypto';
import type { Queryable, Tx } from '../../platform/database';
import { UserError } from '../../platform/errors';
import type { Citizen } from '../citizen';

/** What a citizen agrees to, each by itself. */
export const consentKinds = {
  identity: '实名信息',
  family: '代家人办事',
} as const;
export type ConsentKind = keyof typeof consentKinds;

/** A text and its version: another wording is another version, to be agreed to anew. */
export const versionOf = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 16);

/**
 * Records that a citizen agreed to exactly this text.
 * @throws UserError 409 when the page showed another version than the one that holds now
 */
export async function giveConsent(
  tx: Tx,
  { accountId, openid }: Citizen,
  consent: { kind: ConsentKind; text: string; agreedTo: string; at: Date },
): Promise<void> {
  const version = versionOf(consent.text);
  if (version !== consent.agreedTo) throw new UserError(409, 'consent-changed', '授权说明刚有更新，请重新阅读并同意');
  await tx.query(
    `INSERT INTO consent_texts (version, kind, text, first_shown_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
    [version, consent.kind, consent.text, consent.at],
  );
  await tx.query(
    `INSERT INTO consents (account_id, openid, kind, version, given_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (account_id, openid, kind, version) WHERE withdrawn_at IS NULL DO NOTHING`,
    [accountId, openid, consent.kind, version, consent.at],
  );
}

export async function withdrawConsents(tx: Tx, { accountId, openid }: Citizen, at: Date): Promise<void> {
  await tx.query(
    'UPDATE consents SET withdrawn_at = $3 WHERE account_id = $1 AND openid = $2 AND withdrawn_at IS NULL',
    [accountId, openid, at],
  );
}

/** Which versions a citizen has agreed to, the newest first. */
export const consentsOf = (on: Queryable, { accountId, openid }: Citizen) =>
  on.query<{ kind: ConsentKind; version: string; given_at: Date }>(
    `SELECT kind, version, given_at FROM consents WHERE account_id = $1 AND openid = $2 AND withdrawn_at IS NULL
      ORDER BY id DESC LIMIT 100`,
    [accountId, openid],
  );
