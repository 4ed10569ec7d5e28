import path from 'node:path';
import { defineService } from '../../dialogue/service';
import { helpedFlow } from './helped.flow';
import { loadEntries, readEntryFiles } from './load';
import { answers, showEntry, start } from './openers';
import { citizenRoutes } from './pages';
import { personal } from './personal';
import { reindexIfStale } from './publish';
import { staffRoutes } from './staff';

/** 常见问答: what departments have answered once and others may ask again. */
export const knowledge = defineService({
  key: 'knowledge',
  kind: 'query',
  title: '常见问答',
  opens: [
    { key: 'knowledge', start, keywords: ['常见问答', '问答'], scenes: ['knowledge'] },
    { key: 'knowledge.entry', start: showEntry },
    { key: 'knowledge.helped', start: helpedFlow },
  ],
  contributes: { answers, personal },
  staffRoutes,
  citizenRoutes,
  // A deploy may bring other words than the index was made with.
  jobs: (deps) => ({
    sweeps: [{ name: 'knowledge.index', seconds: 3600, run: async () => void (await reindexIfStale(deps)) }],
  }),
  demo: (deps) => loadEntries(readEntryFiles(path.join(__dirname, 'entries')), deps),
});
