/** After all tests: ends the PostgreSQL that the setup has started, if it has. */
export default async function tearDown(): Promise<void> {
  await globalThis.stopTestPostgres?.();
}
