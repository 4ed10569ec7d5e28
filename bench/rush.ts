import { cpus, loadavg } from 'node:os';
import { durability, openStore } from './callback/store';
import { openHall, register } from './rush/city';
import { compareTransactions } from './rush/transactions';
import { compileBench } from './support/compiled';
import { exitOnSignals } from './support/server-process';

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
    const people = await register(store.client, 3000, now);
    const hall = await openHall(store.client, { now, slots: 20, capacity: 1000 });
    const ratio = await compareTransactions(store, { hall, people, databaseUrl: store.url, rounds: 5 });
    return ratio >= 0.7;
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
