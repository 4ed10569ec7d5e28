import { randomBytes } from 'node:crypto';
import type { ServiceDeps } from '../../../dialogue/service';
import type { Staff } from '../../../people/staff';
import type { Queryable, Tx } from '../../../platform/database';
import { notFound, UserError } from '../../../platform/errors';
import { followRules } from '../slots';
import { lockResource, type Managed, nextVersion, note, type Who, within } from './managed';

export type Fields = {
  kind: 'doctor' | 'clinic' | 'counter';
  title: string;
  subtitle: string;
  note: string;
  place: string;
  position: number;
};

/** Adds one below an organisation that the caller plans for. @throws UserError 404, 409 */
export async function addResource(
  tx: Tx,
  who: Who,
  { organisationId, ...fields }: Fields & { organisationId: number },
  deps: ServiceDeps,
): Promise<number> {
  const organisation = await organisationFor(tx, who.caller, organisationId);
  await mustBeNew(tx, organisationId, fields);
  const id = await insertResource(tx, organisationId, fields);
  await note(tx, who, { id, organisation_id: organisationId, path: organisation.path }, 'resource-add', fields, deps);
  return id;
}

export async function insertResource(tx: Tx, organisationId: number, fields: Fields): Promise<number> {
  const [row] = await tx.query<{ id: number }>(
    `INSERT INTO appointment_resources (key, organisation_id, kind, title, subtitle, note, place, position)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`,
    [
      `r-${randomBytes(6).toString('hex')}`,
      organisationId,
      fields.kind,
      fields.title,
      fields.subtitle,
      fields.note,
      fields.place,
      fields.position,
    ],
  );
  return row!.id;
}

/** @throws UserError 404, 409 */
export async function editResource(
  who: Who,
  id: number,
  { version, policy, ...fields }: Partial<Fields> & { version: number; policy?: Record<string, unknown> | undefined },
  deps: ServiceDeps,
): Promise<void> {
  await deps.db.transaction(async (tx) => {
    const one = await lockResource(tx, who.caller, id);
    await nextVersion(tx, one, version);
    const [before] = await tx.query<Fields & { policy: object }>(
      'SELECT kind, title, subtitle, note, place, position, policy FROM appointment_resources WHERE id = $1',
      [id],
    );
    const { policy: policyBefore, ...fieldsBefore } = before!;
    const now = { ...fieldsBefore, ...fields };
    await mustBeNew(tx, one.organisation_id, now, id);
    await tx.query(
      `UPDATE appointment_resources SET kind = $2, title = $3, subtitle = $4, note = $5, place = $6, position = $7, policy = $8::jsonb
        WHERE id = $1`,
      [
        id,
        now.kind,
        now.title,
        now.subtitle,
        now.note,
        now.place,
        now.position,
        JSON.stringify(policy ?? policyBefore),
      ],
    );
    if (policy) await followRules(tx, id, deps);
    const was = { ...fieldsBefore, ...(policy && { policy: policyBefore }) };
    await note(tx, who, one, 'resource-edit', { ...fields, ...(policy && { policy }), before: was }, deps);
  });
}

/** Nobody can book it any more. @throws UserError 409 while somebody is coming */
export async function retireResource(who: Who, id: number, deps: ServiceDeps): Promise<void> {
  await deps.db.transaction(async (tx) => {
    const one = await lockResource(tx, who.caller, id);
    if (one.disabled) throw new UserError(409, 'disabled', '已经停用');
    await tx.query('UPDATE appointment_resources SET disabled_at = $2, version = version + 1 WHERE id = $1', [
      id,
      deps.clock.now(),
    ]);
    // Empty times go before the bookings are counted: nobody can book in between.
    await followRules(tx, id, deps);
    await mustBeFree(tx, one, deps);
    await note(tx, who, one, 'resource-retire', { title: one.title }, deps);
  });
}

export async function restoreResource(who: Who, id: number, deps: ServiceDeps): Promise<void> {
  await deps.db.transaction(async (tx) => {
    const one = await lockResource(tx, who.caller, id);
    if (!one.disabled) throw new UserError(409, 'in-use', '没有停用');
    await organisationFor(tx, who.caller, one.organisation_id);
    await tx.query('UPDATE appointment_resources SET disabled_at = NULL, version = version + 1 WHERE id = $1', [id]);
    await followRules(tx, id, deps);
    await note(tx, who, one, 'resource-restore', { title: one.title }, deps);
  });
}

async function mustBeFree(tx: Tx, { id }: Managed, { clock }: ServiceDeps): Promise<void> {
  const [coming] = await tx.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM appointments WHERE resource_id = $1 AND starts_at > $2
        AND status IN ('offered','held','booked','checked-in')`,
    [id, clock.now()],
  );
  if (coming!.count > 0)
    throw new UserError(409, 'in-use', `还有 ${coming!.count} 个没到时间的预约，请先停诊停办或替诊，再停用`);
}

/** @throws UserError 404, 409 for one that is out of use */
export async function organisationFor(on: Queryable, caller: Staff, id: number): Promise<{ id: number; path: string }> {
  const [one] = await on.query<{ id: number; path: string; disabled: boolean; title: string }>(
    `SELECT id, path, title, disabled_at IS NOT NULL AS disabled FROM organisations WHERE id = $1 AND path LIKE ANY ($2)`,
    [id, within(caller)],
  );
  if (!one) throw notFound('这个部门');
  if (one.disabled) throw new UserError(409, 'disabled', `「${one.title}」已停用`);
  return one;
}

async function mustBeNew(tx: Tx, organisationId: number, fields: Fields, but = 0): Promise<void> {
  const { kind, title, subtitle } = fields;
  // Two who add the same at once take turns.
  await tx.query('SELECT pg_advisory_xact_lock(7269045, $1)', [organisationId]);
  const [same] = await tx.query(
    `SELECT 1 AS one FROM appointment_resources
      WHERE organisation_id = $1 AND kind = $2 AND title = $3 AND subtitle = $4 AND id <> $5`,
    [organisationId, kind, title, subtitle, but],
  );
  if (same) throw new UserError(409, 'exists', `这个部门已有「${`${title} ${subtitle}`.trim()}」`);
}
