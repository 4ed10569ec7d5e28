import type { ServiceDeps } from '../../../dialogue/service';
import type { Tx } from '../../../platform/database';
import { UserError } from '../../../platform/errors';
import { planOf } from '../plan';
import { type Changes, followRules } from '../slots';
import type { RuleInput } from './contract';
import { lockResource, type Managed, nextVersion, note, type Who } from './managed';

export type PreviewDay = {
  day: string;
  pool: string;
  slots: number;
  places: number;
  from: Date;
  to: Date;
};

/** Puts these rules in the place of those that are there; slots that nobody has booked follow at once. @throws UserError 404, 409 */
export async function replaceRules(
  who: Who,
  id: number,
  { version, rules }: { version: number; rules: RuleInput[] },
  deps: ServiceDeps,
): Promise<Changes> {
  return deps.db.transaction(async (tx) => {
    const one = await lockResource(tx, who.caller, id);
    mustBeInUse(one);
    await nextVersion(tx, one, version);
    await writeRules(tx, id, rules);
    const changes = await followRules(tx, id, deps);
    await note(tx, who, one, 'rules', { rules, ...changes }, deps);
    return changes;
  });
}

/** What would come of it: done as if in earnest, and taken back. */
export async function previewRules(
  { caller }: Pick<Who, 'caller'>,
  id: number,
  rules: RuleInput[],
  deps: ServiceDeps,
): Promise<Changes & { days: PreviewDay[] }> {
  const seen: { result?: Changes & { days: PreviewDay[] } } = {};
  const back = new Error('preview');
  await deps.db
    .transaction(async (tx) => {
      mustBeInUse(await lockResource(tx, caller, id));
      await writeRules(tx, id, rules);
      const plan = await planOf(tx, id, deps);
      seen.result = { ...(await followRules(tx, id, deps)), days: byDay(plan?.slots ?? []) };
      throw back;
    })
    .catch((error: unknown) => {
      if (error !== back) throw error;
    });
  return seen.result!;
}

export async function writeRules(tx: Tx, resourceId: number, rules: RuleInput[]): Promise<void> {
  await tx.query('DELETE FROM appointment_rules WHERE resource_id = $1', [resourceId]);
  for (const rule of rules)
    await tx.query(
      `INSERT INTO appointment_rules (resource_id, weekdays, shift, from_time, to_time, minutes, capacity, pool, on_holidays,
                                      valid_from, valid_to)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
      [
        resourceId,
        [...new Set(rule.weekdays)].sort(),
        rule.shift,
        rule.from,
        rule.to,
        rule.minutes,
        rule.capacity,
        rule.pool,
        rule.onHolidays,
        rule.validFrom,
        rule.validTo,
      ],
    );
}

function mustBeInUse({ disabled }: Managed): void {
  if (disabled) throw new UserError(409, 'disabled', '已停用，请先启用');
}

function byDay(slots: { day: string; pool: string; startsAt: Date; endsAt: Date; capacity: number }[]): PreviewDay[] {
  const days = new Map<string, PreviewDay>();
  for (const { day, pool, startsAt, endsAt, capacity } of slots) {
    const one = days.get(`${day} ${pool}`) ?? { day, pool, slots: 0, places: 0, from: startsAt, to: endsAt };
    one.slots++;
    one.places += capacity;
    if (startsAt < one.from) one.from = startsAt;
    if (endsAt > one.to) one.to = endsAt;
    days.set(`${day} ${pool}`, one);
  }
  return [...days.values()].sort((one, other) => (one.day + one.pool < other.day + other.pool ? -1 : 1));
}
