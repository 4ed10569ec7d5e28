import { prefixes } from '../people/organisations';
import { type Staff, type StaffRole, scopeOf } from '../people/staff';
import type { Queryable, Tx } from '../platform/database';
import { notFound, UserError } from '../platform/errors';

/** Who manages people at all. */
export const managers = ['admin', 'security'] as const;

/**
 * `system`: that someone is there, and has a password. `safety`: what they may do, and how safely they get in. Where somebody holds the
 * role `security` at or above an organisation, safety is theirs and no longer the admin's: three people, none of whom can
 * do anything alone. `either` of the two for what only takes something back.
 */
export type Duty = 'system' | 'safety' | 'either';

export type Managed = {
  id: number;
  username: string;
  name: string;
  organisation_id: number;
  path: string;
  disabled: boolean;
  roles: { role: StaffRole; organisationId: number; path: string }[];
};

/**
 * Someone whom the caller may do this to, held until the transaction ends: all they are and hold lies where the caller is in charge.
 * @throws UserError 404 outside the caller's subtrees; 403 with what to do instead
 */
export async function lockManaged(tx: Tx, username: string, caller: Staff, duty: Duty): Promise<Managed> {
  const person = await findManaged(tx, username, caller, true);
  if (person.id === caller.id)
    throw new UserError(
      403,
      'yourself',
      '不能对自己做这件事，请由另一位管理员办理（自己的口令和登录在「我的会话」里）',
    );
  // Who watches over the others is in nobody's hands but those of whoever watches over safety.
  const guards = person.roles.some(({ role }) => role === 'security' || role === 'auditor');
  for (const path of new Set([person.path, ...person.roles.map((held) => held.path)]))
    await mustBeInCharge(tx, caller, guards ? 'safety' : duty, path);
  return person;
}

/** Someone within the caller's subtrees, to look at. @throws UserError 404 */
export async function findManaged(on: Queryable, username: string, caller: Staff, lock = false): Promise<Managed> {
  const [person] = await on.query<Managed>(
    `SELECT s.id, s.username, s.name, s.organisation_id, o.path, s.disabled_at IS NOT NULL AS disabled,
            coalesce((SELECT json_agg(json_build_object('role', r.role, 'organisationId', r.organisation_id, 'path', ro.path)
                                      ORDER BY ro.path, r.role)
                        FROM staff_roles r JOIN organisations ro ON ro.id = r.organisation_id
                       WHERE r.staff_id = s.id), '[]') AS roles
       FROM staff s JOIN organisations o ON o.id = s.organisation_id
      WHERE s.username = $1 AND o.path LIKE ANY ($2) ${lock ? 'FOR UPDATE OF s' : ''}`,
    [username, prefixes(scopeOf(caller, managers))],
  );
  if (!person) throw notFound(`人员 ${username}`);
  return person;
}

/** @throws UserError 403 saying who is */
export async function mustBeInCharge(on: Queryable, caller: Staff, duty: Duty, path: string): Promise<void> {
  const role = duty === 'safety' && (await hasGuard(on, path)) ? 'security' : 'admin';
  if (scopeOf(caller, duty === 'either' ? managers : [role]).some((root) => path.startsWith(root))) return;
  const holdsIt = scopeOf(caller, [role]).length > 0;
  if (holdsIt) throw new UserError(403, 'out-of-reach', '此人在您管理范围以外还有单位或角色，请上级管理员办理');
  throw new UserError(
    403,
    'not-allowed',
    role === 'security' ? '这里设有安全管理员，这件事由安全管理员办理' : '这件事由系统管理员办理',
  );
}

/** Whether somebody watches over safety at or above this place. */
export async function hasGuard(on: Queryable, path: string): Promise<boolean> {
  const [guard] = await on.query(
    `SELECT 1 FROM staff_roles r JOIN staff s ON s.id = r.staff_id JOIN organisations o ON o.id = r.organisation_id
      WHERE r.role = 'security' AND s.disabled_at IS NULL AND starts_with($1, o.path) LIMIT 1`,
    [path],
  );
  return guard !== undefined;
}
