import type { Clock } from './clock';
import type { Database, Queryable } from './database';
import type { Events } from './events';

/** Small named values of the whole installation, in Postgres, the same in every process within a moment of a change. */
export type Settings = {
  get<T>(key: string, otherwise: T): T;
  set(key: string, value: unknown, on?: Queryable): Promise<void>;
};

export async function openSettings({
  db,
  events,
  clock,
}: {
  db: Database;
  events: Events;
  clock: Clock;
}): Promise<Settings> {
  let values = new Map<string, unknown>();
  let writes = 0;
  const reload = async () => {
    const before = writes;
    const rows = await db.query<{ key: string; value: unknown }>('SELECT key, value FROM settings');
    // What was set here meanwhile may be missing in them, and whoever set it must not read the old value after all.
    if (writes !== before) return reload();
    values = new Map(rows.map(({ key, value }) => [key, value]));
  };
  await events.follow('settings', reload);
  return {
    get: <T>(key: string, otherwise: T) => (values.has(key) ? (values.get(key) as T) : otherwise),
    set: async (key, value, on = db) => {
      await on.query(
        `INSERT INTO settings (key, value, updated_at) VALUES ($1, $2::jsonb, $3)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`,
        [key, JSON.stringify(value), clock.now()],
      );
      if (on === db) {
        writes++;
        values.set(key, value);
      }
      await events.publish('settings', { key }, on);
    },
  };
}
