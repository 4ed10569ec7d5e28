import type { Queryable } from '../database';
import type { ExportDeps } from './exports';
import { type Cell, type Column, workbook } from './workbook';

/** What a kind of export consists of. `rows` is read once, as the file is written. */
export type Table = { sheet: string; columns: Column[]; total: number; rows: AsyncIterable<Cell[]> };
export type Tables = Record<string, (parameters: Record<string, unknown>) => Promise<Table>>;

/** One that is there as a whole. */
export const tableOf = (sheet: string, columns: Column[], rows: Cell[][]): Table => ({
  sheet,
  columns,
  total: rows.length,
  rows: (async function* () {
    yield* rows;
  })(),
});

/** Whoever has given no sign of life for so long is gone. */
const goneMillis = 60_000;
const mostTries = 3;
const partBytes = 256 * 1024;
/** Often enough for a bar that moves. */
const tellEvery = 1000;

/**
 * Makes the files of these kinds that are asked for, one after another, also those that a process has left half done. Other kinds are
 * another service's, and wait for it.
 */
export async function makeSheets(tables: Tables, deps: ExportDeps): Promise<void> {
  const kinds = Object.keys(tables);
  for (let taken = await take(kinds, deps); taken; taken = await take(kinds, deps)) await make(taken, tables, deps);
}

type Taken = {
  id: string;
  kind: string;
  parameters: Record<string, unknown>;
  run: number;
  tries: number;
  path: string;
  roles: string[];
};

async function take(kinds: string[], { db, clock }: ExportDeps): Promise<Taken | undefined> {
  const now = clock.now();
  const [taken] = await db.query<Taken>(
    `WITH next AS (
       SELECT id FROM sheet_exports
        WHERE (status = 'waiting' OR (status = 'running' AND beat_at < $2)) AND kind = ANY ($3)
        ORDER BY beat_at LIMIT 1 FOR UPDATE SKIP LOCKED),
     t AS (
       UPDATE sheet_exports e SET status = 'running', run = run + 1, tries = tries + 1, beat_at = $1, rows_done = 0
         FROM next WHERE e.id = next.id RETURNING e.*)
     SELECT id, kind, parameters, run, tries, path, roles FROM t`,
    [now, new Date(now.getTime() - goneMillis), kinds],
  );
  return taken;
}

async function make(taken: Taken, tables: Tables, deps: ExportDeps): Promise<void> {
  try {
    const table = await tables[taken.kind]!(taken.parameters);
    await deps.db.query('DELETE FROM sheet_parts WHERE export_id = $1', [taken.id]);
    await write(taken, table, deps);
    await end(taken, 'done', deps);
  } catch (error) {
    if (error instanceof Superseded) return;
    await end(taken, taken.tries < mostTries ? 'waiting' : 'failed', deps);
    if (taken.tries >= mostTries) throw error;
  }
}

async function write(taken: Taken, table: Table, deps: ExportDeps): Promise<void> {
  let done = 0;
  const counted = async function* (): AsyncGenerator<Cell[]> {
    await tell(taken, 0, table.total, deps);
    for await (const row of table.rows) {
      yield row;
      if (++done % tellEvery === 0) await tell(taken, done, table.total, deps);
    }
  };
  let part = 0;
  let gathered: Buffer[] = [];
  let size = 0;
  const flush = async () => {
    await keepPart(deps.db, taken, part++, Buffer.concat(gathered));
    gathered = [];
    size = 0;
  };
  for await (const chunk of await workbook(table.sheet, table.columns, counted())) {
    gathered.push(Buffer.from(chunk as Uint8Array));
    size += (chunk as Uint8Array).length;
    if (size >= partBytes) await flush();
  }
  await flush();
  await tell(taken, done, done, deps);
}

/** Another process thought this one gone, and has begun anew. */
class Superseded extends Error {}

async function keepPart(on: Queryable, { id, run }: Taken, part: number, bytes: Buffer): Promise<void> {
  const kept = await on.query(
    `INSERT INTO sheet_parts (export_id, part, bytes)
     SELECT id, $3, $4 FROM sheet_exports WHERE id = $1 AND run = $2 FOR SHARE RETURNING part`,
    [id, run, part, bytes],
  );
  if (kept.length === 0) throw new Superseded(id);
}

/** How far it is: a sign of life, and a bar that moves on the page. */
async function tell({ id, run, path, roles }: Taken, done: number, total: number, { db, clock, live }: ExportDeps) {
  await db.transaction(async (tx) => {
    const still = await tx.query(
      `WITH u AS (UPDATE sheet_exports SET rows_done = $3, rows_total = $4, beat_at = $5 WHERE id = $1 AND run = $2 RETURNING id)
       SELECT id FROM u`,
      [id, run, done, total, clock.now()],
    );
    if (still.length === 0) throw new Superseded(id);
    await live.publish(tx, { topic: 'sheet', path, roles, data: { id, status: 'running', done, total } });
  });
}

async function end({ id, run, path, roles }: Taken, status: 'done' | 'failed' | 'waiting', { db, live }: ExportDeps) {
  await db.transaction(async (tx) => {
    await tx.query('UPDATE sheet_exports SET status = $3 WHERE id = $1 AND run = $2', [id, run, status]);
    await live.publish(tx, { topic: 'sheet', path, roles, data: { id, status } });
  });
}
