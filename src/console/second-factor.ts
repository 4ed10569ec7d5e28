import { Secret, TOTP } from 'otpauth';
import { holdsAny, type Staff } from '../people/staff';
import type { Queryable, Tx } from '../platform/database';
import { UserError } from '../platform/errors';
import type { ConsoleDeps } from './deps';
import { newPassword } from './passwords';
import { signInRulesOf } from './sign-in-rules';

/** `needed`: there is none yet, and without one nothing is open. */
export type FactorState = 'on' | 'off' | 'needed';

/** They see personal data. */
const rolesThatNeedOne = ['operator', 'supervisor', 'clerk', 'dispatcher'] as const;

export function factorState(staff: Staff, hasFactor: boolean, deps: Pick<ConsoleDeps, 'settings'>): FactorState {
  if (hasFactor) return 'on';
  return isRequired(staff, deps) ? 'needed' : 'off';
}

export function isRequired(staff: Staff, { settings }: Pick<ConsoleDeps, 'settings'>): boolean {
  const { secondFactor } = signInRulesOf(settings);
  return secondFactor === 'everyone' || (secondFactor === 'required' && holdsAny(staff, rolesThatNeedOne));
}

export async function hasFactor(on: Queryable, staffId: number): Promise<boolean> {
  const [row] = await on.query('SELECT 1 FROM staff_second_factors WHERE staff_id = $1 AND confirmed_at IS NOT NULL', [
    staffId,
  ]);
  return row !== undefined;
}

type Needed = Pick<ConsoleDeps, 'encryption' | 'clock'>;

/** A secret of this person's for their phone; nothing depends on it until it is confirmed. @throws UserError when they have one */
export async function offerFactor(
  tx: Tx,
  staff: Staff,
  { encryption, clock }: Needed,
): Promise<{ uri: string; secret: string }> {
  const secret = new Secret({ size: 20 });
  const [row] = await tx.query(
    `INSERT INTO staff_second_factors AS f (staff_id, secret_sealed, created_at) VALUES ($1, $2, $3)
     ON CONFLICT (staff_id) DO UPDATE SET secret_sealed = excluded.secret_sealed, created_at = excluded.created_at
      WHERE f.confirmed_at IS NULL RETURNING staff_id`,
    [staff.id, encryption.seal(secret.base32), clock.now()],
  );
  if (!row) throw new UserError(409, 'exists', '动态口令已经开启；要换手机请先关闭');
  return { uri: totpOf(secret.base32, staff.username).toString(), secret: secret.base32 };
}

/** From now on signing in takes a code. @returns the recovery codes, which are told this once */
export async function confirmFactor(tx: Tx, staff: Staff, code: string, deps: Needed): Promise<string[]> {
  const row = await lockFactor(tx, staff.id);
  if (!row) throw new UserError(409, 'not-offered', '请先扫描二维码');
  if (row.confirmed) throw new UserError(409, 'exists', '动态口令已经开启');
  if (!(await useTotp(tx, staff.id, row, code, deps)))
    throw new UserError(422, 'invalid-input', '动态口令不对，请核对手机的时间', {
      code: '应为手机上现在显示的 6 位数字',
    });
  await tx.query('UPDATE staff_second_factors SET confirmed_at = $2 WHERE staff_id = $1', [staff.id, deps.clock.now()]);
  return renewRecoveryCodes(tx, staff.id, deps);
}

/** Eight new ones in place of those there are. */
export async function renewRecoveryCodes(tx: Tx, staffId: number, { encryption }: Needed): Promise<string[]> {
  const codes = Array.from({ length: 8 }, newPassword);
  await tx.query('DELETE FROM staff_recovery_codes WHERE staff_id = $1', [staffId]);
  await tx.query('INSERT INTO staff_recovery_codes (staff_id, hash) SELECT $1, unnest($2::text[])', [
    staffId,
    codes.map((code) => hashRecovery(staffId, code, encryption)),
  ]);
  return codes;
}

export async function removeFactor(tx: Tx, staffId: number): Promise<boolean> {
  const rows = await tx.query('DELETE FROM staff_second_factors WHERE staff_id = $1 RETURNING staff_id', [staffId]);
  await tx.query('DELETE FROM staff_recovery_codes WHERE staff_id = $1', [staffId]);
  return rows.length > 0;
}

/** Takes a code of the phone or a recovery code, each once. */
export async function useCode(
  tx: Tx,
  staffId: number,
  code: string,
  deps: Needed,
): Promise<'totp' | 'recovery' | null> {
  const row = await lockFactor(tx, staffId);
  if (!row?.confirmed) return null;
  if (/^\d{6}$/.test(code)) return (await useTotp(tx, staffId, row, code, deps)) ? 'totp' : null;
  const used = await tx.query(
    'UPDATE staff_recovery_codes SET used_at = $3 WHERE staff_id = $1 AND hash = $2 AND used_at IS NULL RETURNING hash',
    [staffId, hashRecovery(staffId, code, deps.encryption), deps.clock.now()],
  );
  return used.length > 0 ? 'recovery' : null;
}

export async function recoveryCodesLeft(on: Queryable, staffId: number): Promise<number> {
  const [row] = await on.query<{ left: number }>(
    'SELECT count(*)::int AS left FROM staff_recovery_codes WHERE staff_id = $1 AND used_at IS NULL',
    [staffId],
  );
  return row!.left;
}

type FactorRow = { sealed: string; confirmed: boolean; lastStep: string };

/** Held until the transaction ends, so that one code is not taken twice at once. */
async function lockFactor(tx: Tx, staffId: number): Promise<FactorRow | undefined> {
  const [row] = await tx.query<FactorRow>(
    `SELECT secret_sealed AS sealed, confirmed_at IS NOT NULL AS confirmed, last_step AS "lastStep"
       FROM staff_second_factors WHERE staff_id = $1 FOR UPDATE`,
    [staffId],
  );
  return row;
}

/** Half a minute early or late is taken too: phones' clocks differ. */
async function useTotp(tx: Tx, staffId: number, row: FactorRow, code: string, { encryption, clock }: Needed) {
  const timestamp = clock.millis();
  const totp = totpOf(encryption.open(row.sealed));
  const delta = totp.validate({ token: code, timestamp, window: 1 });
  if (delta === null) return false;
  const step = totp.counter({ timestamp }) + delta;
  if (step <= Number(row.lastStep)) return false;
  await tx.query('UPDATE staff_second_factors SET last_step = $2 WHERE staff_id = $1', [staffId, step]);
  return true;
}

// SHA-1, six digits, thirty seconds: what every authenticator app takes, WeChat's mini programs included
const totpOf = (secret: string, label = '') =>
  new TOTP({ issuer: '微办', label, secret: Secret.fromBase32(secret), algorithm: 'SHA1', digits: 6, period: 30 });

const hashRecovery = (staffId: number, code: string, encryption: Needed['encryption']): string =>
  encryption.blindIndex(`recovery:${staffId}:${code.replace(/[\s-]/g, '')}`);
