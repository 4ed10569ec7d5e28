import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import type { Queryable } from './database';
import type { Log } from './log';

type Listener = (data: unknown) => void | Promise<void>;

export type Events = {
  /** Tells every process, when the given transaction commits (or at once). `data` is JSON of at most 7,900 bytes. */
  publish(topic: string, data: unknown, on?: Queryable): Promise<void>;
  /** Topic `reconnected` comes after a gap in which events may have been lost: caches drop what they hold. */
  subscribe(topic: string, listener: Listener): () => void;
  /**
   * Reads what this process keeps of the database: now, at each event of the topic and after a gap. One reading at a time, so that
   * the last one to end saw the latest change; one that fails later on is tried again until it works.
   * @throws what the first reading throws
   */
  follow(topic: string, read: () => Promise<void>): Promise<void>;
  /** This process's number while its connection lives; its advisory lock says to others that it does. */
  processId(): number;
  close(): Promise<void>;
};

const channel = 'weiban';
const againAfterMillis = 500;
/** First half of the advisory lock that a live process holds; the second is its number. */
const livenessLock = 7269002;

/** Whether the process with this number still lives, asked of Postgres by trying for its lock. */
export const processIsAlive = `NOT pg_try_advisory_xact_lock(${livenessLock}, $1)`;

/** One connection that listens for all topics and reconnects by itself. */
export async function openEvents(url: string, db: Queryable, log: Log): Promise<Events> {
  const listeners = new Map<string, Set<Listener>>();
  let client: Client | undefined;
  let processId = 0;
  let closed = false;
  let retry: NodeJS.Timeout | undefined;

  const emit = (topic: string, data: unknown) => {
    for (const listener of listeners.get(topic) ?? []) {
      Promise.resolve(data)
        .then(listener)
        .catch((error: Error) => log.error({ error: error.message, topic }, 'a listener failed'));
    }
  };

  const connect = async () => {
    const fresh = new Client({
      connectionString: url,
      connectionTimeoutMillis: 3000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      application_name: 'weiban-events',
    });
    fresh.on('notification', ({ payload }) => {
      const { topic, data } = JSON.parse(payload ?? '{}') as { topic: string; data: unknown };
      emit(topic, data);
    });
    fresh.on('error', (error) => log.warn({ error: error.message }, 'event connection lost'));
    // Only of one that was in use: an attempt that fails ends too, and is followed by its own next one.
    fresh.on('end', () => {
      if (client !== fresh) return;
      client = undefined;
      if (!closed) retry = setTimeout(reconnect, 500);
    });
    try {
      await fresh.connect();
      const { rows } = await fresh.query<{ id: number }>(`SELECT nextval('process_numbers')::int AS id`);
      await fresh.query(`SELECT pg_advisory_lock(${livenessLock}, $1)`, [rows[0]!.id]);
      await fresh.query(`LISTEN ${channel}`);
      client = fresh;
      processId = rows[0]!.id;
    } catch (error) {
      fresh.end().catch(() => {});
      throw error;
    }
  };

  const reconnect = async () => {
    try {
      await connect();
      if (closed) return void (await client?.end());
      log.info('event connection restored');
      emit('reconnected', null);
    } catch (error) {
      log.warn({ error: (error as Error).message }, 'event connection still lost');
      if (!closed) retry = setTimeout(reconnect, 1000);
    }
  };

  const subscribe: Events['subscribe'] = (topic, listener) => {
    const set = listeners.get(topic) ?? new Set();
    listeners.set(topic, set.add(listener));
    return () => void set.delete(listener);
  };

  const follow: Events['follow'] = async (topic, read) => {
    let reading = true;
    let changed = false;
    const readAgain = async () => {
      changed = true;
      if (reading) return;
      reading = true;
      for (let failures = 0; changed && !closed; ) {
        changed = false;
        try {
          await read();
          failures = 0;
        } catch (error) {
          if (failures++ === 0) log.warn({ error: (error as Error).message, topic }, 'what changed could not be read');
          changed = true;
          await pause(againAfterMillis, undefined, { ref: false });
        }
      }
      reading = false;
    };
    // Before the first reading, which may miss what changes meanwhile.
    subscribe(topic, readAgain);
    subscribe('reconnected', readAgain);
    await read();
    reading = false;
    if (changed) void readAgain();
  };

  await connect();
  return {
    publish: async (topic, data, on = db) => {
      await on.query('SELECT pg_notify($1, $2)', [channel, JSON.stringify({ topic, data })]);
    },
    subscribe,
    follow,
    processId: () => processId,
    close: async () => {
      closed = true;
      clearTimeout(retry);
      await client?.end();
    },
  };
}
