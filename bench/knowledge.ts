import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { wordsOf } from '../src/dialogue/search/words';
import { createClock } from '../src/platform/clock';
import { migrate, openDatabase } from '../src/platform/database';
import { createLog } from '../src/platform/log';
import { readGuideFiles } from '../src/services/guides/files';
import { loadGuides } from '../src/services/guides/load';
import { searchMatters } from '../src/services/guides/search';
import { fillerMatters } from '../test/services/guides/filler';

// `npm run bench knowledge [-- sizes]`: how often the citizens' questions of test/services/guides find their matter, and how long a
// search takes, among the shipped matters alone and with many of other authorities around them.
const sizes = process.argv.slice(2).map(Number);
const root = path.join(__dirname, '..');
const read = <T>(name: string): T => parse(readFileSync(path.join(root, 'test/services/guides', name), 'utf8')) as T;
const questions = read<{ q: string; want: string | string[] }[]>('questions.yaml');
const nonsense = read<string[]>('nonsense.yaml');

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
  const files = readGuideFiles(path.join(root, 'src/services/guides'));
  const rows = [];
  for (const filler of sizes.length > 0 ? sizes : [0, 1000, 100_000]) {
    const matters = [...files.matters, ...fillerMatters(filler)];
    const from = performance.now();
    await loadGuides({ ...files, matters, fingerprint: String(filler) }, 'import', deps);
    await db.query('ANALYZE guides_matters, guides_words');
    rows.push({ matters: matters.length, 'load s': seconds(performance.now() - from), ...(await measure(db)) });
  }
  console.table(rows);
  await db.close();
}

async function measure(db: Parameters<typeof searchMatters>[2]) {
  let first = 0;
  let three = 0;
  const times: number[] = [];
  const search = async (text: string) => {
    const start = performance.now();
    const found = await searchMatters(text, 5, db);
    times.push(performance.now() - start);
    return found.map(({ key }) => key);
  };
  await search('身份证');
  times.length = 0;
  for (const { q, want } of questions) {
    const at = (await search(q)).findIndex((key) => [want].flat().includes(key));
    if (at === 0) first++;
    if (at >= 0 && at < 3) three++;
  }
  let fooled = 0;
  for (const text of nonsense) if ((await search(text)).length > 0) fooled++;
  times.sort((one, other) => one - other);
  const quantile = (share: number) => Number(times[Math.floor(share * (times.length - 1))]!.toFixed(1));
  return {
    'first hit': (first / questions.length).toFixed(3),
    'recall@3': (three / questions.length).toFixed(3),
    'nonsense answered': `${fooled}/${nonsense.length}`,
    'p50 ms': quantile(0.5),
    'p99 ms': quantile(0.99),
  };
}

const seconds = (ms: number) => (ms / 1000).toFixed(1);
