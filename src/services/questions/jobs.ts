import type { Service } from '../../dialogue/service';
import { dropExpiredSheets } from '../../platform/sheets/exports';
import { makeSheets } from '../../platform/sheets/make';
import { closeSilent } from './closing';
import { fetchDue, fetchOne } from './fetch-images';
import { measure } from './figures-measure';
import { sheetsJob } from './figures-routes';
import { tables } from './figures-tables';
import { fireDue } from './fire';
import { fetchJob } from './images';
import { recomputeIfStale, recomputeJob } from './recompute';
import { tendAssignments } from './release';

/** What time decides about questions. */
export const jobs: Service['jobs'] = (deps) => ({
  handlers: {
    [recomputeJob]: () => recomputeIfStale(deps),
    [sheetsJob]: () => makeSheets(tables(deps), deps),
    [fetchJob]: (image) => fetchOne(image, deps),
  },
  sweeps: [
    { name: 'questions.clocks', seconds: 20, run: async () => void (await fireDue(deps)) },
    { name: 'questions.images', seconds: 20, run: () => fetchDue(deps) },
    { name: 'questions.assignments', seconds: 20, run: () => tendAssignments(deps) },
    { name: 'questions.closing', seconds: 300, run: () => closeSilent(deps) },
    { name: 'questions.measure', seconds: 30, run: () => measure(deps) },
    // Also what a process has left half done.
    { name: 'questions.sheets', seconds: 60, run: () => makeSheets(tables(deps), deps) },
    { name: 'questions.sheets-expired', seconds: 3600, run: () => dropExpiredSheets(deps) },
    // A deploy may bring another calendar than the due times were reckoned with.
    { name: 'questions.recompute', seconds: 3600, run: () => recomputeIfStale(deps) },
  ],
});
