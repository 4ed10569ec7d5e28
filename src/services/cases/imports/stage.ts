import { setImmediate as others } from 'node:timers/promises';
import type { ServiceDeps } from '../../../dialogue/service';
import { prepare, preparedColumns, preparedRows } from '../prepared';
import { checkReport } from '../report';
import type { Reported } from '../store';
import { inColumns, missingIn, type Places, placesIn, reportIn } from './columns';
import { dropRows, keptLines, sliceRows } from './file';
import { progress, type Work } from './turn';

/** What one statement takes over; while it does, the next ones are read. */
const chunkRows = 1000;

export type Good = { line: number; one: Reported };

/** Hears of what is read: each row that is good, everything that is wrong, and how far it is. */
export type Reader = {
  good(row: Good): void;
  fault(line: number, place: string, message: string): void;
  /** @returns what to say of it */
  done(rows: number): number;
};

/** Reads the whole file, checks every row by itself, and keeps those that are good ready to be stored. @returns how many there are */
export async function stageFile(work: Work, reader: Reader, deps: ServiceDeps): Promise<number> {
  await deps.db.transaction(async (tx) => {
    await progress(work, reader.done(0), deps, tx);
    await dropRows(tx, work.id);
  });
  const now = deps.clock.now();
  let places: Places | undefined;
  let rows = 0;
  let good: Good[] = [];
  let staging: Promise<void> = Promise.resolve();
  const flush = async () => {
    await staging;
    const [chunk, done] = [good, reader.done(rows)];
    good = [];
    staging = stage(work, chunk, done, deps);
    // Looked at when the next one is read.
    staging.catch(() => {});
  };
  for await (const [...lines] of keptLines(work, deps)) {
    if (!places && lines.length > 0) {
      places = placesIn(lines.shift()!.cells);
      const missing = missingIn(places);
      for (const title of missing) reader.fault(1, title, '缺少这一列，请用模板');
      if (missing.length > 0) return rows;
    }
    for (const { line, cells, formula } of lines) {
      rows += 1;
      if (rows % sliceRows === 0) await others();
      if (rows % chunkRows === 0) await flush();
      if (formula) {
        reader.fault(line, '', '含有公式，请粘贴为数值');
        continue;
      }
      const row = reportIn(cells, places!);
      const checked = checkReport(row, now);
      if ('faults' in checked)
        for (const [place, message] of inColumns(checked.faults, row.kind)) reader.fault(line, place, message);
      else {
        const one = { line, one: checked.reported };
        reader.good(one);
        good.push(one);
      }
    }
  }
  await flush();
  await staging;
  return rows;
}

const stage = (work: Work, chunk: Good[], done: number, deps: ServiceDeps): Promise<void> =>
  deps.db.transaction(async (tx) => {
    await tx.query('SET LOCAL synchronous_commit = off');
    await progress(work, done, deps, tx);
    if (chunk.length > 0) await tx.query(insert, [work.id, ...prepare(chunk, deps)]);
  });

const insert = `INSERT INTO case_import_rows (import_id, ${preparedColumns}) SELECT $1, ${preparedColumns} FROM (${preparedRows(2)}) r`;
