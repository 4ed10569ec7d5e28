import type { Citizen } from '../people/citizen';
import { confirmingPhone } from '../people/identity/confirming-phone';
import { shanghai } from '../platform/clock';
import type { Tx } from '../platform/database';
import type { H5Deps } from './deps';

/**
 * Changes who is registered, or with which phone. Where another phone is registered by it, the chat says so: whoever holds only a
 * session cannot keep that from the citizen, who has days left to object.
 */
export async function tellingOfPhoneChange<T>(
  tx: Tx,
  caller: Citizen,
  deps: H5Deps,
  change: () => Promise<T>,
): Promise<T> {
  const formerUntil = async () => (await confirmingPhone(tx, caller, deps.clock.now(), deps.encryption))?.formerUntil;
  const before = await formerUntil();
  const changed = await change();
  const after = await formerUntil();
  if (after && after.getTime() !== before?.getTime()) {
    const until = shanghai(after).slice(0, 10);
    await deps.serviceDeps.delivery.enqueue(tx, {
      ...caller,
      source: 'privacy',
      message: { type: 'text', content: deps.texts.say('privacy.phone-changed', { until }, caller.accountId) },
    });
  }
  return changed;
}
