import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { durability, openStore, useLogOnce } from './callback/store';
import { compareImport } from './cases/import';
import { compareSizes } from './cases/sizes';
import { sayLoad } from './support/load-average';
import { exitOnSignals } from './support/server-process';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { only: { type: 'string' } } });
const [rounds = 3] = positionals.map(Number);

// `npm run bench cases [-- rounds --only import|sizes]`: the import of a sheet beside COPY of it, and what citizens and the console ask for at
// 1,000 and at 1,000,000 cases stored. docs/benchmarks.md explains.
async function main(): Promise<boolean> {
  exitOnSignals();
  const open = () => openStore(process.env.DATABASE_URL!, { mode: 'plain', demo: true });
  const first = await open();
  try {
    console.log(`Node ${process.versions.node}, ${cpus().length} processors, ${await durability(first.client)}`);
    await useLogOnce(first.client);
    sayLoad();
    let reached = true;
    if (values.only !== 'sizes') {
      reached = await compareImport(first, rounds);
      sayLoad();
    }
    if (values.only === 'import') return reached;
    const second = await open();
    try {
      reached = (await compareSizes([first, second])) && reached;
    } finally {
      await second.drop();
    }
    sayLoad();
    return reached;
  } finally {
    await first.drop();
  }
}

main().then(
  (reached) => {
    process.exitCode = reached ? 0 : 1;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
