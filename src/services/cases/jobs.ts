import type { ServiceDeps } from '../../dialogue/service';
import type { Sweep } from '../../platform/jobs';
import { forgetAnswers } from './remote/last-answers';
import { forgetTries } from './tries';

export const jobs = (deps: ServiceDeps): { sweeps: Sweep[] } => ({
  sweeps: [
    { name: 'cases.tries', seconds: 3600, run: () => forgetTries(deps) },
    { name: 'cases.remote-answers', seconds: 3600, run: () => forgetAnswers(deps) },
  ],
});
