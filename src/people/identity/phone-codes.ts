import { randomInt, timingSafeEqual } from 'node:crypto';
import type { Tx } from '../../platform/database';
import { UserError } from '../../platform/errors';
import type { FieldEncryption } from '../../platform/field-encryption';
import type { Citizen } from '../citizen';
import { phoneHash } from './bindings';

/** Sends a text message; the simulator shows it on the citizen's phone. @throws when it did not leave */
export type SmsSender = { send(message: Citizen & { phone: string; text: string }): Promise<void> };

const lastsMillis = 10 * 60_000;
const againAfterMillis = 60_000;
const mostTries = 5;
/** of one phone in 24 hours, whoever asks: nobody's phone is to be rung all day */
const mostADay = 10;
/** of one citizen: nobody is to ring all the phones of a city */
const mostADayOfCitizen = 20;
/** tries in 24 hours that led nowhere, of one citizen and for one phone: neither a code nor a document can be guessed by asking for many */
const mostWrongADay = 20;
const day = 24 * 3600_000;

/**
 * Makes a code that the citizen gives back to show that the phone is theirs.
 * @returns the six digits, to be sent once this has committed
 * @throws UserError 429 when one was sent within the minute, or many today
 */
export async function makeCode(
  tx: Tx,
  { accountId, openid, phone, at }: Citizen & { phone: string; at: Date },
  encryption: FieldEncryption,
): Promise<string> {
  const hash = phoneHash(phone, encryption);
  await tx.query('SELECT pg_advisory_xact_lock(7269031, hashtext($1))', [hash]);
  const [sent] = await tx.query<{ today: number; last: Date | null }>(
    'SELECT count(*)::int AS today, max(sent_at) AS last FROM phone_codes WHERE phone_hash = $1 AND sent_at > $2',
    [hash, new Date(at.getTime() - day)],
  );
  await tx.query('SELECT pg_advisory_xact_lock(7269032, hashtext($1))', [openid]);
  const [own] = await tx.query<{ today: number; last: Date | null }>(
    `SELECT count(*)::int AS today, max(sent_at) AS last FROM phone_codes
      WHERE account_id = $1 AND openid = $2 AND sent_at > $3`,
    [accountId, openid, new Date(at.getTime() - day)],
  );
  const last = Math.max(sent!.last?.getTime() ?? 0, own!.last?.getTime() ?? 0);
  const wait = Math.ceil((last + againAfterMillis - at.getTime()) / 1000);
  if (wait > 0) throw new UserError(429, 'too-soon', `验证码刚发过，请 ${wait} 秒后再试`);
  if (sent!.today >= mostADay) throw new UserError(429, 'too-many', '这个手机号今天收到的验证码太多，请明天再试');
  if (own!.today >= mostADayOfCitizen) throw new UserError(429, 'too-many', '您今天获取的验证码太多，请明天再试');
  const code = String(randomInt(1_000_000)).padStart(6, '0');
  await tx.query(
    'INSERT INTO phone_codes (account_id, openid, phone_hash, code_hash, sent_at) VALUES ($1, $2, $3, $4, $5)',
    [accountId, openid, hash, codeHash(code, hash, encryption), at],
  );
  return code;
}

/**
 * Looks at a code. Runs in a transaction of its own, so that the try counts whatever becomes of the rest.
 * @returns which one it is, to be used up; undefined for a wrong, an old and a used one alike
 * @throws UserError 429 after many that led nowhere
 */
export async function tryCode(
  tx: Tx,
  { accountId, openid, phone, code, at }: Citizen & { phone: string; code: string; at: Date },
  encryption: FieldEncryption,
): Promise<string | undefined> {
  const hash = phoneHash(phone, encryption);
  // One after another, or many at once would each see none wrong yet.
  await tx.query('SELECT pg_advisory_xact_lock(7269031, hashtext($1)), pg_advisory_xact_lock(7269032, hashtext($2))', [
    hash,
    openid,
  ]);
  const [wrong] = await tx.query<{ own: number; phone: number }>(
    `SELECT coalesce(sum(wrong) FILTER (WHERE account_id = $1 AND openid = $2), 0)::int AS own,
            coalesce(sum(wrong) FILTER (WHERE phone_hash = $3), 0)::int AS phone
       FROM (SELECT account_id, openid, phone_hash, tries - (used_at IS NOT NULL)::int AS wrong FROM phone_codes
              WHERE sent_at > $4 AND ((account_id = $1 AND openid = $2) OR phone_hash = $3)) c`,
    [accountId, openid, hash, new Date(at.getTime() - day)],
  );
  if (wrong!.own >= mostWrongADay || wrong!.phone >= mostWrongADay)
    throw new UserError(429, 'too-many', '验证码输错的次数太多，请明天再试');
  const [row] = await tx.query<{ id: string; code_hash: string; tries: number }>(
    `SELECT c.id::text, code_hash, tries FROM phone_codes c
      WHERE account_id = $1 AND openid = $2 AND phone_hash = $3 AND used_at IS NULL AND sent_at > $4
      ORDER BY c.id DESC LIMIT 1 FOR UPDATE`,
    [accountId, openid, hash, new Date(at.getTime() - lastsMillis)],
  );
  if (!row || row.tries >= mostTries) return undefined;
  await tx.query('UPDATE phone_codes SET tries = tries + 1 WHERE id = $1', [row.id]);
  const right = timingSafeEqual(Buffer.from(row.code_hash), Buffer.from(codeHash(code, hash, encryption)));
  return right ? row.id : undefined;
}

/** It has served: the try that was right is none of those that led nowhere. */
export const useUpCode = (tx: Tx, id: string, at: Date): Promise<unknown> =>
  tx.query('UPDATE phone_codes SET used_at = $2 WHERE id = $1', [id, at]);

const codeHash = (code: string, hash: string, encryption: FieldEncryption) =>
  encryption.blindIndex(`phone-code:${hash}:${code}`);
