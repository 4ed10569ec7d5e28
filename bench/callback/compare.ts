import { compiled } from '../support/compiled';
import type { Start } from '../support/server-process';
import type { Mode } from './account';
import { checkSamples } from './answers';
import { freeTexts } from './free-text';
import { type Measured, measure } from './measure';
import { citizens } from './messages';
import type { Options } from './options';
import type { Store } from './store';
import { type Result, summary, tell } from './summary';

export type Stores = Map<Mode, Store>;

/** More than any server here reaches in a second: so many requests are built for each second of a run. */
const mostPerSecond = 16_000;

/** Message numbers: each run takes the next ones, whole rounds of all citizens. */
export function createNumbers() {
  const since = Math.floor(Date.now() / 1000) - 7200;
  let next = 0;
  return {
    since,
    next: () => next,
    used: (count: number) => {
      next += Math.ceil(count / citizens) * citizens;
    },
  };
}

export type Numbers = ReturnType<typeof createNumbers>;

/** The servers in turn, round by round, so that a slow minute of the machine meets them all. @returns whether nothing was lost */
export async function compare(options: Options, stores: Stores, numbers: Numbers): Promise<boolean> {
  const results: Result[] = [];
  let whole = true;
  await tellGeneratorCeiling(options);
  for (let round = 1; round <= options.rounds; round++) {
    for (const mode of options.modes) {
      for (const connections of options.connections) {
        for (const server of rotated(options.servers, round - 1)) {
          const store = stores.get(mode)!;
          const measured = await measureOne(server, store, { mode, connections, options, numbers });
          results.push({ ...measured, server, mode, connections, round });
          const kept =
            server === 'weiban' ? await keptAll(store, measured, options, numbers) : { fine: true, told: '' };
          whole &&= kept.fine;
          console.log(
            `round ${round}  ${mode.padEnd(5)}  ${String(connections).padStart(3)} connections  ${tell(server, measured)}${kept.told}`,
          );
        }
      }
    }
  }
  for (const mode of options.modes)
    console.log(
      `\n${mode} mode\n${summary(
        results.filter((result) => result.mode === mode),
        options,
      )}`,
    );
  return whole;
}

type Setting = { mode: Mode; connections: number; options: Options; numbers: Numbers };

async function measureOne(
  server: string,
  store: Store,
  { mode, connections, options, numbers }: Setting,
): Promise<Measured> {
  const stateless = server !== 'weiban';
  const { warmup, seconds } = options;
  const built = stateless ? 20_000 : Math.ceil((warmup + seconds) * mostPerSecond);
  const plan = {
    mode,
    connections,
    warmup,
    seconds,
    first: numbers.next(),
    since: numbers.since,
    built,
    again: stateless,
  };
  const measured = await measure(startOf(server, store), { ...plan, ...freeTexts(options) }, store.postgres);
  if (measured.unanswered.length > 0 && stateless)
    throw new Error(`${server} refused ${measured.unanswered.length} requests`);
  checkSamples(measured.samples, mode);
  return measured;
}

function startOf(server: string, store: Store): Start {
  if (server === 'weiban') return store.start();
  return {
    args: [compiled('bench', 'callback', `${server}-server.js`)],
    env: { NODE_ENV: 'production' },
    ready: '/readyz',
  };
}

async function keptAll(store: Store, measured: Measured, options: Options, numbers: Numbers) {
  const { sent, unanswered } = measured;
  const kept = await store.check({
    first: numbers.next(),
    since: numbers.since,
    sent,
    unanswered,
    ...freeTexts(options),
  });
  numbers.used(sent);
  const fine = kept.missing.length === 0 && kept.doubled === 0 && unanswered.length === 0;
  const told = fine
    ? `  all ${kept.answered} answered are in Postgres`
    : `  LOST ${kept.missing.length} of ${kept.answered}, doubled ${kept.doubled}, refused ${unanswered.length}`;
  return { fine, told };
}

/** What the load generator reaches when the server does next to nothing: figures near it say more about it than about the server. */
async function tellGeneratorCeiling({ connections, warmup, seconds }: Options): Promise<void> {
  for (const count of connections) {
    const plan = {
      mode: 'plain' as const,
      connections: count,
      warmup,
      seconds,
      first: 0,
      since: 0,
      built: 20_000,
      again: true,
    };
    const measured = await measure(
      { args: [compiled('bench', 'callback', 'raw-server.js')], env: { NODE_ENV: 'production' }, ready: '/readyz' },
      plan,
      0,
    );
    console.log(`load generator alone  ${String(count).padStart(3)} connections  ${tell('raw http', measured)}`);
  }
}

const rotated = <T>(list: T[], by: number): T[] => list.map((_, i) => list[(i + by) % list.length]!);
