import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inRoot } from './root.mjs';

/** Runs some work with a PostgreSQL of its own that is gone afterwards. The server must have been built. */
export async function withPostgres(options, work) {
  const { startEmbeddedPostgres } = createRequire(import.meta.url)(inRoot('dist/src/platform/embedded-postgres.js'));
  const folder = mkdtempSync(path.join(tmpdir(), 'weiban-'));
  try {
    const postgres = await startEmbeddedPostgres({ dataDir: folder, ...options });
    try {
      return await work(postgres.url, folder);
    } finally {
      await postgres.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
