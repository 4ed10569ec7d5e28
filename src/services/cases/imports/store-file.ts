import { setImmediate as others } from 'node:timers/promises';
import type { ServiceDeps } from '../../../dialogue/service';
import { onlyFor } from '../../../platform/live';
import { checkReport } from '../report';
import { type Reported, storeCases } from '../store';
import { type Places, placesIn, reportIn } from './columns';
import { dropFile, keptLines, sliceRows } from './file';
import { progress, type Work } from './turn';

/** What a kill undoes and a step of the bar shows. */
const chunkRows = 2000;

/**
 * Stores a file that was checked, from where it had come to: each chunk commits with how far that is, and a chunk that is stored twice
 * changes nothing the second time. While one is stored the next is read.
 */
export async function storeFile(work: Work, deps: ServiceDeps): Promise<void> {
  let storing: Promise<void> = Promise.resolve();
  for await (const { rows, upTo } of chunksOf(work, deps)) {
    await storing;
    storing = storeChunk(work, rows, upTo, deps);
    // Looked at when the next one is read.
    storing.catch(() => {});
  }
  await storing;
  await deps.db.transaction(async (tx) => {
    await tx.query(
      `UPDATE case_imports SET status = 'done', rows_done = rows_total WHERE id = $1 AND run = $2 AND status = 'storing'`,
      [work.id, work.run],
    );
    await dropFile(tx, work.id);
    await deps.live.publish(tx, { topic: 'case-import', ...onlyFor([work.staff_id]), data: { id: work.id } });
  });
}

const storeChunk = (work: Work, rows: Reported[], upTo: number, deps: ServiceDeps): Promise<void> =>
  deps.db.transaction(async (tx) => {
    // A power cut takes back the last chunks together with how far they were, and they are stored again; the end is waited for on the disk.
    await tx.query('SET LOCAL synchronous_commit = off');
    await progress(work, upTo, deps, tx);
    await storeCases(tx, work.source_id, rows, deps);
  });

async function* chunksOf(work: Work, deps: ServiceDeps): AsyncGenerator<{ rows: Reported[]; upTo: number }> {
  const now = deps.clock.now();
  let places: Places | undefined;
  let read = 0;
  let rows: Reported[] = [];
  for await (const [...lines] of keptLines(work, deps)) {
    if (!places && lines.length > 0) places = placesIn(lines.shift()!.cells);
    for (const { cells } of lines) {
      read += 1;
      // The chunk before goes on to the database meanwhile, and whoever else waits for an answer has it.
      if (read % sliceRows === 0) await others();
      if (read <= work.rows_done) continue;
      const checked = checkReport(reportIn(cells, places!), now);
      if ('reported' in checked) rows.push(checked.reported);
      if (rows.length < chunkRows) continue;
      yield { rows, upTo: read };
      rows = [];
    }
  }
  yield { rows, upTo: read };
}
