import type { Citizen } from '../people/citizen';
import { confirmingPhone } from '../people/identity/confirming-phone';
import { shanghai } from '../platform/clock';
import type { Tx } from '../platform/database';
import type { H5Deps } from './deps';

/**
 * Changes who is registered, or with which phone. Where another phone is registered by it, the chat and a text message to the phone
 * until then say so: whoever holds only a session cannot keep that from the citizen, who has days left to object. The chat alone
 * would not do: outside WeChat's 48 hours it waits for the citizen to come.
 */
export async function tellingOfPhoneChange<T>(
  caller: Citizen,
  deps: H5Deps,
  change: (tx: Tx) => Promise<T>,
): Promise<T> {
  const { changed, former } = await deps.db.transaction(async (tx) => {
    const confirming = () => confirmingPhone(tx, caller, deps.clock.now(), deps.encryption);
    const before = await confirming();
    const changed = await change(tx);
    const after = await confirming();
    if (!after?.formerUntil || after.formerUntil.getTime() === before?.formerUntil?.getTime()) return { changed };
    const content = wording(after.formerUntil, caller, deps);
    await deps.serviceDeps.delivery.enqueue(tx, {
      ...caller,
      source: 'privacy',
      message: { type: 'text', content },
    });
    return { changed, former: { phone: after.phone, text: content } };
  });
  // The change stands, whether or not this leaves.
  if (former)
    await deps.sms
      .send({ ...caller, ...former })
      .catch((error: Error) => deps.log.error({ error: error.message }, 'a text message did not leave'));
  return changed;
}

function wording(until: Date, { accountId }: Citizen, { texts }: H5Deps): string {
  const lastDay = shanghai(new Date(until.getTime() - 1)).slice(0, 10);
  return texts.say('privacy.phone-changed', { until: lastDay }, accountId);
}
