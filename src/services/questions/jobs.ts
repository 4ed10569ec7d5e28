import { exportJobs } from '../../dialogue/figures/exports';
import type { Service } from '../../dialogue/service';
import { closeSilent } from './closing';
import { fetchDue, fetchOne } from './fetch-images';
import { measure } from './figures-measure';
import { tables } from './figures-tables';
import { fireDue } from './fire';
import { fetchJob } from './images';
import { recomputeIfStale, recomputeJob } from './recompute';
import { tendAssignments } from './release';

/** What time decides about questions. */
export const jobs: Service['jobs'] = (deps) => {
  const sheets = exportJobs('questions', tables(deps), deps);
  return {
    handlers: {
      ...sheets.handlers,
      [recomputeJob]: () => recomputeIfStale(deps),
      [fetchJob]: (image) => fetchOne(image, deps),
    },
    sweeps: [
      { name: 'questions.clocks', seconds: 20, run: async () => void (await fireDue(deps)) },
      { name: 'questions.images', seconds: 20, run: () => fetchDue(deps) },
      { name: 'questions.assignments', seconds: 20, run: () => tendAssignments(deps) },
      { name: 'questions.closing', seconds: 300, run: () => closeSilent(deps) },
      { name: 'questions.measure', seconds: 30, run: () => measure(deps) },
      ...sheets.sweeps,
      // A deploy may bring another calendar than the due times were reckoned with.
      { name: 'questions.recompute', seconds: 3600, run: () => recomputeIfStale(deps) },
    ],
  };
};
