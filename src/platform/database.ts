import { runMigrations } from 'graphile-worker';
import { Pool, type PoolClient } from 'pg';
import { DataSource, type EntityManager, type QueryRunner } from 'typeorm';
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
  manager: EntityManager;
  /** run when the transaction has committed, and not if it rolled back */
  afterCommit(act: () => void): void;
};

export type Database = Queryable & {
  url: string;
  orm: DataSource;
  /** Connections of the inbox alone, so that slow work elsewhere cannot starve the callback path. */
  inboxPool: Pool;
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  close(): Promise<void>;
};

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
  const orm = new DataSource({ ...options, extra: { ...options.extra, query_timeout: 120_000 } });
  await orm.initialize();
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
    orm,
    inboxPool,
    query: (sql, parameters) => onRunner(orm, (runner) => rows(runner, sql, parameters)),
    named: (name, text, values) => onRunner(orm, (runner) => namedRows(runner, { name, text, values })),
    transaction: async (work) => {
      const committed: (() => void)[] = [];
      const result = await orm.transaction((manager) =>
        work({
          manager,
          query: (sql, parameters) => rows(manager.queryRunner!, sql, parameters),
          named: (name, text, values) => namedRows(manager.queryRunner!, { name, text, values }),
          afterCommit: (act) => committed.push(act),
        }),
      );
      for (const act of committed) act();
      return result;
    },
    close: async () => {
      await Promise.all([orm.destroy(), inboxPool.end()]);
    },
  };
}

async function onRunner<T>(orm: DataSource, work: (runner: QueryRunner) => Promise<T>): Promise<T> {
  const runner = orm.createQueryRunner();
  try {
    return await work(runner);
  } finally {
    await runner.release();
  }
}

/** The rows alone, whatever the statement: TypeORM's own short form wraps those of UPDATE and DELETE in a pair. */
async function rows<Row extends object>(runner: QueryRunner, sql: string, parameters?: unknown[]): Promise<Row[]> {
  const result = await runner.query(sql, parameters, true);
  return result.records as Row[];
}

/** TypeORM cannot name a statement; the connection below it can. */
async function namedRows<Row extends object>(
  runner: QueryRunner,
  statement: { name: string; text: string; values: unknown[] },
): Promise<Row[]> {
  const client = (await runner.connect()) as PoolClient;
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
