import type { ServiceDeps } from '../../dialogue/service';
import type { Citizen } from '../../people/citizen';
import { type Person, personsOf } from '../../people/identity/bindings';
import { UserError } from '../../platform/errors';
import type { Case } from './case';
import { type CaseSource, sourcesOf } from './source';
import { type Asking, admitLookUp } from './tries';
import { within } from './within';

type Deps = Pick<ServiceDeps, 'db' | 'clock' | 'encryption' | 'settings' | 'accounts' | 'log'>;

/** Offices that did not answer in time, by name: what they have is missing. */
type Down = { down: string[] };
export type Own = Case & { person: Person };

/**
 * A case by its number and what only its owner knows; nothing alike for a number that is none and a factor that is wrong.
 * @throws UserError 429
 */
export async function findCase(asking: Asking & { factor: string }, deps: Deps): Promise<Down & { found?: Case }> {
  const giveBack = await admitLookUp(asking, deps);
  const { citizen, number, factor } = asking;
  const sources = await shownTo(citizen, deps);
  const { answers, down } = await askAll(sources, (source, signal) => source.byNumber(number, factor, signal), deps);
  const found = answers.find((one) => one !== undefined);
  // Where nobody answered nothing was learnt. One that did answer counts, or whoever is guessing waits for another to fail.
  if (found || down.length === sources.length) await giveBack();
  return { found, down };
}

/** All cases of everybody a citizen acts for, over all offices at once, the latest first. */
export async function casesOf(citizen: Citizen, deps: Deps): Promise<Down & { known: boolean; found: Own[] }> {
  const persons = await personsOf(deps.db, citizen, deps.encryption);
  const ofAll = (source: CaseSource, signal: AbortSignal) =>
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
  ask: (source: CaseSource, signal: AbortSignal) => Promise<T>,
  { log }: Deps,
): Promise<Down & { answers: T[] }> {
  const answers: T[] = [];
  const down: string[] = [];
  const asked = sources.map((source) => within(source, (signal) => ask(source, signal)));
  for (const [index, settled] of (await Promise.allSettled(asked)).entries()) {
    if (settled.status === 'fulfilled') answers.push(settled.value);
    else {
      const { title } = sources[index]!;
      down.push(title);
      if (!(settled.reason instanceof UserError))
        log.error({ err: settled.reason, source: title }, 'a source of cases failed');
    }
  }
  return { answers, down };
}
