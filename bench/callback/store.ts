import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { compiled } from '../support/compiled';
import { parentOf } from '../support/processes';
import { type Start, startServer } from '../support/server-process';
import { account, type Mode } from './account';
import { citizens, message } from './messages';

export type Store = Awaited<ReturnType<typeof openStore>>;

/** A database of its own for weiban in one mode, with the account and the demonstration content in it. */
export async function openStore(serverUrl: string, mode: Mode) {
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
    WECHAT_TOKEN: account.token,
    WECHAT_AES_KEY: account.aesKey,
    WECHAT_MODE: mode,
    // Nothing is meant to leave this machine.
    WECHAT_API_URL: 'http://127.0.0.1:9',
  };
  const start = (options: string[] = [], port?: number): Start => ({
    args: [...options, compiled('src', 'main.js')],
    env: { ...env, NODE_ENV: 'production', SIMULATOR: '' },
    // Says 503 until all is ready; unlike /readyz it does not ask for the web pages, which nobody looks at here.
    ready: '/healthz',
    port,
  });
  // Demonstration content is loaded where the simulator is on; what is measured later runs as in production.
  const first = await startServer({ ...start(), env: { ...env, NODE_ENV: 'development', SIMULATOR: 'on' } });
  await first.stop();
  const client = new Client({ connectionString: url });
  await client.connect();
  return {
    client,
    start,
    /** the postmaster, for its processor time; 0 where it runs on another machine */
    postgres: await postmasterOf(client),
    check: (sent: Sent) => check(client, sent),
    drop: async () => {
      await client.end();
      await onServer(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type Sent = { first: number; since: number; sent: number; unanswered: number[]; freeText?: string[] };

/**
 * Whether the inbox holds every message that was answered, under its own id, answered and not just received. `first` must be a
 * multiple of the number of citizens, so that no other run shares a CreateTime with this one.
 */
async function check(client: Client, { first, since, sent, unanswered, freeText }: Sent) {
  const { rows } = await client.query<{ openid: string; sent: number; dedupe: string; status: string }>(
    `SELECT openid, extract(epoch FROM sent_at)::float8 AS sent, dedupe, status FROM inbox
      WHERE sent_at >= to_timestamp($1) AND sent_at < to_timestamp($2)`,
    [since + first / citizens, since + Math.ceil((first + sent) / citizens)],
  );
  const stored = new Map(rows.map((row) => [`${row.openid}/${row.sent}`, row]));
  const refused = new Set(unanswered);
  const missing: number[] = [];
  for (let n = first; n < first + sent; n++) {
    const { openid, createTime, msgId } = message(n, since, freeText);
    const row = stored.get(`${openid}/${createTime}`);
    const right = row?.status === 'answered' && (msgId === '' || row.dedupe === `m:${msgId}`);
    if (!right && !refused.has(n)) missing.push(n);
  }
  return { answered: sent - unanswered.length, rows: rows.length, missing, doubled: rows.length - stored.size };
}

/** Chats that did not move on by exactly one for each of their messages: a message ran twice, or was lost. */
export async function chatsOutOfStep(client: Client): Promise<number> {
  const { rows } = await client.query<{ n: number }>(
    `SELECT count(*)::int AS n
       FROM (SELECT account_id, openid, count(*) AS messages FROM inbox GROUP BY 1, 2) i
       FULL JOIN sessions s USING (account_id, openid)
      WHERE s.version IS DISTINCT FROM i.messages`,
  );
  return rows[0]!.n;
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

async function onServer(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
