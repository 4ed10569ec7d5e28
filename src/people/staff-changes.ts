import type { Queryable, Tx } from '../platform/database';
import { isUniqueViolation, notFound, UserError } from '../platform/errors';
import type { StaffRole } from './staff';

export type NewStaff = {
  username: string;
  name: string;
  organisationId: number;
  /** each held in that organisation and below */
  roles: readonly StaffRole[];
  passwordHash: string;
};

/** @throws UserError 409 when the username is taken, by someone disabled too: the audit trail must go on naming one person by it */
export async function addStaff(tx: Tx, fresh: NewStaff, at: Date): Promise<void> {
  const [row] = await tx
    .query<{ id: number }>(
      `INSERT INTO staff (username, name, password_hash, organisation_id, created_at) VALUES ($1, $2, $3, $4, $5) RETURNING id`,
      [fresh.username, fresh.name, fresh.passwordHash, fresh.organisationId, at],
    )
    .catch((error: unknown) => {
      throw isUniqueViolation(error) ? new UserError(409, 'exists', `用户名 ${fresh.username} 已有人在用`) : error;
    });
  await tx.query('INSERT INTO staff_roles (staff_id, role, organisation_id) SELECT $1, unnest($2::text[]), $3', [
    row!.id,
    fresh.roles,
    fresh.organisationId,
  ]);
}

/** A new password; whoever was signed in with the old one is signed out. @returns whose organisation it is */
export const setPassword = (tx: Tx, username: string, passwordHash: string, at: Date): Promise<number> =>
  change(tx, username, 'password_hash = $2, signed_out_at = $3', [passwordHash, at]);

/** Takes effect at their next request. @returns whose organisation it is */
export const disableStaff = (tx: Tx, username: string, at: Date): Promise<number> =>
  change(tx, username, 'disabled_at = $2', [at]);

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
