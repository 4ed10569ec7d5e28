import { createSecretKey, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { Context } from 'koa';
import type { Citizen } from '../people/citizen';
import type { FieldEncryption } from '../platform/field-encryption';
import type { Identified } from '../platform/http/serve';
import type { H5Deps } from './deps';

type Needed = Pick<H5Deps, 'clock' | 'encryption' | 'accounts' | 'signOuts' | 'publicUrl'>;

/** WeChat signs a page in again without a word, so that a phone that was lent is not signed in for long. */
const lastsMillis = 12 * 3600_000;
export const citizenCookie = 'weiban_h5';
const path = '/api/h5';

/** Signs a citizen in for half a day. */
export function signCitizen({ accountId, openid }: Citizen, { clock, encryption }: Needed): string {
  // To the millisecond: whoever signs in right after signing out is signed in.
  const at = clock.millis() / 1000;
  const claims = { acc: accountId, sub: openid, iat: at, exp: at + lastsMillis / 1000 };
  return jwt.sign(claims, keyOf(encryption), { algorithm: 'HS256' });
}

/** Who sends this request, by bearer token or cookie. */
export async function identifyCitizen(ctx: Context, deps: Needed): Promise<Identified<Citizen> | undefined> {
  const bearer = /^Bearer (\S+)$/i.exec(ctx.get('authorization'))?.[1];
  const token = bearer ?? ctx.cookies.get(citizenCookie);
  const caller = token && readToken(token, deps);
  return caller ? { caller, by: bearer ? 'bearer' : 'cookie' } : undefined;
}

export function setCookie(cookies: Context['cookies'], token: string | null, { publicUrl }: Pick<Needed, 'publicUrl'>) {
  const secure = publicUrl.startsWith('https:');
  // Behind a proxy that ends TLS the connection itself is plain; PUBLIC_URL says what the browser sees.
  cookies.secure = secure;
  // Lax, since the way back from WeChat's authorisation comes from another site.
  const options = { httpOnly: true, sameSite: 'lax' as const, secure, overwrite: true, path };
  cookies.set(citizenCookie, token, { ...options, maxAge: token ? lastsMillis : 0 });
}

function readToken(token: string, { clock, encryption, accounts, signOuts }: Needed): Citizen | undefined {
  try {
    const { acc, sub, iat } = jwt.verify(token, keyOf(encryption), {
      algorithms: ['HS256'],
      clockTimestamp: Math.floor(clock.millis() / 1000),
    }) as { acc: number; sub: string; iat: number };
    const citizen = { accountId: acc, openid: sub };
    return accounts.byId(acc) && signOuts.holds(citizen, 'sessions', Math.round(iat * 1000)) ? citizen : undefined;
  } catch {
    return undefined;
  }
}

// Of bytes the library would try for each token whether they are a public key, which takes longer than all the rest of a request.
const keys = new WeakMap<FieldEncryption, KeyObject>();
function keyOf(encryption: FieldEncryption): KeyObject {
  const key = keys.get(encryption) ?? createSecretKey(encryption.derive('citizen-session'));
  keys.set(encryption, key);
  return key;
}
