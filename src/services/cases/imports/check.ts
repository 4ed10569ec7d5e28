import type { ServiceDeps } from '../../../dialogue/service';
import type { Queryable, Tx } from '../../../platform/database';
import { onlyFor } from '../../../platform/live';
import { kinds, kindTitle, stateTitle } from '../kinds';
import { otherKind } from '../report';
import { mostSteps } from '../store';
import { dropFile } from './file';
import { type Good, stageFile } from './stage';
import { progress, Superseded, type Work } from './turn';

/** Nobody mends more than that by hand. */
const mostFaults = 10_000;
const shown = 50;

export type Fault = { line: number; place: string; message: string };
export type Shown = { line: number; number: string; kind: string; state: string; at: string; place: string };
export type Summary = { rows: number; cases: number; fresh: number };

/** Reads the whole file and checks every row, against the others and what is there as well. No case is stored or changed of it. */
export async function checkFile(work: Work, deps: ServiceDeps): Promise<void> {
  let faults = 0;
  const first: Fault[] = [];
  const preview: Shown[] = [];
  const fault = (line: number, place: string, message: string) => {
    faults += 1;
    if (first.length < mostFaults) first.push({ line, place, message });
  };
  const rows = await stageFile(
    work,
    {
      good: (row) => void (preview.length < shown && preview.push(show(row))),
      fault,
      done: (rows) => rows,
    },
    deps,
  );
  if (rows === 0 && faults === 0) fault(1, '', '没有内容，从第 2 行起填写');
  await deps.db.transaction(async (tx) => {
    // A sign of life, and held from here on: comparing many rows may take long.
    await progress(work, rows, deps, tx);
    const { cases, fresh, wrong } = await compare(tx, work);
    if (wrong > 0) {
      const found = await wrongOnes(tx, work);
      for (const { line, kind, expected } of found)
        if (kind !== expected) fault(line, '类型', kindFault(kind));
        else fault(line, '编号', `一个编号连同已有的最多 ${mostSteps} 步`);
      faults += wrong - found.length;
    }
    const summary: Summary = { rows, cases, fresh };
    const kept = await tx.query(
      `UPDATE case_imports SET status = $3, faults = $4, summary = $5::jsonb, preview = $6::jsonb, rows_done = 0, rows_total = $7
        WHERE id = $1 AND run = $2 AND status = 'checking' RETURNING id`,
      [
        work.id,
        work.run,
        faults > 0 ? 'faulty' : 'ready',
        faults,
        JSON.stringify(summary),
        JSON.stringify(preview),
        rows,
      ],
    );
    if (kept.length === 0) throw new Superseded(work.id);
    await keepFaults(tx, work.id, first);
    // What is wrong is sent anew, whole.
    if (faults > 0) await dropFile(tx, work.id);
    await deps.live.publish(tx, { topic: 'case-import', ...onlyFor([work.staff_id]), data: { id: work.id } });
  });
}

const kindFault = (kind: string): string => otherKind(kinds.get(kind)!).kind!;

const show = ({ line, one: { number, kind, state, at, place = '' } }: Good): Shown => ({
  line,
  number,
  kind: kindTitle(kind),
  state: stateTitle(kind, state),
  at: at.toISOString(),
  place,
});

/**
 * What a case's steps, and the rows of the file, say last before a row: where the row says the same again, it adds no step, no more
 * than one that is there already.
 */
const saidBefore = `(
  SELECT step - '{at,again}'::text[]
    FROM (SELECT jsonb_array_elements(c.steps) AS step UNION ALL SELECT r.above) known
   WHERE step ->> 'at' < r.steps -> 0 ->> 'at' ORDER BY step ->> 'at' DESC LIMIT 1)`;

/** Whether a row adds a step; it is looked at closely only where there might be too many. */
const isFresh = `c.steps IS NULL OR NOT c.steps @> (r.steps #- '{0,note}')
  AND (jsonb_array_length(c.steps) + r.rows <= ${mostSteps} OR (r.steps -> 0) - 'at' IS DISTINCT FROM ${saidBefore})`;

/** Each row beside the kind that its number has here, or else has in the file first. */
const compared = `
  SELECT line, kind, known, row_number() OVER file AS nth, coalesce(known, first_value(kind) OVER file) AS expected,
         fresh AND kept + count(*) FILTER (WHERE fresh) OVER file > ${mostSteps} AS beyond
    FROM (SELECT r.number, r.line, r.kind, c.kind AS known, coalesce(jsonb_array_length(c.steps), 0) AS kept, ${isFresh} AS fresh
            FROM (SELECT number, line, kind, steps, count(*) OVER (PARTITION BY number) AS rows,
                         lag(steps -> 0) OVER (PARTITION BY number ORDER BY at, line) AS above
                    FROM case_import_rows WHERE import_id = $1) r
                 LEFT JOIN cases c ON c.source_id = $2 AND c.number = r.number) each
  WINDOW file AS (PARTITION BY number ORDER BY line)`;

/** In the file each step of one case is stored by a statement of its own, those that are known too. */
const isWrong = `kind <> expected OR beyond OR nth > ${mostSteps}`;

async function compare(on: Queryable, { id, source_id }: Work) {
  const [row] = await on.query<{ cases: number; fresh: number; wrong: number }>(
    `SELECT count(*) FILTER (WHERE nth = 1)::int AS cases, count(*) FILTER (WHERE nth = 1 AND known IS NULL)::int AS fresh,
            count(*) FILTER (WHERE ${isWrong})::int AS wrong FROM (${compared}) c`,
    [id, source_id],
  );
  return row!;
}

const wrongOnes = (on: Queryable, { id, source_id }: Work) =>
  on.query<{ line: number; kind: string; expected: string }>(
    `SELECT line, kind, expected FROM (${compared}) c WHERE ${isWrong} ORDER BY line LIMIT ${mostFaults}`,
    [id, source_id],
  );

/** In the order of the file, whichever was found first. */
async function keepFaults(tx: Tx, id: string, faults: Fault[]): Promise<void> {
  await tx.query('DELETE FROM case_import_faults WHERE import_id = $1', [id]);
  const sorted = faults.toSorted((a, b) => a.line - b.line);
  await tx.query(
    `INSERT INTO case_import_faults (import_id, nth, line, place, message)
     SELECT $1, nth, line, place, message
       FROM unnest($2::int[], $3::text[], $4::text[]) WITH ORDINALITY AS f (line, place, message, nth)`,
    [id, sorted.map(({ line }) => line), sorted.map(({ place }) => place), sorted.map(({ message }) => message)],
  );
}
