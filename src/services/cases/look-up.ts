import type { ServiceDeps } from '../../dialogue/service';
import type { Citizen } from '../../people/citizen';
import { type Person, personsOf } from '../../people/identity/bindings';
import { UserError } from '../../platform/errors';
import type { Case } from './case';
import { type Askable, type CaseSource, type SourceDeps, sourcesOf } from './source';
import { type Asking, admitLookUp } from './tries';
import { nowOrBefore } from './within';

type Deps = SourceDeps & Pick<ServiceDeps, 'accounts'>;

/** Those that did not answer in time: what they have is missing, or is what they said before. */
export type Down = { down: CaseSource[] };
export type Own = Case & { person: Person };

export const namesOf = (down: CaseSource[]): string => down.map(({ title }) => title).join('、');

/**
 * A case by its number and what only its owner knows; nothing alike for a number that is none and a factor that is wrong.
 * @throws UserError 429
 */
export async function findCase(
  asking: Asking & { factor: string; restFollows?: boolean },
  deps: Deps,
): Promise<Down & { found?: Case }> {
  const giveBack = await admitLookUp(asking, deps);
  const { citizen, number, factor } = asking;
  const sources = await shownTo(citizen, deps);
  const { answers, down } = await askAll(sources, (source, signal) => source.byNumber(number, factor, signal), deps);
  const there = answers.filter((one) => one !== undefined);
  const found = there.find(({ asOf }) => !asOf) ?? there[0];
  const follows = asking.restFollows && down.some(({ lastKnown }) => lastKnown);
  // Where nobody answered nothing was learnt, unless they are asked again for this citizen. One that did answer counts, or whoever is guessing waits for another to fail.
  if (found || (down.length === sources.length && !follows)) await giveBack();
  return { found, down };
}

/** All cases of everybody a citizen acts for, over all offices at once, the latest first. */
export async function casesOf(citizen: Citizen, deps: Deps): Promise<Down & { known: boolean; found: Own[] }> {
  const persons = await personsOf(deps.db, citizen, deps.encryption);
  const ofAll = (source: Askable, signal: AbortSignal) =>
    Promise.all(
      persons.map(async (person) =>
        (await source.ofPerson(person.document, signal)).map((one): Own => ({ ...one, person })),
      ),
    );
  const { answers, down } = persons.length ? await askAll(await shownTo(citizen, deps), ofAll, deps) : nothing;
  const latest = (one: Case) => one.steps.at(-1)!.at.getTime();
  const found = answers.flat(2).sort((one, other) => latest(other) - latest(one));
  return { known: persons.length > 0, found, down };
}

const nothing = { answers: [], down: [] };

const shownTo = ({ accountId }: Citizen, deps: Deps) => sourcesOf(deps.accounts.byId(accountId)!.organisationId, deps);

/** All at once, and none waits for another. */
async function askAll<T>(
  sources: CaseSource[],
  ask: (source: Askable, signal: AbortSignal) => Promise<T>,
  { log }: Deps,
): Promise<Down & { answers: T[] }> {
  const asked = await Promise.all(sources.map((source) => nowOrBefore(source, ask)));
  for (const [index, { fault }] of asked.entries())
    if (fault && !(fault instanceof UserError))
      log.error({ err: fault, source: sources[index]!.title }, 'a source of cases failed');
  return {
    answers: asked.flatMap(({ answer }) => (answer === undefined ? [] : [answer])),
    down: sources.filter((_source, index) => asked[index]!.fault),
  };
}
