import type { ServiceContext } from '../../dialogue/service';
import { maskName, personsOf, relations } from '../../people/identity/bindings';

/** For whom somebody in the chat may act, as options. */
export async function persons(_answers: unknown, { deps, account, openid }: ServiceContext) {
  const found = await personsOf(deps.db, { accountId: account.id, openid }, deps.encryption);
  return found.map(({ id, name, relation }) => ({ value: id, label: `${maskName(name)}（${relations[relation]}）` }));
}
