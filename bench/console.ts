import { cpus } from 'node:os';
import { durability, openStore } from './callback/store';
import { compare } from './console/compare';
import { fillStore } from './console/fill';
import { exitOnSignals } from './support/server-process';

// `npm run bench console [-- rounds seconds]`: the inbox under 50 clerks at 1,000 questions stored and at 200,000. docs/benchmarks.md explains.
const [rounds = 5, seconds = 10] = process.argv.slice(2).map(Number);

async function main(): Promise<void> {
  exitOnSignals();
  const stores = [];
  try {
    for (const size of [
      { questions: 1000, open: 300 },
      { questions: 200_000, open: 3000 },
    ]) {
      const store = await openStore(process.env.DATABASE_URL!, { mode: 'plain', demo: true });
      stores.push({ size: size.questions, store });
      await fillStore(store.client, size);
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
