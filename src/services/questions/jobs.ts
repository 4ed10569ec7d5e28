import type { Service } from '../../dialogue/service';
import { closeSilent } from './closing';
import { fireDue } from './fire';
import { recomputeIfStale, recomputeJob } from './recompute';

/** What time decides about questions. */
export const jobs: Service['jobs'] = (deps) => ({
  handlers: { [recomputeJob]: () => recomputeIfStale(deps) },
  sweeps: [
    { name: 'questions.clocks', seconds: 20, run: async () => void (await fireDue(deps)) },
    { name: 'questions.closing', seconds: 300, run: () => closeSilent(deps) },
    // A deploy may bring another calendar than the due times were reckoned with.
    { name: 'questions.recompute', seconds: 3600, run: () => recomputeIfStale(deps) },
  ],
});
