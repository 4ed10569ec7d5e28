import { randomUUID } from 'node:crypto';
import { Client, escapeLiteral } from 'pg';

/** What the clones are made of: the tables alone, or what the first start of a server with nothing set differently leaves in them. */
export const templates = { migrated: 'weiban_template', started: 'weiban_template_started' };

/** A database of this test file's own; dropped by `drop`. */
export async function cloneDatabase(template = templates.migrated): Promise<{ url: string; drop(): Promise<void> }> {
  const server = process.env.TEST_DATABASE_URL;
  if (!server)
    throw new Error(
      'TEST_DATABASE_URL is not set: run the tests with `npm test`, or through jest with its globalSetup',
    );
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await onServer(server, `CREATE DATABASE ${name} TEMPLATE ${template}`);
  // Where the tests live in a zone, so does the database.
  const zone = process.env.TZ;
  if (zone) await onServer(server, `ALTER DATABASE ${name} SET timezone TO ${escapeLiteral(zone)}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => onServer(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
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
