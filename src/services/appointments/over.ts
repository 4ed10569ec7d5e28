import type { Message } from '../../delivery/message';
import type { Offer, ServiceContext, ServiceDeps } from '../../dialogue/service';
import type { Queryable } from '../../platform/database';
import { type Alternative, alternativesTo } from './alternatives';
import { dayOf, dayTitle } from './days';
import { lately } from './lately';

type Sought = { resourceId: number; day: string; at: Date };

/** 约满, with what else there is to choose by number. */
export async function overInChat(sought: Sought & { personId: string }, { deps, account }: ServiceContext) {
  const found = await lately(`instead of ${sought.resourceId} ${sought.day}`, deps, () =>
    alternativesTo(deps.db, sought),
  );
  return { heading: words(found, account.id, deps), offers: [...found.map(offerOf(sought.at)), waitingList(sought)] };
}

/** The same for those whom it reaches later, with buttons. */
export async function overMessage(
  on: Queryable,
  { accountId, said, ...sought }: Sought & { accountId: number; said: string | null },
  deps: ServiceDeps,
): Promise<Message> {
  if (said) return { type: 'text', content: said };
  const found = await alternativesTo(on, sought);
  const offers = [...found.map(offerOf(sought.at)), waitingList(sought)];
  const list = offers.map(({ key, args, label }) => ({ id: `${key}?${new URLSearchParams(args)}`, content: label }));
  return { type: 'msgmenu', head: words(found, accountId, deps), list, tail: '点一下就可以接着办。' };
}

const words = (found: Alternative[], accountId: number, { texts }: Pick<ServiceDeps, 'texts'>) =>
  texts.say('appointments.over', { others: found.length }, accountId);

const offerOf =
  (at: Date) =>
  ({ organisation_id, resource_id, title, subtitle, day, free }: Alternative): Offer => ({
    label: `${`${title} ${subtitle}`.trim()} ${dayTitle(day, dayOf(at))} 余 ${free}`,
    key: 'appointments.book',
    args: { office: String(organisation_id), resource: String(resource_id), day },
  });

const waitingList = ({ resourceId, day, personId }: Sought & { personId?: string }): Offer => ({
  label: '候补这一天，有人退号时按先后通知我',
  key: 'appointments.wait',
  args: { resource: String(resourceId), day, ...(personId && { person: personId }) },
});
