import type { ServiceDeps } from '../../dialogue/service';
import type { Events } from '../../platform/events';
import { createRemembered, type Remembered } from '../../platform/remembered';

/**
 * What everybody asks at the same moment is asked of Postgres once a second by each process; the answer is as old at most. Those of
 * the second before are let go together: a department's day is large, and of a thousand nobody asks again.
 */
export function lately<T>(
  question: string,
  { events, clock }: Pick<ServiceDeps, 'events' | 'clock'>,
  read: () => Promise<T>,
): Promise<T> {
  const second = Math.floor(clock.millis() / 1000);
  const known = all.get(events) ?? { second, answers: createRemembered(1000) };
  all.set(events, known);
  if (known.second !== second) known.answers.empty();
  known.second = second;
  return known.answers.remember(question, read);
}

/** Of each server of this process. */
const all = new WeakMap<Events, { second: number; answers: Remembered }>();
