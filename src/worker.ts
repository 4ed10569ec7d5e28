import type { Deps } from './deps';
import { rerunLate } from './dialogue/inbox/late';
import { keepMonths } from './dialogue/inbox/months';
import { privacyWork } from './dialogue/privacy/run';
import { oldAnswers } from './open';
import { notificationSweep } from './people/notifications';
import { type JobHandler, runJobs, type Sweep } from './platform/jobs';

/** The worker role: jobs that were added in somebody's transaction, and what is found by looking. */
export async function startWorker(deps: Deps) {
  const fromServices = deps.installed.services.map((service) => service.jobs?.(deps.serviceDeps) ?? {});
  const privacy = privacyWork(deps.serviceDeps);
  const handlers: Record<string, JobHandler> = Object.assign(
    {},
    deps.delivery.handlers,
    privacy.handlers,
    ...fromServices.map(({ handlers }) => handlers),
  );
  const sweeps: Sweep[] = [
    { name: 'inbox.late', seconds: 15, run: () => rerunLate(deps, deps.inbox) },
    { name: 'inbox.months', seconds: 6 * 3600, run: () => keepMonths(deps) },
    deps.live.sweep,
    notificationSweep(deps),
    deps.files.sweep,
    oldAnswers(deps),
    ...deps.delivery.sweeps,
    ...privacy.sweeps,
    ...fromServices.flatMap(({ sweeps = [] }) => sweeps),
  ];
  const jobs = await runJobs(deps, handlers, sweeps);
  return {
    stop: async () => {
      deps.delivery.stop();
      await jobs.stop();
    },
  };
}
