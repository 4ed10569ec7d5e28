import { findStaff } from '../people/staff';
import type { Tx } from '../platform/database';
import { UserError } from '../platform/errors';
import type { ConsoleDeps } from './deps';
import { passwordMatches } from './passwords';
import type { SignedInStaff } from './session';
import { admitTry, type Try } from './tries';

/** Does it when the password is the caller's: whoever sits down at an unlocked screen has none. */
export async function withOwnPassword<T>(
  password: string,
  caller: SignedInStaff,
  address: string,
  deps: ConsoleDeps,
  act: (tx: Tx) => Promise<T>,
): Promise<T> {
  const attempt = await admitOwnPassword(password, caller, address, deps);
  return deps.db.transaction(async (tx) => {
    await attempt.succeeded(tx);
    return act(tx);
  });
}

/** Guesses count as those at the door. @throws UserError 422 for another's password, 429 for too many */
export async function admitOwnPassword(
  password: string,
  caller: SignedInStaff,
  address: string,
  deps: ConsoleDeps,
): Promise<Try> {
  const attempt = await admitTry(caller.username, address, deps);
  const found = await findStaff(deps.db, { id: caller.id });
  if (await passwordMatches(found?.passwordHash, password)) return attempt;
  await attempt.failed(caller, 'password');
  throw new UserError(422, 'invalid-input', '口令不对', { password: '应为您登录用的口令' });
}
