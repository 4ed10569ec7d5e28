import type { ServiceDeps } from '../../dialogue/service';
import type { Queryable, Tx } from '../../platform/database';
import type { Appointment } from './tables';

type Where = Pick<Appointment, 'resource_id' | 'day' | 'organisation_path'>;
type Deps = Pick<ServiceDeps, 'db' | 'live' | 'log'>;

/** Rosters that stand open look again when this commits. */
export const publishRoster = (on: Queryable, one: Where, { live }: Pick<Deps, 'live'>) =>
  live.publish(on, {
    topic: 'appointment',
    path: one.organisation_path,
    roles: ['clerk', 'supervisor'],
    data: { resourceId: one.resource_id, day: one.day },
  });

const pauseMillis = 500;
/** Of each process, what has changed since the rosters were told last. */
const changes = new WeakMap<Deps['live'], Map<string, Where>>();

/**
 * The same for what citizens do, once it has committed: a release brings thousands of bookings in a few seconds, and telling of each
 * in its own transaction would make them wait for one another. Each roster is told of them together, twice a second at most. Lost
 * with the process, it costs a roster the seconds until it looks by itself.
 */
export function noteRoster(tx: Tx, one: Where, deps: Deps): void {
  tx.afterCommit(() => {
    const waiting = changes.get(deps.live);
    const key = `${one.resource_id} ${one.day}`;
    if (waiting) return void waiting.set(key, one);
    changes.set(deps.live, new Map([[key, one]]));
    setTimeout(() => void tellAll(deps), pauseMillis).unref();
  });
}

async function tellAll(deps: Deps): Promise<void> {
  const waiting = changes.get(deps.live)!;
  changes.delete(deps.live);
  try {
    for (const one of waiting.values()) await publishRoster(deps.db, one, deps);
  } catch (error) {
    deps.log.debug({ error: (error as Error).message }, 'rosters were not told');
  }
}
