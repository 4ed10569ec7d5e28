import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { xlsxType } from '../../src/platform/sheets/exports';
import type { Store } from '../callback/store';
import { sayLoad } from '../support/load-average';
import { cpuSeconds, familyCpuSeconds, memoryOf } from '../support/processes';
import { type ServerProcess, startServer } from '../support/server-process';
import { median, renderTable } from '../support/table';
import { columnCount, sheetOf, workbookOf } from './sheet';

const fewRows = 10_000;
const manyRows = 100_000;
/** As many as a file may have. */
const mostRows = 200_000;
const leastRatio = 0.3;
/** More than this for twice the rows would be memory that grows with the file. */
const mostGrowth = 1.05;

type Processor = { server: number; postgres: number };
type Phase = { seconds: number; processor: Processor };
type Imported = { check: Phase; store: Phase; peak: number };
type Measured = Imported & { bare: number; indexed: number };

/**
 * The same file read in by the service and copied as it is: upload, check and storing by a real server. COPY goes into a table without
 * any index, and what was stored of it into one like that of cases. @returns whether the goals are reached
 */
export async function compareImport(store: Store, rounds: number): Promise<boolean> {
  const few = await measure(store, sheetOf(fewRows, 1), fewRows, 1);
  const measured: Measured[] = [];
  for (let round = 0; round < rounds; round++) {
    const batch = round + 2;
    const sheet = sheetOf(manyRows, batch);
    const imported = await measure(store, sheet, manyRows, batch);
    const one = { ...imported, ...(await copies(store, sheet, batch)) };
    measured.push(one);
    console.log(
      `round ${round + 1}: check ${one.check.seconds.toFixed(1)} s, store ${one.store.seconds.toFixed(1)} s, COPY ${one.bare.toFixed(2)} s, with the indexes of cases ${one.indexed.toFixed(1)} s`,
    );
    sayLoad();
  }
  const batch = rounds + 2;
  const most = await measure(store, sheetOf(mostRows, batch), mostRows, batch);
  const xlsx = await measure(store, await workbookOf(manyRows, batch + 1), manyRows, batch + 1);
  const of = (pick: (one: Measured) => number) => median(measured.map(pick));
  const row = (name: string, seconds: (one: Measured) => number) => [
    name,
    `${Math.round(manyRows / of(seconds))}`,
    of((one) => one.bare / seconds(one)).toFixed(2),
    of((one) => one.indexed / seconds(one)).toFixed(2),
  ];
  const whole = ({ check, store }: Imported) => check.seconds + store.seconds;
  console.log(
    renderTable(
      ['', 'rows/s', 'of COPY, bare table', 'of COPY, indexes of cases'],
      [
        row('check', ({ check }) => check.seconds),
        row('store', ({ store }) => store.seconds),
        row('check and store', whole),
        row('COPY, bare table', ({ bare }) => bare),
        row('COPY, indexes of cases', ({ indexed }) => indexed),
      ],
    ),
  );
  console.log(
    `XLSX: check ${Math.round(manyRows / xlsx.check.seconds)} rows/s, store ${Math.round(manyRows / xlsx.store.seconds)} rows/s, memory at most ${xlsx.peak.toFixed(0)} MB`,
  );
  for (const phase of ['check', 'store'] as const) {
    const micros = (side: keyof Processor) => Math.round((of((one) => one[phase].processor[side]) / manyRows) * 1e6);
    console.log(
      `${phase}, a row: ${micros('server')} µs of the server's processor, ${micros('postgres')} µs of PostgreSQL's`,
    );
  }
  const peak = of(({ peak }) => peak);
  console.log(
    `memory at most: ${few.peak.toFixed(0)} MB at ${fewRows} rows, ${peak.toFixed(0)} MB at ${manyRows}, ${(peak / few.peak).toFixed(2)} times; ${most.peak.toFixed(0)} MB at ${mostRows}, ${(most.peak / peak).toFixed(2)} times that, at most ${mostGrowth} wanted`,
  );
  const stored = of(({ indexed, store }) => indexed / store.seconds);
  console.log(`storing beside COPY with the indexes of cases: ${stored.toFixed(2)}, wanted ${leastRatio}`);
  return stored >= leastRatio && most.peak <= peak * mostGrowth;
}

/** A server of its own each time, so that its peak is this file's. */
async function measure(store: Store, sheet: Buffer, rows: number, batch: number): Promise<Imported> {
  const server = await startServer(store.start());
  try {
    const { client } = store;
    const call = await signIn(server);
    const { rows: sources } = await client.query<{ id: number }>(
      `SELECT id FROM case_sources WHERE key = 'demo-police'`,
    );
    const { id } = await call('POST', `/imports?source=${sources[0]!.id}`, sheet);
    const phase = async (wanted: string): Promise<Phase> => {
      const before = { server: cpuSeconds(server.pid), postgres: familyCpuSeconds(store.postgres) };
      const seconds = await until(store, id, wanted);
      const processor = {
        server: cpuSeconds(server.pid) - before.server,
        postgres: familyCpuSeconds(store.postgres) - before.postgres,
      };
      return { seconds, processor };
    };
    const check = await phase('ready');
    await call('POST', `/imports/${id}/apply`);
    const stored = await phase('done');
    const { rows: counted } = await client.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM cases WHERE number LIKE $1`,
      [`BJ${batch}%`],
    );
    if (counted[0]!.count !== rows) throw new Error(`${counted[0]!.count} of ${rows} cases are stored`);
    return { check, store: stored, peak: memoryOf(server.pid).peak };
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

/** By the database itself from its own disk: into a table that has no index, nothing that keeps rows is faster; and into one like cases. */
async function copies({ client }: Store, bytes: Buffer, batch: number): Promise<{ bare: number; indexed: number }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'weiban-copy-'));
  const timed = async (sql: string): Promise<number> => {
    const start = performance.now();
    await client.query(sql);
    return (performance.now() - start) / 1000;
  };
  try {
    const [file, stored] = [path.join(folder, 'cases.csv'), path.join(folder, 'stored')];
    writeFileSync(file, bytes);
    // PostgreSQL runs as another user where this runs as root.
    await chmod(folder, 0o777);
    const columns = Array.from({ length: columnCount }, (_, nth) => `c${nth} text`).join(', ');
    await client.query(`DROP TABLE IF EXISTS bare; CREATE TABLE bare (${columns})`);
    const bare = await timed(`COPY bare FROM '${file}' (FORMAT csv, HEADER)`);
    await client.query(`
      DROP TABLE IF EXISTS like_cases;
      CREATE TABLE like_cases (LIKE cases INCLUDING ALL);
      ALTER TABLE like_cases ADD FOREIGN KEY (source_id) REFERENCES case_sources;
      COPY (SELECT * FROM cases WHERE number LIKE 'BJ${batch}%' ORDER BY number) TO '${stored}'`);
    const indexed = await timed(`COPY like_cases FROM '${stored}'`);
    return { bare, indexed };
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
  const typeOf = (bytes: Buffer) => (bytes.subarray(0, 2).toString() === 'PK' ? xlsxType : 'text/csv');
  return (method: string, path: string, bytes?: Buffer) =>
    send(method, `/services/cases${path}`, bytes ? typeOf(bytes) : 'application/json', bytes);
}
