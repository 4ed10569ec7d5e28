import { cpSync, existsSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { inRoot, root } from './root.mjs';

// A copy of the project in which services come and go, for checks.

/** What is always needed to build, and the parts asked for; the dependencies are ours. */
export function copyTree(tree, parts) {
  for (const part of [...parts, '.swcrc', 'package.json', 'package-lock.json'])
    if (existsSync(inRoot(part))) cpSync(inRoot(part), path.join(tree, part), { recursive: true });
  symlinkSync(inRoot('node_modules'), path.join(tree, 'node_modules'));
}

export const serviceKeys = (tree = root) =>
  readdirSync(path.join(tree, 'src/services'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

/** Its folder, migrations and pages. */
export function removeService(tree, key) {
  const keys = serviceKeys(tree);
  rmSync(path.join(tree, 'src/services', key), { recursive: true });
  for (const name of readdirSync(path.join(tree, 'migrations')))
    if (ownerOf(name, keys) === key) rmSync(path.join(tree, 'migrations', name));
  for (const page of readdirSync(path.join(tree, 'web'), { recursive: true }).filter(
    (name) => path.basename(name) === key,
  ))
    rmSync(path.join(tree, 'web', page), { recursive: true, force: true });
}

/** The service whose name a migration carries: `lost-items` where there is one, rather than `lost`. */
function ownerOf(migration, keys) {
  const name = migration.replace(/^\d+-/, '').replace(/\.ts$/, '');
  const fitting = keys.filter((key) => name === key || name.startsWith(`${key}-`));
  return fitting.sort((one, other) => other.length - one.length)[0];
}

export async function freshDatabase(serverUrl, name) {
  const { Client } = createRequire(import.meta.url)('pg');
  const client = new Client({ connectionString: serverUrl });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
