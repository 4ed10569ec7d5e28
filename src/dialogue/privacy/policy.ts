import { z } from 'zod';
import type { Settings } from '../../platform/settings';

const count = (most: number) => z.number().int().min(0).max(most);

/** How long what has to do with personal data waits and stays; a city sets its own, and what it leaves out is the default. */
const policyContract = z
  .strictObject({
    eraseWaitDays: count(30),
    closingMinutes: count(1440),
    unsubscribeWaitDays: count(15),
    copyHours: count(168).min(1),
    copiesPerDay: count(20).min(1),
    consentYears: count(20),
    recordYears: count(20).min(3),
  })
  .partial();

const defaults = {
  /** between asking for deletion and the deletion; until then it can be taken back */
  eraseWaitDays: 7,
  /** for the news of what was cancelled to arrive, before the messages themselves go */
  closingMinutes: 10,
  /** Who follows again within these has not left. */
  unsubscribeWaitDays: 3,
  copyHours: 24,
  copiesPerDay: 3,
  /** What was agreed to is evidence as long as a claim can be brought (Civil Code, article 188). */
  consentYears: 3,
  /** The record that a duty was done (PIPL, article 56). */
  recordYears: 3,
};
export type PrivacyPolicy = typeof defaults;

/** Setting `privacy.policy`. One that is not right is as if it were not there: nothing is kept shorter or longer by a typing error. */
export function privacyPolicy(settings: Pick<Settings, 'get'>): PrivacyPolicy {
  const own = policyContract.safeParse(settings.get('privacy.policy', {}));
  return { ...defaults, ...(own.success && own.data) };
}

export const dayMillis = 24 * 3600_000;
