import type { ServiceDeps } from '../../dialogue/service';
import type { Queryable } from '../../platform/database';
import { dispatchers, workers } from './contract';
import type { QuestionRow } from './tables';

type Place = Pick<QuestionRow, 'organisation_path' | 'account_path' | 'helper_paths'>;

/** Tells open pages that something happened to a question: those who see it, and with `before` those who saw it until now. */
export async function tell(
  on: Queryable,
  { live }: Pick<ServiceDeps, 'live'>,
  now: Place & { id: string; version: number },
  event: string,
  before?: Place,
): Promise<void> {
  const places = new Map([now, ...(before ? [before] : [])].flatMap(placesOf).map((place) => [place.path, place]));
  for (const place of places.values()) {
    await live.publish(on, { topic: 'question', ...place, data: { id: now.id, version: now.version, event } });
  }
}

const placesOf = ({ organisation_path, account_path, helper_paths }: Place) => [
  organisation_path === null ? { path: account_path, roles: dispatchers } : { path: organisation_path, roles: workers },
  ...helper_paths.map((path) => ({ path, roles: workers })),
];
