import type { ServiceDeps } from '../../../dialogue/service';
import type { Queryable, Tx } from '../../../platform/database';
import { UserError } from '../../../platform/errors';
import { onlyFor } from '../../../platform/live';
import { preparedColumns } from '../prepared';
import { firstOfRows, storeRows } from '../store';
import { dropFile } from './file';
import { stageFile } from './stage';
import { progress, Superseded, type Work } from './turn';

/** What a kill undoes and a step of the bar shows. */
const batchRows = 5000;

/**
 * Stores a file that was checked, from where it had come to, in the order of numbers: each batch commits with how far that is, and one
 * that is stored twice changes nothing the second time.
 */
export async function storeFile(work: Work, deps: ServiceDeps): Promise<void> {
  for (const batch of await allBatches(work, deps))
    if (batch.upTo > work.rows_stored) await storeBatch(work, batch, deps);
  await deps.db.transaction(async (tx) => {
    const kept = await tx.query(
      `UPDATE case_imports SET status = 'done', rows_done = rows_total WHERE id = $1 AND run = $2 AND status = 'storing' RETURNING id`,
      [work.id, work.run],
    );
    if (kept.length === 0) throw new Superseded(work.id);
    await dropFile(tx, work.id);
    await deps.live.publish(tx, { topic: 'case-import', ...onlyFor([work.staff_id]), data: { id: work.id } });
  });
}

/** A stretch of the rows, after one and up to another. */
type Batch = {
  after: { number: string; line: number };
  number: string;
  line: number;
  /** rows in it, and with those before it */
  rows: number;
  upTo: number;
  /** steps that one case has in it at most: a statement may touch a case only once */
  rounds: number;
};

/** Where a crash of the database has taken the rows they are read from the file once more. @throws UserError */
async function allBatches(work: Work, deps: ServiceDeps): Promise<Batch[]> {
  await progress(work, work.rows_done, deps);
  const found = await batchesOf(work, deps.db);
  if (isWhole(found, work)) return found;
  // What is wrong now was right when it was checked: the kinds of cases are others than then.
  await stageFile(work, { good: () => {}, fault: () => {}, done: () => work.rows_done }, deps);
  const again = await batchesOf(work, deps.db);
  if (!isWhole(again, work))
    throw new UserError(422, 'checked-otherwise', '检查之后办件类型改过了，请把文件再上传一次');
  return again;
}

const isWhole = (batches: Batch[], { rows_total }: Work): boolean => (batches.at(-1)?.upTo ?? 0) === rows_total;

async function batchesOf({ id }: Work, on: Queryable): Promise<Batch[]> {
  const ends = await on.query<Omit<Batch, 'after' | 'upTo'>>(
    `SELECT max(number) AS number, max(line) FILTER (WHERE nth % $2 = 0 OR nth = total) AS line, count(*)::int AS rows,
            least(max(round), count(*))::int AS rounds
       FROM (SELECT number, line, row_number() OVER (ORDER BY number, line) AS nth, count(*) OVER () AS total,
                    row_number() OVER (PARTITION BY number ORDER BY line) AS round
               FROM case_import_rows WHERE import_id = $1) r
      GROUP BY (nth - 1) / $2 ORDER BY (nth - 1) / $2`,
    [id, batchRows],
  );
  let [after, upTo] = [{ number: '', line: 0 }, 0];
  return ends.map((end) => {
    upTo += end.rows;
    const batch = { ...end, after, upTo };
    after = { number: end.number, line: end.line };
    return batch;
  });
}

const storeBatch = (work: Work, batch: Batch, deps: ServiceDeps): Promise<void> =>
  deps.db.transaction(async (tx) => {
    // A power cut takes back the last batches together with how far they were, and they are stored again; the end is waited for on the disk.
    await tx.query('SET LOCAL synchronous_commit = off');
    await progress(work, batch.upTo, deps, tx);
    await tx.query('UPDATE case_imports SET rows_stored = $2 WHERE id = $1', [work.id, batch.upTo]);
    await mustBeOn(work, tx);
    const { after, number, line } = batch;
    const ends = [work.id, after.number, after.line, number, line];
    const [there] = await tx.query<{ rows: number }>(`SELECT count(*)::int AS rows FROM ${range(1)}`, ends);
    if (there!.rows !== batch.rows) throw new Error('the rows are there no more');
    for (let round = 1; round <= batch.rounds; round++) {
      const rows = batch.rounds === 1 ? { sql: each, values: ends } : { sql: ofRound, values: [...ends, round] };
      await storeRows(tx, work.source_id, rows, 'followed', deps);
    }
  });

/** Whoever switches the source off waits for the batch under way. @throws UserError */
async function mustBeOn({ source_id }: Work, tx: Tx): Promise<void> {
  const on = await tx.query('SELECT id FROM case_sources WHERE id = $1 AND disabled_at IS NULL FOR SHARE', [source_id]);
  if (on.length === 0)
    throw new UserError(409, 'source-off', '来源停用了，存到一半停了下来；启用以后把文件再上传一次，存过的不会重复');
}

const range = (first: number) =>
  `case_import_rows WHERE import_id = $${first} AND (number, line) > ($${first + 1}, $${first + 2}::int) AND (number, line) <= ($${first + 3}, $${first + 4}::int)`;
const each = `SELECT ${preparedColumns} FROM ${range(firstOfRows)}`;
const ofRound = `
  SELECT ${preparedColumns}
    FROM (SELECT *, row_number() OVER (PARTITION BY number ORDER BY at, line) AS round FROM ${range(firstOfRows)}) r
   WHERE round = $${firstOfRows + 5}`;
