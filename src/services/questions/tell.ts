import type { ServiceDeps } from '../../dialogue/service';
import type { Tx } from '../../platform/database';
import { dispatchers, workers } from './contract';
import type { QuestionRow } from './tables';

type Place = Pick<QuestionRow, 'organisation_path' | 'account_path'>;

/** Tells open pages that something happened to a question: those who see it, and with `before` those who saw it until now. */
export async function tell(
  tx: Tx,
  { live }: Pick<ServiceDeps, 'live'>,
  now: Place & { id: string; version: number },
  event: string,
  before?: Place,
): Promise<void> {
  const places = [now, ...(before && placeOf(before).path !== placeOf(now).path ? [before] : [])];
  for (const place of places) {
    await live.publish(tx, { topic: 'question', ...placeOf(place), data: { id: now.id, version: now.version, event } });
  }
}

const placeOf = ({ organisation_path, account_path }: Place) =>
  organisation_path === null ? { path: account_path, roles: dispatchers } : { path: organisation_path, roles: workers };
