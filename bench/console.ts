import { cpus } from 'node:os';
import { durability, openStore } from './callback/store';
import { compare } from './console/compare';
import { fillStore } from './console/fill';
import { exitOnSignals } from './support/server-process';

// `npm run bench console [-- rounds seconds]`: the inbox under 50 clerks at 1,000 questions stored and at 200,000. docs/benchmarks.md explains.
const [rounds = 5, seconds = 10] = process.argv.slice(2).map(Number);
/** The same ones in both: only what is done with differs. */
const open = 300;

async function main(): Promise<void> {
  exitOnSignals();
  const stores = [];
  try {
    for (const questions of [1000, 200_000]) {
      const store = await openStore(process.env.DATABASE_URL!, { mode: 'plain', demo: true });
      stores.push({ size: questions, store });
      await fillStore(store.client, { questions, open });
    }
    const [{ store }] = stores as [(typeof stores)[0]];
    console.log(`Node ${process.versions.node}, ${cpus().length} processors, ${await durability(store.client)}\n`);
    await compare(stores, { rounds, seconds });
  } finally {
    for (const { store } of stores) await store.drop();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
