import type { ServiceDeps } from '../../dialogue/service';
import { take, type Wanted } from './booking';
import { gather } from './gather';
import type { Appointment } from './tables';

type Deps = Pick<ServiceDeps, 'db' | 'events' | 'settings'>;

/**
 * Holds a place in a transaction of its own, or together with those who ask at the same moment: one commit for all of them, in the
 * order in which they came.
 * @throws like `hold`
 */
export async function holdTogether(wanted: Wanted, deps: Deps): Promise<Appointment> {
  const taken = await holdGathered(wanted, deps);
  if (taken instanceof Error) throw taken;
  return taken;
}

type Answer = Appointment | Error;

const holdGathered = gather(async (wanted: Wanted[], deps: Deps): Promise<Answer[]> => {
  const answers = new Map<Wanted, Answer>();
  for (const round of roundsOf(wanted))
    for (const [index, answer] of (await holdRound(round, deps)).entries()) answers.set(round[index]!, answer);
  return wanted.map((one) => answers.get(one)!);
});

async function holdRound(round: Wanted[], deps: Deps): Promise<Answer[]> {
  try {
    return await deps.db.transaction((tx) => take(tx, round, 'held', deps));
  } catch (error) {
    if (round.length === 1) return [error as Error];
    // One that Postgres refuses must not take the others along: each by itself.
    const answers: Answer[] = [];
    for (const one of round) answers.push(...(await holdRound([one], deps)));
    return answers;
  }
}

/** What one person, one phone or one request asks for more than once is decided one after another: the second sees what the first got. */
function roundsOf(wanted: Wanted[]): Wanted[][] {
  const rounds: { those: Wanted[]; seen: Set<string> }[] = [];
  for (const one of wanted) {
    const { person, accountId, openid, key } = one;
    const marks = [`person ${person.id}`, `phone ${person.phoneHash}`, `request ${accountId} ${openid} ${key}`];
    let round = rounds.find(({ seen }) => !marks.some((mark) => seen.has(mark)));
    if (!round) rounds.push((round = { those: [], seen: new Set() }));
    round.those.push(one);
    for (const mark of marks) round.seen.add(mark);
  }
  return rounds.map(({ those }) => those);
}
