import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { readConfig } from '../../src/config';
import { migrate } from '../../src/platform/database';
import { startEmbeddedPostgres } from '../../src/platform/embedded-postgres';
import { startServer } from '../../src/server';
import { templates } from './database';
import { testSecretKey, usualEnv } from './server';

/** Before all tests: a PostgreSQL, unless `npm test` has started one, and in it the databases that test files clone. */
export default async function setUp(): Promise<void> {
  process.env.TEST_DATABASE_URL ??= await startOwn();
  await makeTemplates(process.env.TEST_DATABASE_URL);
}

async function startOwn(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'weiban-jest-'));
  const postgres = await startEmbeddedPostgres({ dataDir: folder, fast: true });
  const cutOff = () => {
    postgres.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  // jest leaves at once on Ctrl-C and on --bail, without the teardown.
  process.once('exit', cutOff);
  globalThis.stopTestPostgres = async () => {
    process.off('exit', cutOff);
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return postgres.url;
}

async function makeTemplates(url: string): Promise<void> {
  const server = new Client({ connectionString: url });
  await server.connect();
  try {
    for (const name of Object.values(templates)) await server.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await server.query(`CREATE DATABASE ${templates.migrated}`);
    await migrate(withDatabase(url, templates.migrated));
    await server.query(`CREATE DATABASE ${templates.started} TEMPLATE ${templates.migrated}`);
    await startOnce(withDatabase(url, templates.started));
  } finally {
    await server.end();
  }
}

/** Without the worker: what the first start asks it for is still to be done in each clone, as after a first start. */
async function startOnce(databaseUrl: string): Promise<void> {
  const config = readConfig({ ...usualEnv, ROLES: 'web' });
  const server = await startServer({ ...config, databaseUrl, secretKey: testSecretKey });
  await server.stop();
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

declare global {
  var stopTestPostgres: (() => Promise<void>) | undefined;
}
