import type { ServiceDeps } from '../../dialogue/service';
import type { JobHandler, Sweep } from '../../platform/jobs';
import { dropOldImports, importJob } from './imports/imports';
import { workOnImports } from './imports/work';
import { flagOverdue } from './overdue';
import { forgetAnswers } from './remote/last-answers';
import { deliverRest } from './remote/rest';
import { pollWatches } from './remote/watch';
import { forgetTries } from './tries';

export const jobs = (deps: ServiceDeps): { handlers: Record<string, JobHandler>; sweeps: Sweep[] } => ({
  handlers: { [importJob]: () => workOnImports(deps) },
  sweeps: [
    { name: 'cases.overdue', seconds: 300, run: () => flagOverdue(deps) },
    { name: 'cases.tries', seconds: 3600, run: () => forgetTries(deps) },
    { name: 'cases.rest', seconds: 10, run: () => deliverRest(deps) },
    { name: 'cases.watches', seconds: 30, run: () => pollWatches(deps) },
    { name: 'cases.remote-answers', seconds: 3600, run: () => forgetAnswers(deps) },
    // Also what a process has left half done.
    { name: 'cases.imports', seconds: 30, run: () => workOnImports(deps) },
    { name: 'cases.imports-old', seconds: 3600, run: () => dropOldImports(deps) },
  ],
});
