import { wordsOf } from '../src/dialogue/search/words';
import { createClock } from '../src/platform/clock';
import { migrate, openDatabase } from '../src/platform/database';
import { createLog } from '../src/platform/log';
import { measureEntries } from './knowledge/entries';
import { measureGuides } from './knowledge/guides';
import { type Measured, shown } from './knowledge/measure';

// `npm run bench knowledge [-- sizes] [--missed]`: how often citizens' questions find their matter (guides) and their entry
// (knowledge), and how long a search takes, among what is shipped alone and with many others around it.
const sizes = process.argv.slice(2).map(Number).filter(Number.isFinite);
const showMissed = process.argv.includes('--missed');

run().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

async function run(): Promise<void> {
  const url = process.env.DATABASE_URL!;
  await migrate(url);
  const db = await openDatabase(url, createLog('silent'));
  const deps = { db, clock: createClock(), events: { publish: async () => {} } };
  const before = process.memoryUsage.rss();
  const start = performance.now();
  wordsOf('身份证');
  console.log(
    `dictionary: ${Math.round(performance.now() - start)} ms, ${Math.round((process.memoryUsage.rss() - before) / 1e6)} MB`,
  );
  const rows: { [column: string]: string | number }[] = [];
  const speeds: Record<string, [size: number, Measured][]> = { guides: [], knowledge: [] };
  for (const size of sizes.length > 0 ? sizes : [0, 1000, 100_000]) {
    const guides = await measureGuides(size, deps);
    rows.push({ of: 'guides', entries: guides.entries, 'load s': seconds(guides.loaded), ...shown(guides) });
    speeds.guides!.push([size, guides]);
    const { entries, loaded, all, tune, heldOut } = await measureEntries(size, deps);
    rows.push({ of: 'knowledge', entries, 'load s': seconds(loaded), ...shown(all) });
    rows.push({ of: 'knowledge, tune', entries, 'load s': '', ...shown(tune) });
    rows.push({ of: 'knowledge, held out', entries, 'load s': '', ...shown(heldOut) });
    speeds.knowledge!.push([size, all]);
    if (showMissed) console.log(`tune half, missed at ${entries}:`, tune.missed);
  }
  console.table(rows);
  for (const [of, measured] of Object.entries(speeds)) tellRatio(of, measured);
  const least = Math.min(...speeds.knowledge!.map(([, { recall }]) => recall));
  console.log(`knowledge, recall@3 at every size: at least ${least.toFixed(3)}, wanted 0.9`);
  if (least < 0.9) process.exitCode = 1;
  await db.close();
}

/** How much longer a search takes at the largest size than at a thousand. */
function tellRatio(of: string, measured: [size: number, Measured][]): void {
  const small = measured.find(([size]) => size === 1000)?.[1];
  const [size, large] = measured.at(-1)!;
  if (!small || size <= 1000) return;
  const ratio = (part: 'p50' | 'p99') => `${part} ${(large[part] / small[part]).toFixed(2)}`;
  console.log(`${of}, ${size} to 1000 others: ${ratio('p50')}, ${ratio('p99')}`);
}

const seconds = (s: number) => s.toFixed(1);
