import type { Queryable } from '../platform/database';

export const staffRoles = [
  'clerk',
  'dispatcher',
  'operator',
  'reviewer',
  'supervisor',
  'auditor',
  'security',
  'admin',
] as const;
export type StaffRole = (typeof staffRoles)[number];

/** Someone of the staff who is signed in. A role holds in an organisation and all that is below it. */
export type Staff = {
  id: number;
  username: string;
  name: string;
  organisation: { id: number; title: string; path: string };
  roles: { role: StaffRole; organisationId: number; path: string }[];
};

/** `staff` is anyone of them. */
export type ConsoleRole = StaffRole | 'staff';

export const allows = (staff: Staff, roles: readonly ConsoleRole[]): boolean =>
  roles.includes('staff') || holdsAny(staff, roles);

export type StaffAtTheDoor = {
  staff: Staff;
  passwordHash: string;
  /** somebody else knows it */
  passwordGiven: boolean;
  signedOutAt: Date | null;
};

export const holdsAny = (staff: Staff, roles: readonly ConsoleRole[]): boolean =>
  staff.roles.some((held) => roles.includes(held.role));

/** Where one of the given roles is held: paths of the roots of the subtrees. */
export const scopeOf = (staff: Staff, roles: readonly StaffRole[]): string[] => [
  ...new Set(staff.roles.filter((held) => roles.includes(held.role)).map((held) => held.path)),
];

/** The one with this username or id, unless disabled. */
export async function findStaff(
  on: Queryable,
  by: { username: string } | { id: number },
): Promise<StaffAtTheDoor | undefined> {
  const [column, value] = 'id' in by ? ['id', by.id] : ['username', by.username];
  const [row] = await on.named<Row>(
    `staff-by-${column}`,
    `SELECT s.id, s.username, s.name, s.password_hash, s.password_given, s.signed_out_at,
            json_build_object('id', o.id, 'title', o.title, 'path', o.path) AS organisation,
            coalesce((SELECT json_agg(json_build_object('role', r.role, 'organisationId', r.organisation_id, 'path', ro.path))
                        FROM staff_roles r JOIN organisations ro ON ro.id = r.organisation_id
                       WHERE r.staff_id = s.id), '[]') AS roles
       FROM staff s JOIN organisations o ON o.id = s.organisation_id
      WHERE s.${column} = $1 AND s.disabled_at IS NULL`,
    [value],
  );
  if (!row) return undefined;
  const { password_hash: passwordHash, password_given: passwordGiven, signed_out_at: signedOutAt, ...staff } = row;
  return { staff, passwordHash, passwordGiven, signedOutAt };
}

type Row = Staff & { password_hash: string; password_given: boolean; signed_out_at: Date | null };
