import type { ServiceDeps } from '../../../dialogue/service';
import { rootKey } from '../../../people/organisations';
import { recordAudit } from '../../../platform/audit';
import type { Queryable } from '../../../platform/database';
import { UserError } from '../../../platform/errors';
import { defaultPolicy, type Policy, policyKey } from '../policy';
import { followRules } from '../slots';
import { type Who, within } from './managed';

export async function cityPolicyFor({ caller }: Pick<Who, 'caller'>, { db, settings }: ServiceDeps) {
  return {
    defaults: defaultPolicy,
    city: settings.get<Partial<Policy>>(policyKey, {}),
    mayChange: (await root(db, { caller })) !== undefined,
  };
}

/** For the whole city; what has not been released follows at once. @throws UserError 403 for who plans for less */
export async function changeCityPolicy(
  who: Who,
  policy: { [Key in keyof Policy]?: Policy[Key] | undefined },
  deps: ServiceDeps,
): Promise<void> {
  const { db, settings, clock } = deps;
  await db.transaction(async (tx) => {
    const city = await root(tx, who);
    if (!city) throw new UserError(403, 'not-allowed', '全市的规定由全市的运营或督查人员修改');
    const before = settings.get<Partial<Policy>>(policyKey, {});
    await settings.set(policyKey, policy, tx);
    // This process knows the new value only once it is committed.
    const get = <T>(key: string, otherwise: T) => (key === policyKey ? (policy as T) : settings.get(key, otherwise));
    const resources = await tx.query<{ id: number }>(
      'SELECT id FROM appointment_resources WHERE disabled_at IS NULL ORDER BY id',
    );
    for (const { id } of resources) await followRules(tx, id, { clock, settings: { ...settings, get } });
    await recordAudit(tx, {
      at: clock.now(),
      staffId: who.caller.id,
      organisationId: city.id,
      action: 'appointment.policy',
      subject: 'settings:appointments.policy',
      detail: { policy, before },
      address: who.address,
    });
  });
}

async function root(on: Queryable, { caller }: Pick<Who, 'caller'>): Promise<{ id: number } | undefined> {
  const [city] = await on.query<{ id: number }>('SELECT id FROM organisations WHERE key = $1 AND path LIKE ANY ($2)', [
    rootKey,
    within(caller),
  ]);
  return city;
}
