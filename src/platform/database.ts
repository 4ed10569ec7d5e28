import { runMigrations } from 'graphile-worker';
import { Pool, type PoolClient } from 'pg';
import { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver';
import { dataSourceOptions } from '../../ormconfig';
import type { Log } from './log';
import { StartupError } from './startup-error';

/** What both the database and a transaction on it can do. */
export type Queryable = {
  /** One statement with `$1…` parameters; the rows it returns. */
  query<Row extends object>(sql: string, parameters?: unknown[]): Promise<Row[]>;
  /** One statement that is asked so often that each connection keeps its plan, by this name. */
  named<Row extends object>(name: string, sql: string, parameters: unknown[]): Promise<Row[]>;
};

/** A transaction under way: everything done through it commits or rolls back together. */
export type Tx = Queryable & {
  /** run when the transaction has committed, and not if it rolled back */
  afterCommit(act: () => void): void;
};

export type Database = Queryable & {
  url: string;
  /** Connections of the inbox alone, so that slow work elsewhere cannot starve the callback path. */
  inboxPool: Pool;
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  close(): Promise<void>;
};

/**
 * Selected by a transaction's first statement, for the rest of it: statements with a name are planned once for good, and by index; a plan
 * of an empty table would else read all of it until its statistics are next taken. As part of a statement it costs next to nothing.
 */
export const byIndex = `set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true)`;

/**
 * The inbox's statements are few and planned once for good: by index even while the tables are still empty, and never again for
 * each of the partitions. None of them may take longer than WeChat waits.
 */
const inboxSettings = ['plan_cache_mode=force_generic_plan', 'enable_seqscan=off', 'jit=off', 'statement_timeout=4000']
  .map((setting) => `-c ${setting}`)
  .join(' ');

export async function openDatabase(url: string, log: Log): Promise<Database> {
  const options = dataSourceOptions(url);
  // A network that went silent must not hold whoever waits for an answer for ever.
  const orm = new DataSource({ ...options, extra: { ...options.extra, query_timeout: 120_000, pipeline: true } });
  await orm.initialize();
  // TypeORM keeps the connections; what it would add around each statement and transaction nobody here asks for.
  const pool = (orm.driver as PostgresDriver).master as Pool;
  const inboxPool = new Pool({
    connectionString: url,
    max: 4,
    connectionTimeoutMillis: 3000,
    allowExitOnIdle: true,
    application_name: 'weiban-inbox',
    options: inboxSettings,
    // Postgres ends what takes too long by itself; this is for when nothing comes back at all. Before WeChat hangs up.
    query_timeout: 4300,
  });
  // An idle connection that Postgres drops (a restart) says so here; the pool replaces it by itself.
  inboxPool.on('error', (error) => log.warn({ error: error.message }, 'database connection lost'));
  return {
    url,
    inboxPool,
    query: (sql, parameters) => withConnection(pool, (client) => rows(client, sql, parameters)),
    named: (name, text, values) => withConnection(pool, (client) => namedRows(client, { name, text, values })),
    transaction: (work) => withConnection(pool, (client) => transact(client, work)),
    close: async () => {
      await Promise.all([orm.destroy(), inboxPool.end()]);
    },
  };
}

async function withConnection<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  // One that is lost under way fails the statement under way, and the pool takes it back no more.
  client.on('error', ignore);
  try {
    return await work(client);
  } finally {
    client.off('error', ignore);
    client.release();
  }
}
const ignore = () => {};

async function transact<T>(client: PoolClient, work: (tx: Tx) => Promise<T>): Promise<T> {
  const committed: (() => void)[] = [];
  let begun = false;
  // Not waited for: it goes with the first statement, which fails where it does.
  const begin = () => {
    if (!begun) client.query('BEGIN').catch(ignore);
    begun = true;
  };
  let result: T;
  try {
    result = await work({
      query: (sql, parameters) => {
        begin();
        return rows(client, sql, parameters);
      },
      named: (name, text, values) => {
        begin();
        return namedRows(client, { name, text, values });
      },
      afterCommit: (act) => committed.push(act),
    });
    if (begun) await commit(client);
  } catch (error) {
    // Where the connection is lost, Postgres has undone it already.
    if (begun) await client.query('ROLLBACK').catch(ignore);
    throw error;
  }
  for (const act of committed) act();
  return result;
}

/** @throws Error where a statement had failed and nobody minded: Postgres then undoes everything, and answers COMMIT without an error. */
async function commit(client: PoolClient): Promise<void> {
  const { command } = await client.query('COMMIT');
  if (command !== 'COMMIT') throw new Error('the transaction was rolled back: a statement in it had failed');
}

async function rows<Row extends object>(client: PoolClient, sql: string, parameters?: unknown[]): Promise<Row[]> {
  return (await client.query<Row>(sql, parameters)).rows;
}

async function namedRows<Row extends object>(
  client: PoolClient,
  statement: { name: string; text: string; values: unknown[] },
): Promise<Row[]> {
  return (await client.query<Row>(statement)).rows;
}

/** Brings the schema up to date; several processes starting at once take turns by an advisory lock. */
export async function migrate(url: string): Promise<void> {
  const pool = new Pool({ connectionString: url, max: 2, connectionTimeoutMillis: 5000 });
  // What fails here fails the statement under way; graphile-worker warns about pools without these two.
  pool.on('error', () => {}).on('connect', (client) => client.on('error', () => {}));
  let turn: PoolClient | undefined;
  try {
    turn = await pool.connect().catch((error: Error) => {
      throw new StartupError(
        `连不上数据库：${error.message}。请检查 DATABASE_URL（形如 postgres://用户:密码@主机:5432/库名）`,
      );
    });
    await turn.query('SELECT pg_advisory_lock(7269001)');
    await runMigrations({ pgPool: pool, schema: 'graphile_worker' });
    const orm = new DataSource(dataSourceOptions(url));
    await orm.initialize();
    try {
      await orm.runMigrations();
    } finally {
      await orm.destroy();
    }
  } finally {
    turn?.release(true);
    await pool.end();
  }
}
