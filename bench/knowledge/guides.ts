import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { readGuideFiles } from '../../src/services/guides/files';
import { loadGuides } from '../../src/services/guides/load';
import { searchMatters } from '../../src/services/guides/search';
import { fillerMatters } from '../../test/services/guides/filler';
import { measure } from './measure';

const root = path.join(__dirname, '../..');
const read = <T>(name: string): T => parse(readFileSync(path.join(root, 'test/services/guides', name), 'utf8')) as T;
const questions = read<{ q: string; want: string | string[] }[]>('questions.yaml').map(({ q, want }) => ({
  q,
  want: [want].flat(),
}));
export const nonsense = read<string[]>('nonsense.yaml');

/** The shipped matters among so many of other authorities. */
export async function measureGuides(filler: number, deps: Parameters<typeof loadGuides>[2]) {
  const files = readGuideFiles(path.join(root, 'src/services/guides'));
  const matters = [...files.matters, ...fillerMatters(filler)];
  const from = performance.now();
  await loadGuides({ ...files, matters, fingerprint: String(filler) }, 'import', deps);
  const loaded = (performance.now() - from) / 1000;
  const measured = await measure(questions, nonsense, async (text) =>
    (await searchMatters(text, 5, deps.db)).map(({ key }) => key),
  );
  return { entries: matters.length, loaded, ...measured };
}
