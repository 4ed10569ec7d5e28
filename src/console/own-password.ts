import { findStaff } from '../people/staff';
import type { Tx } from '../platform/database';
import { UserError } from '../platform/errors';
import type { ConsoleDeps } from './deps';
import { passwordMatches } from './passwords';
import type { SignedInStaff } from './session';
import { findSession } from './sessions';
import { admitTry, type Try } from './tries';

/** Does it when the password is the caller's: whoever sits down at an unlocked screen has none. */
export async function withOwnPassword<T>(
  password: string,
  caller: SignedInStaff,
  address: string,
  deps: ConsoleDeps,
  act: (tx: Tx) => Promise<T>,
): Promise<T> {
  const admitted = await admitOwnPassword(password, caller, address, deps);
  return deps.db.transaction(async (tx) => {
    await admitted.hold(tx);
    await admitted.succeeded(tx);
    return act(tx);
  });
}

/** `hold` comes first in the transaction that makes use of it: see `holdOwn`. */
type Admitted = Try & { hold(tx: Tx): Promise<void> };

/** Guesses count as those at the door. @throws UserError 422 for another's password, 429 for too many */
export async function admitOwnPassword(
  password: string,
  caller: SignedInStaff,
  address: string,
  deps: ConsoleDeps,
): Promise<Admitted> {
  const attempt = await admitTry(caller.username, address, deps);
  const found = await findStaff(deps.db, { id: caller.id });
  if (found && (await passwordMatches(found.passwordHash, password)))
    return { ...attempt, hold: (tx) => holdOwn(tx, caller, deps, found.passwordHash) };
  await attempt.failed(caller, 'password');
  throw new UserError(422, 'invalid-input', '口令不对', { password: '应为您登录用的口令' });
}

/**
 * Holds the caller as they are until the transaction ends. Others may have set a new password meanwhile, ended the session or disabled
 * the person, just because they are not who is calling: what they did stands.
 * @throws UserError 409
 */
export async function holdOwn(tx: Tx, caller: SignedInStaff, { clock }: Pick<ConsoleDeps, 'clock'>, checked?: string) {
  const [same] = await tx.query(
    `SELECT 1 FROM staff WHERE id = $1 AND disabled_at IS NULL AND password_hash = coalesce($2, password_hash)
        FOR NO KEY UPDATE`,
    [caller.id, checked ?? null],
  );
  if (same && (await findSession(tx, caller.session.id, clock.now(), true))) return;
  throw new UserError(409, 'changed-meanwhile', '您的口令或登录刚被改动，没有做任何更改，请重新登录');
}
