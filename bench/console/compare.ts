import { Agent } from 'node:http';
import type { Store } from '../callback/store';
import { createHistogram } from '../support/histogram';
import { cpuSeconds, familyCpuSeconds } from '../support/processes';
import { type ServerProcess, startServer } from '../support/server-process';
import { type Action, actions, type Clerk, createClerk, send } from './clerk';

const clerks = 50;
const warmUpSeconds = 3;

type Stored = { size: number; store: Store };
type Latency = { p50: number; p99: number };
/** Processor milliseconds for one turn of a clerk: steadier than times while other programs run. */
type Cost = { server: number; postgres: number };
type Round = { latency: Map<Action, Latency>; cost: Cost };

/** One server runs at a time, and they take turns: what else the machine does meets both alike. */
export async function compare(
  stores: Stored[],
  { rounds, seconds }: { rounds: number; seconds: number },
): Promise<void> {
  const measured = new Map<number, Round[]>(stores.map(({ size }) => [size, []]));
  for (let round = 0; round < rounds; round++)
    for (const { size, store } of round % 2 ? [...stores].reverse() : stores) {
      measured.get(size)!.push(await measure(store, seconds));
      console.log(`round ${round + 1}, ${size} stored: done`);
    }
  const [few, many] = stores.map(({ size }) => measured.get(size)!) as [Round[], Round[]];
  console.table(
    Object.fromEntries(
      actions.map((action) => {
        const at = (all: Round[], which: keyof Latency) =>
          median(all.map(({ latency }) => latency.get(action)?.[which] ?? Number.NaN));
        const cells = (['p50', 'p99'] as const).map((which) => {
          const ratios = few.map(
            ({ latency }, index) => many[index]!.latency.get(action)![which] / latency.get(action)![which],
          );
          return { few: at(few, which).toFixed(1), many: at(many, which).toFixed(1), ratio: median(ratios).toFixed(2) };
        });
        const [p50, p99] = cells as [(typeof cells)[0], (typeof cells)[0]];
        return [
          action,
          {
            'p50 ms few': p50.few,
            'p50 ms many': p50.many,
            'p50 ratio': p50.ratio,
            'p99 ms few': p99.few,
            'p99 ms many': p99.many,
            'p99 ratio': p99.ratio,
          },
        ];
      }),
    ),
  );
  console.log('processor milliseconds for one turn of a clerk');
  console.table(
    Object.fromEntries(
      (['server', 'postgres'] as const).map((where) => [
        where,
        {
          few: median(few.map(({ cost }) => cost[where])).toFixed(1),
          many: median(many.map(({ cost }) => cost[where])).toFixed(1),
          ratio: median(few.map(({ cost }, index) => many[index]!.cost[where] / cost[where])).toFixed(2),
        },
      ]),
    ),
  );
}

async function measure(store: Store, seconds: number): Promise<Round> {
  const server = await startServer(store.start());
  try {
    const all = await Promise.all((await tokens(store, server)).map((token) => createClerk(server.port, token)));
    await work(all, warmUpSeconds, () => {});
    const histograms = new Map(actions.map((action) => [action, createHistogram()]));
    const used = () => ({ server: cpuSeconds(server.pid), postgres: familyCpuSeconds(store.postgres) });
    const before = used();
    const turns = await work(all, seconds, (action, millis) => histograms.get(action)!.add(millis));
    const after = used();
    const each = (where: keyof Cost) => ((after[where] - before[where]) * 1000) / turns;
    return {
      latency: new Map(
        [...histograms].map(([action, one]) => [action, { p50: one.quantile(0.5), p99: one.quantile(0.99) }]),
      ),
      cost: { server: each('server'), postgres: each('postgres') },
    };
  } finally {
    await server.stop();
  }
}

/** @returns how many turns they took */
async function work(all: Clerk[], seconds: number, seen: (action: Action, millis: number) => void): Promise<number> {
  const end = performance.now() + seconds * 1000;
  let turns = 0;
  await Promise.all(
    all.map(async (clerk) => {
      for (; performance.now() < end; turns++) await clerk.turn(seen);
    }),
  );
  return turns;
}

/** Most are clerks of the largest departments; every tenth sees the whole city. One after another: signing in is made to be slow. */
async function tokens({ client }: Store, { port }: ServerProcess): Promise<string[]> {
  const { rows } = await client.query<{ username: string }>(
    `SELECT username FROM staff WHERE username ~ '^clerk-house-' ORDER BY id LIMIT $1`,
    [clerks],
  );
  const agent = new Agent({ keepAlive: true });
  const signedIn: string[] = [];
  const byName = new Map<string, string>();
  for (const [index, { username }] of rows.entries()) {
    const name = index % 10 === 9 ? 'supervisor' : username;
    byName.set(name, byName.get(name) ?? (await signIn(agent, port, name)));
    signedIn.push(byName.get(name)!);
  }
  agent.destroy();
  return signedIn;
}

async function signIn(agent: Agent, port: number, username: string): Promise<string> {
  const body = { username, password: 'weiban-demo' };
  return ((await send(agent, port, '', 'POST', '/api/console/login', body)) as { token: string }).token;
}

const median = (numbers: number[]) => [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)]!;
