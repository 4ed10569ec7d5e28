import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { migrate } from '../../src/platform/database';
import { startEmbeddedPostgres } from '../../src/platform/embedded-postgres';

const template = 'weiban_template';

/** Before all tests: a PostgreSQL, unless `npm test` has started one, and in it the migrated database that test files clone. */
export default async function setUp(): Promise<void> {
  process.env.TEST_DATABASE_URL ??= await startOwn();
  await makeTemplate(process.env.TEST_DATABASE_URL);
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

async function makeTemplate(url: string): Promise<void> {
  const server = new Client({ connectionString: url });
  await server.connect();
  try {
    await server.query(`DROP DATABASE IF EXISTS ${template} WITH (FORCE)`);
    await server.query(`CREATE DATABASE ${template}`);
    await migrate(withDatabase(url, template));
  } finally {
    await server.end();
  }
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

declare global {
  var stopTestPostgres: (() => Promise<void>) | undefined;
}
