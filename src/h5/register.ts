import type { Citizen } from '../people/citizen';
import { bindPerson, lackOfRoom, personBoundTo, type Relation, shownPerson } from '../people/identity/bindings';
import {
  type ConsentKind,
  consentKind,
  consentKinds,
  consentsNeeded,
  giveConsent,
  isForPerson,
  ownAge,
  withdrawConsents,
} from '../people/identity/consents';
import { ageOn, bornOn, documentKinds, type IdentityDocument } from '../people/identity/documents';
import { shanghai } from '../platform/clock';
import { UserError } from '../platform/errors';
import type { H5Deps } from './deps';
import { tellingOfPhoneChange } from './phone-change';
import { mustHoldPhone } from './sms';

export type Registration = {
  relation: Relation;
  name: string;
  document: IdentityDocument;
  /** where the document does not say it; asked for because of children, and not kept */
  born?: string;
  phone: string;
  code: string;
  consents: { kind: ConsentKind; version: string }[];
};

/** Binds somebody to a citizen, with what has to be agreed to for it and a code from the phone. */
export async function register(caller: Citizen, body: Registration, deps: H5Deps) {
  const at = deps.clock.now();
  const today = shanghai(at).slice(0, 10);
  const born = bornOf(body, today);
  const needed = consentsNeeded({ relation: body.relation, born }, today);
  for (const kind of needed) {
    const expected = `请先阅读并同意《${consentKinds[kind]}授权说明》`;
    if (!body.consents.some((one) => one.kind === kind))
      throw new UserError(422, 'consent-needed', expected, { [kind]: expected });
  }
  await mustHoldPhone(caller, body, deps, (tx) => lackOfRoom(tx, { ...caller, ...body }, deps.encryption));
  return tellingOfPhoneChange(caller, deps, async (tx) => {
    const personId = await bindPerson(tx, { ...caller, ...body, at }, deps.encryption);
    // What was declared when they were registered under another relation.
    for (const kind of consentKind.options.filter((kind) => isForPerson(kind) && !needed.includes(kind)))
      await withdrawConsents(tx, caller, at, { kind, personId });
    for (const { kind, version } of body.consents)
      if (needed.includes(kind) || !isForPerson(kind))
        await giveConsent(tx, caller, {
          kind,
          personId: isForPerson(kind) ? personId : undefined,
          text: consentText(kind, deps),
          agreedTo: version,
          at,
        });
    return shownPerson(await personBoundTo(tx, caller, personId, deps.encryption));
  });
}

/** @throws UserError 422 for a day to come, a document of a child that signs up for itself, or no day at all */
function bornOf({ relation, document, born: said }: Registration, today: string): string {
  const born = bornOn(document) ?? said;
  if (!born) throw new UserError(422, 'born-needed', '这种证件请另填出生日期', { born: '请填出生日期' });
  if (born > today || born < '1900-01-01')
    throw new UserError(422, 'invalid-input', '出生日期不对，请检查', {
      born: '出生日期应为已经过去的日期，不早于 1900 年',
    });
  if (relation === 'self' && ageOn(born, today) < ownAge)
    throw new UserError(422, 'too-young', '未满 14 周岁的，请由父母登记为「子女」');
  if (document.kind === 'household-register' && ageOn(born, today) >= cardAge)
    throw new UserError(422, 'card-needed', `已满 16 周岁，请用${documentKinds['id-card']}登记`);
  return born;
}

/** From this age on everybody has an ID card of their own (Law on ID cards, article 2). */
const cardAge = 16;

/** As it reads now, the same in all accounts: a person is one over all of them. */
export const consentText = (kind: ConsentKind, { texts }: Pick<H5Deps, 'texts'>) => texts.say(`consent.${kind}`);
