import { openDataDir } from '../../src/platform/data-dir';
import { startEmbeddedPostgres } from '../../src/platform/embedded-postgres';

// A process of its own for the tests beside it: locks a folder, with `postgres` starts the database in it, says where, and stays.
void (async () => {
  const [folder = '', what] = process.argv.slice(2);
  try {
    const dataDir = await openDataDir(folder);
    const lock = await dataDir.lock();
    await lock.announce('http://127.0.0.1:4321');
    const postgres = what === 'postgres' ? await startEmbeddedPostgres({ dataDir: folder, fast: true }) : undefined;
    console.log(JSON.stringify({ url: postgres?.url }));
    process.once('SIGTERM', async () => {
      await postgres?.stop();
      await lock.release();
      process.exit(0);
    });
    setInterval(() => {}, 60_000);
  } catch (error) {
    console.error((error as Error).message);
    process.exit(1);
  }
})();
