import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { durability, openStore, type Store, useLogOnce } from './callback/store';
import { openHall, type Registered, register, rememberYear } from './rush/city';
import { release } from './rush/release';
import { compareTransactions } from './rush/transactions';
import { compileBench } from './support/compiled';
import { sayLoad } from './support/load-average';
import { exitOnSignals } from './support/server-process';

const leastRatio = 0.7;
const { values, positionals } = parseArgs({ allowPositionals: true, options: { only: { type: 'string' } } });
const [rounds = 5, size = 3000] = positionals.map(Number);

// `npm run bench rush [-- rounds people --only release|booking]`: a release with everybody at once, and the booking transaction beside a
// bare one. docs/benchmarks.md explains.
async function main(): Promise<boolean> {
  exitOnSignals();
  compileBench();
  const store = await openStore(process.env.DATABASE_URL!, { mode: 'plain', demo: true });
  try {
    console.log(`Node ${process.versions.node}, ${cpus().length} processors, ${await durability(store.client)}`);
    sayLoad();
    const people = await register(store.client, size, new Date());
    const whole = values.only === 'booking' || (await allReleases(store, people));
    if (values.only === 'release') return whole;
    // Nobody has a place from the releases: each is to book one now.
    await store.client.query('TRUNCATE appointments, appointment_admissions, appointment_waiting CASCADE');
    await rememberYear(store.client, people, new Date());
    const hall = await openHall(store.client, { now: new Date(), slots: 20, capacity: 1000 });
    await useLogOnce(store.client);
    sayLoad();
    const ratio = await compareTransactions(store, { hall, people, databaseUrl: store.url, rounds });
    return whole && ratio >= leastRatio;
  } finally {
    await store.drop();
  }
}

async function allReleases(store: Store, people: Registered[]): Promise<boolean> {
  let whole = true;
  for (const processes of [1, 2]) {
    const wrong = await release(store, people, processes);
    for (const one of wrong.slice(0, 10)) console.log(`  WRONG: ${one}`);
    whole &&= wrong.length === 0;
    sayLoad();
  }
  return whole;
}

main().then(
  (whole) => {
    process.exitCode = whole ? 0 : 1;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
