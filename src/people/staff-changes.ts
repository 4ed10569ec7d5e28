import type { Queryable, Tx } from '../platform/database';
import { isUniqueViolation, notFound, UserError } from '../platform/errors';
import type { StaffRole } from './staff';

export const usernameRule = {
  pattern: /^[a-z0-9][a-z0-9._-]{1,63}$/,
  words: '用户名用小写字母、数字、点、连字符，2 到 64 个字符',
};
export const shortestPassword = 12;

/** A role holds in an organisation and below. */
export type HeldRole = { role: StaffRole; organisationId: number };

export type NewStaff = {
  username: string;
  name: string;
  organisationId: number;
  roles: readonly HeldRole[];
  passwordHash: string;
  /** somebody else chose it and knows it: it has to be changed before anything else */
  passwordGiven?: boolean;
};

/** @throws UserError 409 when the username is taken, by someone disabled too: the audit trail must go on naming one person by it */
export async function addStaff(tx: Tx, fresh: NewStaff, at: Date): Promise<number> {
  const [row] = await tx
    .query<{ id: number }>(
      `INSERT INTO staff (username, name, password_hash, organisation_id, created_at, password_given)
       VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
      [fresh.username, fresh.name, fresh.passwordHash, fresh.organisationId, at, fresh.passwordGiven ?? false],
    )
    .catch((error: unknown) => {
      throw isUniqueViolation(error) ? new UserError(409, 'exists', `用户名 ${fresh.username} 已有人在用`) : error;
    });
  await setRoles(tx, row!.id, fresh.roles);
  return row!.id;
}

/** In place of those they have. @throws UserError 409 for roles that must not be in one hand */
export async function setRoles(tx: Tx, staffId: number, roles: readonly HeldRole[]): Promise<void> {
  refuseMixedRoles(roles.map(({ role }) => role));
  await tx.query('DELETE FROM staff_roles WHERE staff_id = $1', [staffId]);
  await tx.query(
    `INSERT INTO staff_roles (staff_id, role, organisation_id) SELECT $1, * FROM unnest($2::text[], $3::int[])
     ON CONFLICT DO NOTHING`,
    [staffId, roles.map(({ role }) => role), roles.map(({ organisationId }) => organisationId)],
  );
}

/** 三员分立: who runs the system, who gives out rights and who looks at what both did are three people. */
function refuseMixedRoles(roles: readonly StaffRole[]): void {
  const three = '（三员分立：系统、安全、审计三位管理员由三个人担任）';
  if (roles.includes('auditor') && roles.some((role) => role !== 'auditor'))
    throw new UserError(409, 'mixed-roles', `审计人员不能兼任其他角色${three}`);
  if (roles.includes('security') && roles.includes('admin'))
    throw new UserError(409, 'mixed-roles', `安全管理员不能兼任系统管理员${three}`);
}

/** A new password; whoever was signed in with the old one is signed out. @returns whose organisation it is */
export const setPassword = (tx: Tx, username: string, passwordHash: string, at: Date, given = false): Promise<number> =>
  change(tx, username, 'password_hash = $2, signed_out_at = $3, password_given = $4', [passwordHash, at, given]);

/** Takes effect at their next request, and whoever enables them again finds no session left. @returns whose organisation it is */
export const disableStaff = (tx: Tx, username: string, at: Date): Promise<number> =>
  change(tx, username, 'disabled_at = $2, signed_out_at = $2', [at]);

async function change(tx: Tx, username: string, what: string, values: unknown[]): Promise<number> {
  const [row] = await tx.query<{ organisation_id: number }>(
    `UPDATE staff SET ${what} WHERE username = $1 AND disabled_at IS NULL RETURNING organisation_id`,
    [username, ...values],
  );
  if (!row) throw notFound(`人员 ${username}（或已停用）`);
  return row.organisation_id;
}

export type ListedStaff = {
  username: string;
  name: string;
  organisation: string;
  roles: string[];
  disabled: boolean;
};

/** Everyone, those who are disabled last. */
export const listStaff = (on: Queryable): Promise<ListedStaff[]> =>
  on.query<ListedStaff>(
    `SELECT s.username, s.name, o.title || '（' || o.key || '）' AS organisation, s.disabled_at IS NOT NULL AS disabled,
            ARRAY(SELECT DISTINCT role FROM staff_roles r WHERE r.staff_id = s.id ORDER BY role) AS roles
       FROM staff s JOIN organisations o ON o.id = s.organisation_id ORDER BY s.disabled_at IS NOT NULL, s.username`,
  );
