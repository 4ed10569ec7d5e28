import type { ServiceDeps } from '../../../dialogue/service';
import type { Staff } from '../../../people/staff';
import { calendarDataOf } from '../../../platform/calendar-setting';
import type { Queryable } from '../../../platform/database';
import { notFound } from '../../../platform/errors';
import { dayOf, plusDays } from '../days';
import { type Policy, policyOf } from '../policy';
import type { RuleInput } from './contract';
import { within } from './managed';
import type { Fields } from './resources';

export type Branch = { id: number; parentId: number | null; title: string; kind: string; disabled: boolean };
export type Leaf = Omit<Fields, 'note' | 'position'> & {
  id: number;
  organisationId: number;
  disabled: boolean;
  rules: number;
};

/** What the caller plans for: organisations, parents first, and what hangs on them. */
export async function treeFor(on: Queryable, caller: Staff): Promise<{ organisations: Branch[]; resources: Leaf[] }> {
  const organisations = await on.query<Branch>(
    `SELECT o.id, p.id AS "parentId", o.title, o.kind, o.disabled_at IS NOT NULL AS disabled
       FROM organisations o LEFT JOIN organisations p ON p.id = o.parent_id AND p.path LIKE ANY ($1)
      WHERE o.path LIKE ANY ($1) ORDER BY o.path LIMIT 2000`,
    [within(caller)],
  );
  const resources = await on.query<Leaf>(
    `SELECT r.id, r.organisation_id AS "organisationId", r.kind, r.title, r.subtitle, r.place, r.disabled_at IS NOT NULL AS disabled,
            (SELECT count(*)::int FROM appointment_rules u WHERE u.resource_id = r.id) AS rules
       FROM appointment_resources r JOIN organisations o ON o.id = r.organisation_id
      WHERE o.path LIKE ANY ($1) ORDER BY r.position, r.id LIMIT 5000`,
    [within(caller)],
  );
  return { organisations, resources };
}

export type Exception = { id: number; day: string; kind: 'stopped' | 'as'; weekday: number | null; reason: string };
export type Detail = Fields & {
  id: number;
  organisationId: number;
  office: string;
  disabled: boolean;
  version: number;
  policy: Partial<Policy>;
  /** what holds where it says nothing of its own */
  general: Policy;
  rules: RuleInput[];
  exceptions: Exception[];
};

/** @throws UserError 404 */
export async function resourceFor(caller: Staff, id: number, deps: ServiceDeps): Promise<Detail> {
  const { db, clock } = deps;
  const [one] = await db.query<Omit<Detail, 'general' | 'rules' | 'exceptions'>>(
    `SELECT r.id, r.organisation_id AS "organisationId", r.kind, r.title, r.subtitle, r.note, r.place, r.position, r.version,
            r.policy, r.disabled_at IS NOT NULL AS disabled, coalesce(h.title || ' ', '') || o.title AS office
       FROM appointment_resources r JOIN organisations o ON o.id = r.organisation_id
       LEFT JOIN organisations h ON h.id = o.parent_id AND o.kind = 'department'
      WHERE r.id = $1 AND o.path LIKE ANY ($2)`,
    [id, within(caller)],
  );
  if (!one) throw notFound('这位医生或窗口');
  const rules = await db.query<RuleInput>(
    `SELECT weekdays, shift, to_char(from_time, 'HH24:MI') AS "from", to_char(to_time, 'HH24:MI') AS "to", minutes, capacity, pool,
            on_holidays AS "onHolidays", valid_from::text AS "validFrom", valid_to::text AS "validTo"
       FROM appointment_rules WHERE resource_id = $1 ORDER BY from_time, id`,
    [id],
  );
  const exceptions = await db.query<Exception>(
    `SELECT id, day::text, kind, weekday, reason FROM appointment_exceptions WHERE resource_id = $1 AND day >= $2 ORDER BY day
      LIMIT 400`,
    [id, dayOf(clock.now())],
  );
  return { ...one, general: policyOf({}, deps), rules, exceptions };
}

/** Days ahead that the working calendar makes unlike others. */
export function specialDays({ settings, clock }: Pick<ServiceDeps, 'settings' | 'clock'>) {
  const { holidays, worked } = calendarDataOf(settings);
  const today = dayOf(clock.now());
  const last = plusDays(today, 120);
  return {
    holidays: holidays.filter(({ from, to }) => to >= today && from <= last),
    worked: worked.filter((one) => one >= today && one <= last),
  };
}
