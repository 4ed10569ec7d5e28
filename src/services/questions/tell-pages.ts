import type { Tx } from '../../platform/database';
import type { Live } from '../../platform/live';

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
  const groups = new Map<string, typeof all>();
  for (const one of all) {
    const key = `${one.event} ${one.path}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  for (const group of groups.values())
    for (let from = 0; from < group.length; from += idsInOne) {
      const part = group.slice(from, from + idsInOne);
      const { path, event } = part[0]!;
      await live.publish(tx, {
        topic: 'questions',
        path,
        roles: ['clerk', 'dispatcher', 'supervisor'],
        data: { event, ids: part.map(({ id }) => id) },
      });
    }
}
