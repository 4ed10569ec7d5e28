import type { Clock } from './clock';
import type { Database, Queryable } from './database';
import type { Events } from './events';
import type { Sweep } from './jobs';

/** Something that open pages want to know at once. A hint to look again: never the only place where something stands. */
export type LiveEvent = {
  topic: string;
  /** path of the organisation whose affair it is: those who hold one of the roles there or above are told */
  path: string;
  roles: readonly string[];
  /** small, and nothing that identifies a person */
  data: Record<string, unknown>;
};
/** For nobody but these, wherever they are. */
export const onlyFor = (staffIds: readonly number[]): Pick<LiveEvent, 'path' | 'roles'> => ({
  path: '/',
  roles: staffIds.map((id) => `staff:${id}`),
});
export type NumberedEvent = LiveEvent & { id: number };

export type Live = ReturnType<typeof createLive>;

const channel = 'live';
/** Transactions commit in another order than they drew their numbers: who catches up looks back a little. */
const overlap = 100;
const mostAtOnce = 1000;
const keptMillis = 24 * 3600_000;

/** Events for pages, across processes, in the order in which they were committed; numbered, so that a page can catch up. */
export function createLive({ db, events, clock }: { db: Database; events: Events; clock: Clock }) {
  const closing = new Set<() => void>();
  return {
    /** Told when the given transaction commits. */
    async publish(on: Queryable, event: LiveEvent): Promise<void> {
      const [row] = await on.query<{ id: string }>(
        'INSERT INTO live_events (at, topic, path, roles, data) VALUES ($1, $2, $3, $4, $5::jsonb) RETURNING id',
        [clock.now(), event.topic, event.path, event.roles, JSON.stringify(event.data)],
      );
      await events.publish(channel, { ...event, id: Number(row!.id) }, on);
    },
    /** @returns what ends it */
    subscribe: (listener: (event: NumberedEvent) => void): (() => void) =>
      events.subscribe(channel, (event) => listener(event as NumberedEvent)),
    /** The connection to other processes was away: what was published meanwhile has to be read. */
    onGap: (listener: () => void): (() => void) => events.subscribe('reconnected', listener),
    /** When this process stops, what it still holds open ends. @returns what takes this back */
    onClose(act: () => void): () => void {
      closing.add(act);
      return () => closing.delete(act);
    },
    close(): void {
      for (const act of closing) act();
    },
    /** What came after the event with this number, a few before it included; undefined when that is too long ago to tell. */
    async since(id: number): Promise<NumberedEvent[] | undefined> {
      const rows = await db.query<NumberedEvent & { id: string }>(
        'SELECT id, topic, path, roles, data FROM live_events WHERE id > $1 ORDER BY id LIMIT $2',
        [Math.max(0, id - overlap), mostAtOnce],
      );
      if (rows.length === mostAtOnce) return undefined;
      const [first] = await db.query<{ id: string }>('SELECT id FROM live_events ORDER BY id LIMIT 1');
      if (first && Number(first.id) > id + 1) return undefined;
      return rows.map((row) => ({ ...row, id: Number(row.id) }));
    },
    sweep: {
      name: 'live-events',
      seconds: 3600,
      run: async () => {
        await db.query('DELETE FROM live_events WHERE at < $1', [new Date(clock.millis() - keptMillis)]);
      },
    } satisfies Sweep,
  };
}
