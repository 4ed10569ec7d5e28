import { randomUUID } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { Context } from 'koa';
import { findStaff, type Staff } from '../people/staff';
import type { Queryable } from '../platform/database';
import type { Identified } from '../platform/http/serve';
import type { ConsoleDeps } from './deps';

export const sessionCookie = 'weiban_console';
const hours = 8;

type Claims = {
  /** the session, for ending this one alone */
  jti: string;
  sub: string;
  iat: number;
  exp: number;
  /** when it was signed, to the millisecond: against staff.signed_out_at */
  at: number;
};

/** The caller of the console's routes: someone of the staff, in one session of theirs. */
export type SignedInStaff = Staff & { session: { id: string; expiresAt: Date } };

type Needed = Pick<ConsoleDeps, 'config' | 'clock' | 'db' | 'encryption'>;

/** Signs a session of eight hours. */
export function signSession(staff: Staff, { clock, encryption }: Needed): string {
  const at = clock.millis();
  const iat = Math.floor(at / 1000);
  const claims: Claims = { jti: randomUUID(), sub: String(staff.id), iat, exp: iat + hours * 3600, at };
  return jwt.sign(claims, signingKey(encryption), { algorithm: 'HS256' });
}

/** Who sends this request, by bearer token or cookie; asks Postgres each time, so that a role taken away is gone at once. */
export async function identifyStaff(ctx: Context, deps: Needed): Promise<Identified<SignedInStaff> | undefined> {
  const bearer = /^Bearer (\S+)$/i.exec(ctx.get('authorization'))?.[1];
  const token = bearer ?? ctx.cookies.get(sessionCookie);
  const claims = token && readSession(token, deps);
  if (!claims || (await hasEnded(claims, deps))) return undefined;
  const found = await findStaff(deps.db, { id: Number(claims.sub) });
  if (!found || (found.signedOutAt && claims.at <= found.signedOutAt.getTime())) return undefined;
  const session = { id: claims.jti, expiresAt: new Date(claims.exp * 1000) };
  return { caller: { ...found.staff, session }, by: bearer ? 'bearer' : 'cookie' };
}

/** Remembers that this session is over, and forgets those which have run out by themselves. */
export async function endSession({ id, expiresAt }: SignedInStaff['session'], on: Queryable, now: Date): Promise<void> {
  await on.query('INSERT INTO ended_sessions (id, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING', [id, expiresAt]);
  await on.query('DELETE FROM ended_sessions WHERE expires_at < $1', [now]);
}

export const cookieOptions = ({ config }: Needed) => ({
  httpOnly: true,
  sameSite: 'strict' as const,
  secure: config.publicUrl.startsWith('https:'),
  path: '/api/console',
  maxAge: hours * 3600 * 1000,
  overwrite: true,
});

function readSession(token: string, { clock, encryption }: Needed): Claims | undefined {
  try {
    return jwt.verify(token, signingKey(encryption), {
      algorithms: ['HS256'],
      clockTimestamp: Math.floor(clock.millis() / 1000),
    }) as unknown as Claims;
  } catch {
    return undefined;
  }
}

async function hasEnded({ jti }: Claims, { db }: Needed): Promise<boolean> {
  const [ended] = await db.query('SELECT 1 FROM ended_sessions WHERE id = $1', [jti]);
  return ended !== undefined;
}

const keys = new WeakMap<object, Buffer>();
function signingKey(encryption: Needed['encryption']): Buffer {
  const key = keys.get(encryption) ?? encryption.derive('console-session');
  keys.set(encryption, key);
  return key;
}
