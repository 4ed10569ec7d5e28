import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Queryable, Tx } from '../../platform/database';
import { UserError } from '../../platform/errors';
import type { Citizen } from '../citizen';
import type { Person } from './bindings';
import { ageOn } from './documents';

/** What a citizen agrees to, each by itself. */
export const consentKinds = {
  identity: '实名信息',
  family: '代家人办事',
  guardian: '未满 14 周岁儿童信息',
  health: '医疗健康信息',
} as const;
export type ConsentKind = keyof typeof consentKinds;

/** Declared for each of the family by itself: that they agree to being acted for, or that it is a guardian who agrees. */
export const isForPerson = (kind: ConsentKind): boolean => kind === 'family' || kind === 'guardian';

export const consentKind = z.enum(Object.keys(consentKinds) as [ConsentKind, ...ConsentKind[]]);

/** A text and its version: another wording is another version, to be agreed to anew. */
export const versionOf = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 16);

/**
 * Records that a citizen agreed to exactly this text; of a kind that is for a person, that they did for this very person.
 * @throws UserError 409 when the page showed another version than the one that holds now
 */
export async function giveConsent(
  tx: Tx,
  { accountId, openid }: Citizen,
  consent: { kind: ConsentKind; personId?: string | undefined; text: string; agreedTo: string; at: Date },
): Promise<void> {
  const version = versionOf(consent.text);
  if (version !== consent.agreedTo) throw new UserError(409, 'consent-changed', '授权说明刚有更新，请重新阅读并同意');
  await tx.query(
    `INSERT INTO consent_texts (version, kind, text, first_shown_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
    [version, consent.kind, consent.text, consent.at],
  );
  await tx.query(
    `INSERT INTO consents (account_id, openid, kind, version, given_at, person_id) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (account_id, openid, kind, version, coalesce(person_id, 0)) WHERE withdrawn_at IS NULL DO NOTHING`,
    [accountId, openid, consent.kind, version, consent.at, consent.personId ?? null],
  );
}

/** All of them, one kind, or those for one person. @returns how many there were */
export async function withdrawConsents(
  tx: Tx,
  { accountId, openid }: Citizen,
  at: Date,
  { kind, personId }: { kind?: ConsentKind; personId?: string } = {},
): Promise<number> {
  const withdrawn = await tx.query(
    `WITH u AS (UPDATE consents SET withdrawn_at = $3
        WHERE account_id = $1 AND openid = $2 AND withdrawn_at IS NULL
          AND ($4::text IS NULL OR kind = $4) AND ($5::bigint IS NULL OR person_id = $5) RETURNING id)
     SELECT id FROM u`,
    [accountId, openid, at, kind ?? null, personId ?? null],
  );
  return withdrawn.length;
}

/** What a citizen agrees to, once for each kind and person, the newest first: one of the current versions, or else the newest. */
export const consentsOf = (on: Queryable, { accountId, openid }: Citizen, current: string[]) =>
  on.query<{ kind: ConsentKind; version: string; given_at: Date; person_id: string | null }>(
    `SELECT kind, version, given_at, person_id::text FROM (
       SELECT DISTINCT ON (kind, person_id) id, kind, version, given_at, person_id FROM consents
        WHERE account_id = $1 AND openid = $2 AND withdrawn_at IS NULL
        ORDER BY kind, person_id, version = ANY ($3) DESC, id DESC) each
      ORDER BY id DESC`,
    [accountId, openid, current],
  );

/** Everything a citizen has agreed to and taken back, and for whom, word for word, the newest first. */
export const consentHistoryOf = (on: Queryable, { accountId, openid }: Citizen, most: number) =>
  on.query<{
    kind: string;
    version: string;
    text: string;
    given_at: Date;
    withdrawn_at: Date | null;
    person_id: string | null;
  }>(
    `SELECT c.kind, c.version, t.text, c.given_at, c.withdrawn_at, c.person_id::text
       FROM consents c JOIN consent_texts t ON t.version = c.version
      WHERE c.account_id = $1 AND c.openid = $2 ORDER BY c.id DESC LIMIT $3`,
    [accountId, openid, most],
  );

/** Under this age somebody else agrees for a child (PIPL, article 31). */
export const ownAge = 14;

/** What it takes to act for a person; `health` where that goes to a hospital. */
export function consentsNeeded(
  { relation, born }: Pick<Person, 'relation' | 'born'>,
  today: string,
  { health = false } = {},
): ConsentKind[] {
  const kinds: ConsentKind[] = ['identity'];
  if (relation !== 'self') kinds.push('family');
  if (relation !== 'self' && born !== undefined && ageOn(born, today) < ownAge) kinds.push('guardian');
  if (health) kinds.push('health');
  return kinds;
}

/** Of each of many, whether they have agreed to a text as it reads now. */
export async function haveAgreed(
  on: Queryable,
  citizens: Citizen[],
  { kind, text }: { kind: ConsentKind; text: string },
): Promise<boolean[]> {
  const rows = await on.query<{ agreed: boolean }>(
    `SELECT EXISTS (
       SELECT FROM consents c WHERE c.account_id = t.account_id AND c.openid = t.openid AND c.kind = $3 AND c.version = $4
          AND c.withdrawn_at IS NULL) AS agreed
       FROM unnest($1::int[], $2::text[]) WITH ORDINALITY AS t (account_id, openid, n) ORDER BY n`,
    [citizens.map(({ accountId }) => accountId), citizens.map(({ openid }) => openid), kind, versionOf(text)],
  );
  return rows.map(({ agreed }) => agreed);
}
