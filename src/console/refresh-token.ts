import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { FieldEncryption } from '../platform/field-encryption';

/**
 * What a session goes on with when its access token has run out; good for one exchange. Each is computed from the one before it
 * with a key of ours, so that of a whole session one hash has to be stored: an older one is known by ending at that hash, and two
 * tabs that exchange the same one at once get the same next one. Neither the database nor SECRET_KEY alone is enough to make one.
 */
export type RefreshToken = { session: string; generation: number; secret: string };

export const firstToken = (session: string): RefreshToken => ({
  session,
  generation: 0,
  secret: randomBytes(32).toString('base64url'),
});

export const writeToken = ({ session, generation, secret }: RefreshToken): string =>
  `${session}.${generation}.${secret}`;

export function readToken(text: string): RefreshToken | undefined {
  const [, session, generation, secret] =
    /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(\d{1,6})\.([\w-]{43})$/.exec(text) ?? [];
  return session && secret ? { session, generation: Number(generation), secret } : undefined;
}

export function nextToken({ session, generation, secret }: RefreshToken, encryption: FieldEncryption): RefreshToken {
  const next = createHmac('sha256', keyOf(encryption)).update(`${session}.${secret}`).digest('base64url');
  return { session, generation: generation + 1, secret: next };
}

/** The one of this generation that comes from the given one; undefined when it lies before it, or too far to be ours. */
export function follow(token: RefreshToken, generation: number, encryption: FieldEncryption): RefreshToken | undefined {
  if (token.generation > generation || generation - token.generation > farthest) return undefined;
  let at = token;
  while (at.generation < generation) at = nextToken(at, encryption);
  return at;
}

export const hashToken = ({ secret }: RefreshToken): string => createHash('sha256').update(secret).digest('base64url');

export const hasHash = (token: RefreshToken, hash: string): boolean =>
  timingSafeEqual(Buffer.from(hashToken(token)), Buffer.from(hash));

/** Far more exchanges than a session of twelve hours needs, and still computed in milliseconds. */
const farthest = 2000;

const keys = new WeakMap<object, Buffer>();
function keyOf(encryption: FieldEncryption): Buffer {
  const key = keys.get(encryption) ?? encryption.derive('console-refresh');
  keys.set(encryption, key);
  return key;
}
