import type { Tx } from '../../platform/database';
import type { Live } from '../../platform/live';
import { workers } from './contract';

/** Whose affair a question is: its department's, or its account's while it is with the dispatcher. */
export type Place = { id: string; path: string };
export const pathColumn = 'coalesce(o.path, ao.path) AS path';
export const questionsWithPlace = `questions q
  JOIN accounts a ON a.id = q.account_id JOIN organisations ao ON ao.id = a.organisation_id
  LEFT JOIN organisations o ON o.id = q.organisation_id`;

/** One event holds at most 7,900 bytes. */
const idsInOne = 200;

/** Tells open pages what happened to many questions at once: one event for each organisation and event, not one for each question. */
export async function tellPages(tx: Tx, live: Live, all: (Place & { event: string })[]): Promise<void> {
  for (const { path, event, ids } of grouped(all))
    for (let from = 0; from < ids.length; from += idsInOne) {
      const data = { event, ids: ids.slice(from, from + idsInOne) };
      await live.publish(tx, { topic: 'questions', path, roles: workers, data });
    }
}

type Group = { path: string; event: string; ids: string[] };

function grouped(all: (Place & { event: string })[]): Iterable<Group> {
  const groups = new Map<string, Group>();
  for (const { id, path, event } of all) {
    const key = `${event} ${path}`;
    const group = groups.get(key) ?? { path, event, ids: [] };
    group.ids.push(id);
    groups.set(key, group);
  }
  return groups.values();
}
