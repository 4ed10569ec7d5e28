import { z } from 'zod';
import type { ServiceDeps } from '../../dialogue/service';
import type { Citizen } from '../../people/citizen';
import { personBoundTo } from '../../people/identity/bindings';
import type { FieldEncryption } from '../../platform/field-encryption';
import type { Case } from './case';
import { type Askable, type SourceDeps, sourcesOf } from './source';
import { nowOrBefore } from './within';

/**
 * Why a citizen may see a case: it is that of a person they act for, or they know its factor. It is looked into each time, so that
 * what was unbound or changed meanwhile opens nothing.
 */
const proof = z.object({
  accountId: z.number(),
  openid: z.string(),
  sourceId: z.number(),
  number: z.string(),
  /** one of the two */
  personId: z.string().nullable(),
  factor: z.string().nullable(),
});
export type Proven = z.infer<typeof proof>;
export type Right = { personId: string } | { factor: string };

type ProvenCase = { one: Case; proven: Proven; right: Right };

type Deps = SourceDeps & Pick<ServiceDeps, 'accounts'>;

/** Sealed: nobody makes one up, and nobody reads the factor in it. */
export const sealProof = (
  { accountId, openid }: Citizen,
  { sourceId, number }: Case,
  right: Right,
  { encryption }: Pick<ServiceDeps, 'encryption'>,
): string => toToken({ accountId, openid, sourceId, number, personId: null, factor: null, ...right }, encryption);

/** What a token proves to this citizen; undefined for one that is not theirs or none of ours. */
export function openProof(
  token: string,
  citizen: Citizen,
  { encryption }: Pick<ServiceDeps, 'encryption'>,
): Proven | undefined {
  let opened: Proven;
  try {
    opened = proof.parse(JSON.parse(fromToken(token, encryption)));
  } catch {
    return undefined;
  }
  return opened.accountId === citizen.accountId && opened.openid === citizen.openid ? opened : undefined;
}

/** The case as it is now. @throws UserError 404 where they no longer act for that person, 503 when its office does not answer */
export async function provenCase(token: string, citizen: Citizen, deps: Deps): Promise<ProvenCase | undefined> {
  const proven = openProof(token, citizen, deps);
  const account = deps.accounts.byId(citizen.accountId);
  if (!proven || !account) return undefined;
  const source = (await sourcesOf(account.organisationId, deps)).find(({ id }) => id === proven.sourceId);
  if (!source) return undefined;
  const { number, factor, personId } = proven;
  const right: Right = factor !== null ? { factor } : { personId: personId! };
  const asked = async (): Promise<(of: Askable, signal: AbortSignal) => Promise<Case | undefined>> => {
    if (factor !== null) return (of, signal) => of.byNumber(number, factor, signal);
    const { document } = await personBoundTo(deps.db, citizen, personId!, deps.encryption);
    return async (of, signal) => (await of.ofPerson(document, signal)).find((each) => each.number === number);
  };
  const { answer: one, fault } = await nowOrBefore(source, await asked());
  if (!one && fault) throw fault;
  return one && { one, proven, right };
}

const toToken = (proven: Proven, encryption: FieldEncryption): string =>
  Buffer.from(encryption.seal(JSON.stringify(proven)).slice(sealedBy.length), 'base64').toString('base64url');
const fromToken = (token: string, encryption: FieldEncryption): string =>
  encryption.open(sealedBy + Buffer.from(token, 'base64url').toString('base64'));
const sealedBy = 'v1:';
