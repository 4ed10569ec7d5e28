import { type ShiftedClock } from './clock';
import type { Database } from './database';
import type { Events } from './events';

const key = 'clock.offset-millis';

/**
 * Moves the clock of every process by `seconds`: only the simulator does. The offset is kept in Postgres, so that a
 * process that starts later has the same time.
 */
export async function advanceClock(
  seconds: number,
  { db, events, clock }: { db: Database; events: Events; clock: ShiftedClock },
): Promise<void> {
  const [row] = await db.query<{ value: number }>(
    `INSERT INTO settings (key, value, updated_at) VALUES ($1, to_jsonb($2::float8), $3)
     ON CONFLICT (key) DO UPDATE SET value = to_jsonb((settings.value)::float8 + $2::float8), updated_at = excluded.updated_at
     RETURNING value`,
    [key, seconds * 1000, clock.now()],
  );
  clock.offset = row!.value;
  await events.publish('clock', { offset: row!.value });
}

/** Takes over the offset that is stored, now and whenever another process moves it. */
export async function followSharedClock({
  db,
  events,
  clock,
}: {
  db: Database;
  events: Events;
  clock: ShiftedClock;
}): Promise<void> {
  const read = async () => {
    const [row] = await db.query<{ value: number }>('SELECT value FROM settings WHERE key = $1', [key]);
    clock.offset = row?.value ?? 0;
  };
  await read();
  events.subscribe('clock', (data) => {
    clock.offset = (data as { offset: number }).offset;
  });
  events.subscribe('reconnected', read);
}
