import { Logger, type Runner, run, type Task } from 'graphile-worker';
import { Pool } from 'pg';
import type { Database, Queryable } from './database';
import type { Events } from './events';
import type { Log } from './log';

/** A job's work. Throwing has it tried again later. */
export type JobHandler<Payload = unknown> = (payload: Payload) => Promise<void>;

/**
 * Work found by looking: run every `seconds` in each worker, and at once when the simulator's clock jumps or an event of the topic
 * `wakes` comes.
 */
export type Sweep = { name: string; seconds: number; wakes?: string; run: () => Promise<void> };

export type JobOptions = {
  /** a job with the same key that waits is replaced */
  key?: string;
  /** jobs of one queue run one after another */
  queue?: string;
  /** wake-up only: what is due is decided by deps.clock */
  runAt?: Date;
};

/** Adds a job that exists only if the given transaction commits. */
export async function addJob(on: Queryable, name: string, payload: object, options: JobOptions = {}): Promise<void> {
  await on.query(
    'SELECT graphile_worker.add_job($1, $2::json, queue_name := $3, run_at := $4, max_attempts := 25, job_key := $5)',
    [name, JSON.stringify(payload), options.queue ?? null, options.runAt ?? null, options.key ?? null],
  );
}

/** Runs jobs and sweeps until stopped; stopping lets those under way finish. */
export async function runJobs(
  { db, events, log }: { db: Database; events: Events; log: Log },
  handlers: Record<string, JobHandler>,
  sweeps: Sweep[],
): Promise<{ stop(): Promise<void> }> {
  const taskList: Record<string, Task> = {};
  for (const [name, handler] of Object.entries(handlers)) taskList[name] = async (payload) => handler(payload);
  const pool = openPool(db.url, log);
  const runner: Runner = await run({
    pgPool: pool,
    concurrency: 4,
    pollInterval: 2000,
    noHandleSignals: true,
    taskList,
    logger: new Logger(() => (level, message) => {
      if (level === 'error') log.error({ job: message }, 'job failed');
      else log.debug({ job: message }, 'jobs');
    }),
  });
  const stopSweeps = runSweeps(sweeps, events, log);
  return {
    stop: async () => {
      await stopSweeps();
      await runner.stop();
      await pool.end();
    },
  };
}

/**
 * Ours rather than one that graphile-worker makes: it stops listening to its own before the connections are closed, and one that
 * Postgres drops at that moment (it is stopped next) would bring the process down.
 */
function openPool(url: string, log: Log): Pool {
  const lost = (error: Error) => log.warn({ error: error.message }, 'database connection of the jobs lost');
  const pool = new Pool({ connectionString: url, max: 3, application_name: 'weiban-jobs' });
  return pool.on('error', lost).on('connect', (client) => client.on('error', lost));
}

function runSweeps(sweeps: Sweep[], events: Events, log: Log): () => Promise<void> {
  let stopped = false;
  const running = new Map<string, Promise<void>>();
  const again = new Set<string>();
  const start = (sweep: Sweep) => {
    if (stopped) return;
    if (running.has(sweep.name)) {
      again.add(sweep.name);
      return;
    }
    const turn = sweep
      .run()
      .catch((error: Error) => log.warn({ error: error.message, sweep: sweep.name }, 'sweep failed, tried again later'))
      .finally(() => {
        running.delete(sweep.name);
        if (again.delete(sweep.name)) start(sweep);
      });
    running.set(sweep.name, turn);
  };
  const timers = sweeps.map((sweep) => setInterval(() => start(sweep), sweep.seconds * 1000));
  const offs = [
    events.subscribe('clock', () => sweeps.forEach(start)),
    ...sweeps.flatMap((sweep) => (sweep.wakes ? [events.subscribe(sweep.wakes, () => start(sweep))] : [])),
  ];
  sweeps.forEach(start);
  return async () => {
    stopped = true;
    timers.forEach(clearInterval);
    for (const off of offs) off();
    await Promise.all(running.values());
  };
}

/** How many jobs wait, and how many have given up: for /metrics. */
export async function countJobs(db: Queryable): Promise<{ waiting: number; failed: number }> {
  const [row] = await db.query<{ waiting: number; failed: number }>(
    `SELECT count(*) FILTER (WHERE attempts < max_attempts)::int AS waiting,
            count(*) FILTER (WHERE attempts >= max_attempts)::int AS failed
       FROM graphile_worker._private_jobs`,
  );
  return row!;
}
