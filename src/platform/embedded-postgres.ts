import { mkdir, readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { Client } from 'pg';
import { generatedSecret } from './data-dir';
import { keepJson } from './keep-json';
import { chooseAccount } from './postgres-account';
import { locateBinaries } from './postgres-binaries';
import { type Cluster, createCluster } from './postgres-cluster';
import { findOrphan, launch, type Postmaster, stopPostmaster } from './postgres-process';
import { StartupError } from './startup-error';

type Options = {
  dataDir: string;
  log?: (line: string) => void;
  /** made when it is not there yet */
  database?: string;
  /** For tests: no waiting for the disk. What a killed process had committed is still there, what a power cut leaves is not. */
  fast?: boolean;
};

export type EmbeddedPostgres = {
  /** of the superuser */
  url: string;
  /** Ends it as an operator would, letting nothing be lost; every connection must have been given up before. */
  stop(): Promise<void>;
  /** For a process that has to exit at once: cuts it off. Nothing committed is lost; the next start recovers. */
  kill(): void;
};

/**
 * Starts the PostgreSQL that npm brought, in its own process group so that Ctrl-C in a terminal does not reach it before us,
 * or takes over the one that a killed process of ours has left behind in the same folder.
 * @throws StartupError
 */
export async function startEmbeddedPostgres(options: Options): Promise<EmbeddedPostgres> {
  const { log = () => {}, database = 'weiban', fast = false } = options;
  const cluster = await openCluster(options.dataDir, fast, log);
  const running = await runPostmaster(cluster, fast, log);
  await ensureDatabase(urlOf(cluster, running, 'postgres'), database);
  return {
    url: urlOf(cluster, running, database),
    stop: () => stopPostmaster(running),
    kill: () => running.signal('SIGQUIT'),
  };
}

/** The address of the one that another process runs in this folder at present, for a command beside a running server. */
export async function runningEmbeddedPostgres(dataDir: string, database = 'weiban'): Promise<string | undefined> {
  const cluster = await openCluster(dataDir, false, () => {});
  const running = await findOrphan(cluster);
  return running && urlOf(cluster, running, database);
}

async function openCluster(folder: string, fast: boolean, log: (line: string) => void): Promise<Cluster> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const dataDir = await realpath(folder);
  const password = await generatedSecret(dataDir, 'postgres-password');
  const kept = await readKept(dataDir);
  const account = await chooseAccount({ native: await locateBinaries(), dataDir, home: kept ?? dataDir });
  if (account.home !== dataDir && account.home !== kept)
    await keepJson(path.join(dataDir, homeFile), { home: account.home });
  const cluster: Cluster = { account, password, folder: path.join(account.home, 'postgres') };
  await createCluster(cluster, fast, log);
  return cluster;
}

async function runPostmaster(cluster: Cluster, fast: boolean, log: (line: string) => void): Promise<Postmaster> {
  const orphan = await findOrphan(cluster);
  if (orphan) log(`接管上次未正常退出留下的 PostgreSQL（进程 ${orphan.pid}）`);
  return orphan ?? launch(cluster, fast, log);
}

const urlOf = ({ password }: Cluster, { port }: Postmaster, database: string) =>
  `postgres://weiban:${encodeURIComponent(password)}@127.0.0.1:${port}/${encodeURIComponent(database)}`;

async function ensureDatabase(url: string, name: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (!rowCount) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}

/** The cluster lies elsewhere where the ordinary user it belongs to may not enter the data folder. */
const homeFile = 'postgres-home.json';

async function readKept(dataDir: string): Promise<string | undefined> {
  const file = path.join(dataDir, homeFile);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return String(JSON.parse(text).home);
  } catch {
    throw new StartupError(`${file} 已损坏，请恢复备份或换一个 DATA_DIR`);
  }
}
