import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { compiled } from '../support/compiled';
import { parentOf } from '../support/processes';
import { type Start, startServer } from '../support/server-process';
import { account, type Mode } from './account';
import { kept, type Sent } from './kept';

export type Store = Awaited<ReturnType<typeof openStore>>;

type Options = {
  mode: Mode;
  /** node's arguments that start the server */
  main?: string[];
  /** with the demonstration content, so that the menu has something to show */
  demo?: boolean;
};

/** A database of its own for weiban in one mode. */
export async function openStore(
  serverUrl: string,
  { mode, main = [compiled('src', 'main.js')], demo = false }: Options,
) {
  const name = `bench_${randomUUID().replaceAll('-', '')}`;
  await onServer(serverUrl, `CREATE DATABASE ${name}`);
  const url = Object.assign(new URL(serverUrl), { pathname: `/${name}` }).href;
  const folder = mkdtempSync(path.join(tmpdir(), 'weiban-bench-'));
  const env = {
    DATABASE_URL: url,
    DATA_DIR: folder,
    HOST: '127.0.0.1',
    LOG_LEVEL: 'info',
    REDIS_URL: '',
    SECRET_KEY: 'only-for-measuring-never-for-real-0123456789',
    WECHAT_ACCOUNT: account.key,
    WECHAT_APPID: account.appid,
    WECHAT_ORIGINAL_ID: account.originalId,
    WECHAT_SECRET: account.secret,
    WECHAT_TOKEN: account.token,
    WECHAT_AES_KEY: account.aesKey,
    WECHAT_MODE: mode,
    // Nothing is meant to leave this machine.
    WECHAT_API_URL: 'http://127.0.0.1:9',
  };
  const start = (options: string[] = [], port?: number): Start => ({
    args: [...options, ...main],
    env: { ...env, NODE_ENV: 'production', SIMULATOR: '' },
    // Says 503 until all is ready; unlike /readyz it does not ask for the web pages, which nobody looks at here.
    ready: '/healthz',
    port,
  });
  // Demonstration content is loaded where the simulator is on; what is measured later runs as in production.
  if (demo) {
    const first = await startServer({ ...start(), env: { ...env, NODE_ENV: 'development', SIMULATOR: 'on' } });
    await first.stop();
  }
  const client = new Client({ connectionString: url });
  await client.connect();
  return {
    url,
    client,
    start,
    /** the postmaster, for its processor time; 0 where it runs on another machine */
    postgres: await postmasterOf(client),
    check: (sent: Sent) => kept(client, sent),
    drop: async () => {
      await client.end();
      await onServer(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function postmasterOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return parentOf(rows[0]!.pid);
}

export async function durability(client: Client): Promise<string> {
  const { rows } = await client.query<{ version: string; fsync: string; commit: string }>(
    `SELECT split_part(version(), ' ', 2) AS version, current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit`,
  );
  const [{ version, fsync, commit }] = rows as [(typeof rows)[0]];
  return `PostgreSQL ${version}, fsync ${fsync}, synchronous_commit ${commit}`;
}

/**
 * As a database is that has been in use for hours: it writes its log into segments that it has used before, as many as it may
 * keep. On a new one the commits that meet the end of a segment wait for the next to be made, under load every second.
 */
export async function useLogOnce(client: Client): Promise<void> {
  const { rows } = await client.query<{ segments: number }>(
    `SELECT (pg_size_bytes(current_setting('max_wal_size')) / pg_size_bytes(current_setting('wal_segment_size')))::int AS segments`,
  );
  for (let segment = 1; segment < rows[0]!.segments; segment++) {
    await client.query(
      `SELECT pg_logical_emit_message(false, 'bench', 'a segment that was never written to is not switched')`,
    );
    await client.query('SELECT pg_switch_wal()');
  }
  await client.query('CHECKPOINT');
}

async function onServer(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
