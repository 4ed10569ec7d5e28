import { createSecretKey, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { Context } from 'koa';
import { findStaff, type Staff } from '../people/staff';
import { UserError } from '../platform/errors';
import type { Identified } from '../platform/http/serve';
import type { ConsoleDeps } from './deps';
import { type FactorState, factorState } from './second-factor';
import { findSession, longestMillis, type Session, touchSession } from './sessions';

export const accessMillis = 15 * 60_000;

type Claims = {
  /** the session */
  jti: string;
  sub: string;
  iat: number;
  exp: number;
};

/** The caller of the console's routes: someone of the staff, in one session of theirs. */
export type SignedInStaff = Staff & { session: { id: string }; secondFactor: FactorState; passwordGiven: boolean };

type Needed = Pick<ConsoleDeps, 'config' | 'clock' | 'db' | 'encryption' | 'settings'>;

/** Signs the way in for a quarter of an hour, and never beyond the session's end. */
export function signAccess(session: Pick<Session, 'id' | 'staffId' | 'createdAt'>, { clock, encryption }: Needed) {
  const at = clock.millis();
  const until = Math.min(at + accessMillis, session.createdAt.getTime() + longestMillis);
  const claims: Claims = {
    jti: session.id,
    sub: String(session.staffId),
    iat: Math.floor(at / 1000),
    exp: Math.floor(until / 1000),
  };
  return jwt.sign(claims, signingKey(encryption), { algorithm: 'HS256' });
}

/** Who sends this request, by bearer token or cookie; asks Postgres each time, so that a role taken away is gone at once. */
export async function identifyStaff(ctx: Context, deps: Needed): Promise<Identified<SignedInStaff> | undefined> {
  const bearer = /^Bearer (\S+)$/i.exec(ctx.get('authorization'))?.[1];
  const token = bearer ?? ctx.cookies.get(sessionCookie);
  const claims = token && readAccess(token, deps);
  const caller = claims && (await callerOf(claims.jti, deps, 'uses'));
  if (!caller) return undefined;
  // Not only the pages: nothing but putting it right is open until it is done.
  if (caller.passwordGiven && !openAtFirst.has(ctx.path))
    throw new UserError(403, 'password-given', '请先把别人给您的口令改成自己的');
  if (caller.secondFactor === 'needed' && !openAtFirst.has(ctx.path))
    throw new UserError(403, 'second-factor-needed', '请先设置动态口令');
  return { caller, by: bearer ? 'bearer' : 'cookie' };
}

/** Whoever is in this session, while it lasts; `looks` when that is no use of theirs and must not prolong it. */
export async function callerOf(id: string, deps: Needed, purpose: 'uses' | 'looks') {
  const at = deps.clock.now();
  const session = await findSession(deps.db, id, at);
  const found = session && (await findStaff(deps.db, { id: session.staffId }));
  if (!found) return undefined;
  if (purpose === 'uses') await touchSession(deps.db, session, at);
  const secondFactor = factorState(found.staff, session.hasFactor, deps);
  return { ...found.staff, session: { id }, secondFactor, passwordGiven: found.passwordGiven } satisfies SignedInStaff;
}

export const sessionCookie = 'weiban_console';
export const refreshCookie = 'weiban_console_refresh';
const path = '/api/console';
const openAtFirst = new Set(
  ['/me', '/logout', '/password', '/second-factor', '/second-factor/confirm'].map((one) => path + one),
);

/** Both cookies; without tokens they are taken away. */
export function setCookies(
  cookies: Context['cookies'],
  tokens: { access: string; refresh: string } | null,
  { config }: Pick<Needed, 'config'>,
): void {
  const secure = config.publicUrl.startsWith('https:');
  // Behind a proxy that ends TLS the connection itself is plain; PUBLIC_URL says what the browser sees.
  cookies.secure = secure;
  const shared = { httpOnly: true, sameSite: 'strict' as const, secure, overwrite: true };
  cookies.set(sessionCookie, tokens?.access ?? null, { ...shared, path, maxAge: tokens ? accessMillis : 0 });
  cookies.set(refreshCookie, tokens?.refresh ?? null, {
    ...shared,
    path: `${path}/refresh`,
    maxAge: tokens ? longestMillis : 0,
  });
}

function readAccess(token: string, { clock, encryption }: Needed): Claims | undefined {
  try {
    return jwt.verify(token, signingKey(encryption), {
      algorithms: ['HS256'],
      clockTimestamp: Math.floor(clock.millis() / 1000),
    }) as unknown as Claims;
  } catch {
    return undefined;
  }
}

// Of bytes the library would try for each token whether they are a public key, which takes longer than all the rest of a request.
const keys = new WeakMap<object, KeyObject>();
function signingKey(encryption: Needed['encryption']): KeyObject {
  const key = keys.get(encryption) ?? createSecretKey(encryption.derive('console-session'));
  keys.set(encryption, key);
  return key;
}
