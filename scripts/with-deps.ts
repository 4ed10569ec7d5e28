import { readConfig } from '../src/config';
import { buildDeps, type Deps } from '../src/deps';
import { generatedSecret, openDataDir } from '../src/platform/data-dir';
import { migrate } from '../src/platform/database';
import { runningEmbeddedPostgres, startEmbeddedPostgres } from '../src/platform/embedded-postgres';
import { StartupError } from '../src/platform/startup-error';

/** Runs a command's work with everything the server has, beside a running server or without one. One line for a fault, exit code 1. */
export function withDeps(work: (deps: Deps) => Promise<void>): void {
  run(work).catch((error: unknown) => {
    console.error(error instanceof StartupError ? error.message : error);
    // What was opened before the fault would keep the process alive.
    process.exit(1);
  });
}

async function run(work: (deps: Deps) => Promise<void>): Promise<void> {
  const config = readConfig({ LOG_LEVEL: 'warn', ...process.env });
  const { path } = await openDataDir(config.dataDir);
  const running = config.databaseUrl ?? (await runningEmbeddedPostgres(path));
  const own = running ? undefined : await startEmbeddedPostgres({ dataDir: path });
  try {
    const databaseUrl = running ?? own!.url;
    const secretKey = config.secretKey ?? (await generatedSecret(path, 'secret-key'));
    await migrate(databaseUrl);
    const deps = await buildDeps({ ...config, databaseUrl, secretKey, ownUrl: config.publicUrl });
    try {
      await work(deps);
    } finally {
      await deps.close();
    }
  } finally {
    await own?.stop();
  }
}
