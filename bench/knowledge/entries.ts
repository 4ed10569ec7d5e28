import path from 'node:path';
import { demoOrganisations } from '../../src/console/demo-people';
import { addOrganisation, ensureRootOrganisation } from '../../src/people/organisations';
import { loadEntries, readEntryFiles } from '../../src/services/knowledge/load';
import { searchEntries } from '../../src/services/knowledge/search';
import { fillerEntries } from '../../test/services/knowledge/filler';
import { paraphrases } from '../../test/services/knowledge/paraphrases';
import { nonsense } from './guides';
import { measure } from './measure';

/** The demo entries among so many others; the questions by halves, of which one was never looked at when the search was tuned. */
export async function measureEntries(filler: number, deps: Parameters<typeof loadEntries>[1]) {
  const { db, clock } = deps;
  const root = await ensureRootOrganisation(db, clock);
  for (const organisation of demoOrganisations) await addOrganisation(db, organisation, clock);
  const shipped = readEntryFiles(path.join(__dirname, '../../src/services/knowledge/entries'));
  const from = performance.now();
  await loadEntries([...shipped, ...fillerEntries(filler)], deps);
  const loaded = (performance.now() - from) / 1000;
  const [{ entries } = { entries: 0 }] = await db.query<{ entries: number }>('SELECT entries FROM knowledge_catalogue');
  const search = async (text: string) => (await searchEntries(text, root.id, 5, db)).map(({ title }) => title);
  const all = paraphrases();
  const of = (half: string) => all.filter((one) => one.half === half);
  return {
    entries,
    loaded,
    all: await measure(all, nonsense, search),
    tune: await measure(of('tune'), nonsense, search),
    heldOut: await measure(of('held out'), nonsense, search),
  };
}
