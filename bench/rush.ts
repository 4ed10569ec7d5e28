import { cpus, loadavg } from 'node:os';
import { durability, openStore } from './callback/store';
import { openHall, register } from './rush/city';
import { release } from './rush/release';
import { compareTransactions } from './rush/transactions';
import { compileBench } from './support/compiled';
import { exitOnSignals } from './support/server-process';

const leastRatio = 0.7;
const [rounds = 5, size = 3000] = process.argv.slice(2).map(Number);

// `npm run bench rush [-- rounds people]`: a release with everybody at once, and the booking transaction beside a bare one. docs/benchmarks.md explains.
async function main(): Promise<boolean> {
  exitOnSignals();
  compileBench();
  const store = await openStore(process.env.DATABASE_URL!, { mode: 'plain', demo: true });
  try {
    console.log(`Node ${process.versions.node}, ${cpus().length} processors, ${await durability(store.client)}`);
    console.log(
      `load average ${loadavg()
        .map((one) => one.toFixed(1))
        .join(' ')}\n`,
    );
    const now = new Date();
    const people = await register(store.client, size, now);
    let whole = true;
    for (const processes of [1, 2]) {
      const wrong = await release(store, people, processes);
      for (const one of wrong.slice(0, 10)) console.log(`  WRONG: ${one}`);
      whole &&= wrong.length === 0;
    }
    const hall = await openHall(store.client, { now, slots: 20, capacity: 1000 });
    const ratio = await compareTransactions(store, { hall, people, databaseUrl: store.url, rounds });
    return whole && ratio >= leastRatio;
  } finally {
    await store.drop();
  }
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
