import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Store } from '../callback/store';
import { cpuSeconds, familyCpuSeconds, memoryOf } from '../support/processes';
import { type ServerProcess, startServer } from '../support/server-process';
import { median } from '../support/table';
import { columnCount, sheetOf } from './sheet';

const fewRows = 10_000;
const manyRows = 100_000;
const leastRatio = 0.3;
/** More than this over the smaller file's would be memory that grows with the file. */
const mostGrowth = 1.35;

type Measured = { check: number; store: number; copy: number; peak: number; server: number; postgres: number };

/** The same file read in by the service and copied as it is: upload, check and storing by a real server. @returns whether the goals are reached */
export async function compareImport(store: Store, rounds: number): Promise<boolean> {
  const measured: Measured[] = [];
  const few = await measure(store, fewRows, 1);
  for (let round = 0; round < rounds; round++) {
    const one = await measure(store, manyRows, round + 2);
    measured.push(one);
    console.log(
      `round ${round + 1}: check ${one.check.toFixed(1)} s, store ${one.store.toFixed(1)} s, COPY ${one.copy.toFixed(2)} s, ratio ${(one.copy / one.store).toFixed(2)}`,
    );
  }
  const of = (pick: (one: Measured) => number) => median(measured.map(pick));
  const perSecond = (pick: (one: Measured) => number) => Math.round(manyRows / of(pick));
  const ratio = of(({ copy, store }) => copy / store);
  const micros = (seconds: number) => Math.round((seconds / manyRows) * 1e6);
  console.table({
    check: { 'rows/s': perSecond(({ check }) => check), 'of COPY': of(({ copy, check }) => copy / check).toFixed(2) },
    store: { 'rows/s': perSecond(({ store }) => store), 'of COPY': ratio.toFixed(2) },
    COPY: { 'rows/s': perSecond(({ copy }) => copy), 'of COPY': '1.00' },
  });
  console.log(
    `storing a row: ${micros(of(({ server }) => server))} µs of the server's processor, ${micros(of(({ postgres }) => postgres))} µs of PostgreSQL's`,
  );
  const peak = of(({ peak }) => peak);
  console.log(`memory at most: ${few.peak.toFixed(0)} MB at ${fewRows} rows, ${peak.toFixed(0)} MB at ${manyRows}`);
  console.log(`storing beside COPY ${ratio.toFixed(2)}, wanted ${leastRatio}`);
  return ratio >= leastRatio && peak <= few.peak * mostGrowth;
}

/** A server of its own each time, so that its peak is this file's. */
async function measure(store: Store, rows: number, batch: number): Promise<Measured> {
  const bytes = sheetOf(rows, batch);
  const server = await startServer(store.start());
  try {
    const { client } = store;
    const call = await signIn(server);
    const { rows: sources } = await client.query<{ id: number }>(
      `SELECT id FROM case_sources WHERE key = 'demo-police'`,
    );
    const { id } = await call('POST', `/imports?source=${sources[0]!.id}`, bytes);
    const check = await until(store, id, 'ready');
    const before = { server: cpuSeconds(server.pid), postgres: familyCpuSeconds(store.postgres) };
    await call('POST', `/imports/${id}/apply`);
    const stored = await until(store, id, 'done');
    const processor = {
      server: cpuSeconds(server.pid) - before.server,
      postgres: familyCpuSeconds(store.postgres) - before.postgres,
    };
    const { rows: counted } = await client.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM cases WHERE number LIKE $1`,
      [`BJ${batch}%`],
    );
    if (counted[0]!.count !== rows) throw new Error(`${counted[0]!.count} of ${rows} cases are stored`);
    const { peak } = memoryOf(server.pid);
    return { check, store: stored, copy: await copy(store, bytes), peak, ...processor };
  } finally {
    await server.stop();
  }
}

/** @returns seconds until it is so */
async function until({ client }: Store, id: string, wanted: string): Promise<number> {
  const start = performance.now();
  for (;;) {
    const { rows } = await client.query<{ status: string }>('SELECT status FROM case_imports WHERE id = $1', [id]);
    const { status } = rows[0]!;
    if (status === wanted) return (performance.now() - start) / 1000;
    if (status === 'faulty' || status === 'failed') throw new Error(`the import is ${status}`);
    await pause(20);
  }
}

/** By the database itself from its own disk, into a table that has no index: nothing that keeps rows is faster. */
async function copy({ client }: Store, bytes: Buffer): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'weiban-copy-'));
  try {
    const file = path.join(folder, 'cases.csv');
    writeFileSync(file, bytes);
    // PostgreSQL runs as another user where this runs as root.
    await chmod(folder, 0o755);
    const columns = Array.from({ length: columnCount }, (_, nth) => `c${nth} text`).join(', ');
    await client.query(`DROP TABLE IF EXISTS bare; CREATE TABLE bare (${columns})`);
    const start = performance.now();
    await client.query(`COPY bare FROM '${file}' (FORMAT csv, HEADER)`);
    return (performance.now() - start) / 1000;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function signIn({ port }: ServerProcess) {
  const origin = `http://127.0.0.1:${port}/api/console`;
  let authorization = '';
  const send = async (method: string, path: string, type: string, body?: Buffer | string) => {
    const headers = { ...(authorization && { authorization }), 'content-type': type };
    const response = await fetch(origin + path, { method, headers, body: body as Uint8Array<ArrayBuffer> | string });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as { id: string; token: string };
  };
  const login = JSON.stringify({ username: 'operator', password: 'weiban-demo' });
  authorization = `Bearer ${(await send('POST', '/login', 'application/json', login)).token}`;
  return (method: string, path: string, bytes?: Buffer) =>
    send(method, `/services/cases${path}`, bytes ? 'text/csv' : 'application/json', bytes);
}
