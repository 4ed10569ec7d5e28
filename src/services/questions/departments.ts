import type { ServiceDeps } from '../../dialogue/service';
import { calledTitle, prefixes } from '../../people/organisations';
import { type Staff, scopeOf } from '../../people/staff';
import type { Queryable, Tx } from '../../platform/database';
import { workers } from './contract';

export type Department = { id: number; path: string; title: string };

const mostListed = 500;

/**
 * Those who answer: organisations at or below the given place that have clerks of their own, in the order of the tree.
 */
export function departmentsBelow(on: Queryable, organisationId: number, limit = mostListed): Promise<Department[]> {
  return on.query<Department>(
    `SELECT o.id, o.path, ${calledTitle('o')} AS title
       FROM organisations root
       JOIN organisations o ON starts_with(o.path, root.path)
      WHERE root.id = $1 AND EXISTS (
        SELECT 1 FROM staff_roles r JOIN staff s ON s.id = r.staff_id
         WHERE r.organisation_id = o.id AND r.role = 'clerk' AND s.disabled_at IS NULL)
      ORDER BY o.path LIMIT $2`,
    [organisationId, limit],
  );
}

/** Where a question can be sent, with the colleagues to whom the caller can give one. */
export async function listDepartments(caller: Staff, { db }: ServiceDeps) {
  const [root] = await db.query<{ id: number }>(
    'SELECT id FROM organisations WHERE parent_id IS NULL ORDER BY id LIMIT 1',
  );
  const departments = await departmentsBelow(db, root!.id);
  const staff = await db.query<{ id: number; name: string; organisation_id: number; on_duty: boolean }>(
    `SELECT DISTINCT s.id, s.name, r.organisation_id, coalesce(d.on_duty, false) AS on_duty
       FROM staff_roles r JOIN staff s ON s.id = r.staff_id JOIN organisations o ON o.id = r.organisation_id
       LEFT JOIN staff_duty d ON d.staff_id = s.id
      WHERE r.role = 'clerk' AND s.disabled_at IS NULL AND o.path LIKE ANY ($1) ORDER BY s.name, s.id LIMIT $2`,
    [prefixes(scopeOf(caller, workers)), mostListed],
  );
  return departments.map((department) => ({
    ...department,
    staff: staff
      .filter(({ organisation_id }) => organisation_id === department.id)
      .map(({ id, name, on_duty }) => ({ id, name, onDuty: on_duty })),
  }));
}

/** Whether somebody is at their desk. */
export async function setDuty(caller: Staff, onDuty: boolean, { db, clock }: ServiceDeps): Promise<void> {
  await db.query(
    `INSERT INTO staff_duty (staff_id, on_duty, since, last_seen_at) VALUES ($1, $2, $3, $3)
     ON CONFLICT (staff_id) DO UPDATE SET last_seen_at = excluded.last_seen_at, on_duty = excluded.on_duty,
       since = CASE WHEN staff_duty.on_duty = excluded.on_duty THEN staff_duty.since ELSE excluded.since END`,
    [caller.id, onDuty, clock.now()],
  );
}

/** What a department has to finish before it can be given up. */
export async function held(tx: Tx, organisationId: number): Promise<string | undefined> {
  const [row] = await tx.query<{ open: number }>(
    `SELECT count(*)::int AS open FROM questions WHERE organisation_id = $1 AND status = 'open'`,
    [organisationId],
  );
  return row!.open > 0 ? `${row!.open} 个没有办结的提问` : undefined;
}

export async function isOnDuty(caller: Staff, { db }: ServiceDeps): Promise<boolean> {
  const [row] = await db.query<{ on_duty: boolean }>('SELECT on_duty FROM staff_duty WHERE staff_id = $1', [caller.id]);
  return row?.on_duty ?? false;
}
