import type { ServiceDeps } from '../../dialogue/service';
import type { Tx } from '../../platform/database';
import { isDatabaseDown } from '../../platform/errors';
import { hold, take, type Wanted } from './booking';
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

const holdGathered = gather(async (wanted: Wanted[], deps: Deps) => {
  const answers = new Map<Wanted, Answer | Promise<Answer>>();
  for (const round of roundsOf(wanted))
    for (const [index, answer] of (await holdRound(round, deps)).entries()) answers.set(round[index]!, answer);
  return wanted.map((one) => answers.get(one)!);
});

async function holdRound(round: Wanted[], deps: Deps): Promise<(Answer | Promise<Answer>)[]> {
  try {
    return await deps.db.transaction(async (tx) => {
      const [, taken] = await Promise.all([beImpatient(tx), take(tx, round, 'held', deps)]);
      return taken;
    });
  } catch (error) {
    // Out of reach is out of reach for each of them; one whom Postgres refuses, or who waits long, must not take the others along.
    return round.map((one) => (isDatabaseDown(error) ? (error as Error) : holdAlone(one, deps)));
  }
}

const holdAlone = (one: Wanted, deps: Deps): Promise<Answer> =>
  deps.db.transaction((tx) => hold(tx, one, deps)).catch((error: Error) => error);

/** Of a slot or a turn that somebody else has: all others of this process wait behind this transaction. */
const beImpatient = (tx: Tx) => tx.query(`SELECT set_config('lock_timeout', '1s', true)`);

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
