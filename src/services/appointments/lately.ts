import type { ServiceDeps } from '../../dialogue/service';
import type { Events } from '../../platform/events';
import { createRemembered, type Remembered } from '../../platform/remembered';

/** What everybody asks at the same moment is asked of Postgres once a second by each process; the answer is as old at most. */
export function lately<T>(
  question: string,
  { events, clock }: Pick<ServiceDeps, 'events' | 'clock'>,
  read: () => Promise<T>,
): Promise<T> {
  const known = all.get(events) ?? createRemembered(1000);
  all.set(events, known);
  return known.remember(`${Math.floor(clock.millis() / 1000)}/${question}`, read);
}

/** Of each server of this process. */
const all = new WeakMap<Events, Remembered>();
