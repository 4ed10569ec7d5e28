import { setImmediate as others } from 'node:timers/promises';
import type { ServiceDeps } from '../../../dialogue/service';
import { kinds, kindTitle, stateTitle } from '../kinds';
import { checkReport, otherKind } from '../report';
import type { Reported } from '../store';
import { inColumns, missingIn, type Places, placesIn, reportIn } from './columns';
import { keptLines, sliceRows } from './file';
import { progress, type Work } from './turn';

/** Nobody mends more than that by hand. */
const mostFaults = 10_000;
const shown = 50;

export type Fault = { line: number; place: string; message: string };
export type Shown = { line: number; number: string; kind: string; state: string; at: string; place: string };
export type Summary = { rows: number; cases: number; fresh: number };

/** Reads the whole file and checks every row, against what is there as well. Nothing is stored of it. */
export async function checkFile(work: Work, deps: ServiceDeps): Promise<void> {
  const { db, clock } = deps;
  await db.query('DELETE FROM case_import_faults WHERE import_id = $1', [work.id]);
  const now = clock.now();
  const found = new Found(work, deps);
  let places: Places | undefined;
  let rows = 0;
  for await (const [...lines] of keptLines(work, deps)) {
    if (!places && lines.length > 0) {
      places = placesIn(lines.shift()!.cells);
      for (const title of missingIn(places)) found.fault(1, title, '缺少这一列，请用模板');
      if (found.faults > 0) break;
    }
    const good: { line: number; reported: Reported }[] = [];
    for (const { line, cells, formula } of lines) {
      rows += 1;
      if (rows % sliceRows === 0) await others();
      if (formula) {
        found.fault(line, '', '含有公式，请粘贴为数值');
        continue;
      }
      const row = reportIn(cells, places!);
      const checked = checkReport(row, now);
      if ('faults' in checked)
        for (const [place, message] of inColumns(checked.faults, row.kind)) found.fault(line, place, message);
      else good.push({ line, reported: checked.reported });
    }
    await found.take(good);
    await progress(work, rows, deps);
  }
  if (rows === 0 && found.faults === 0) found.fault(1, '', '没有内容，从第 2 行起填写');
  await found.close(rows);
}

/** A copy: what was cut out of a text keeps all of the text, and with it the whole file. */
const alone = (text: string): string => Buffer.from(text).toString();

/** What is known of a file so far. */
class Found {
  faults = 0;
  private fresh = 0;
  private waiting: Fault[] = [];
  private preview: Shown[] = [];
  /** of each number of the file, its kind: as much memory as a file has numbers, whatever else is in it */
  private seen = new Map<string, string>();

  constructor(
    private work: Work,
    private deps: ServiceDeps,
  ) {}

  fault(line: number, place: string, message: string): void {
    this.faults += 1;
    if (this.faults <= mostFaults) this.waiting.push({ line, place, message });
  }

  async take(good: { line: number; reported: Reported }[]): Promise<void> {
    const known = await this.knownOf(good.map(({ reported }) => reported.number));
    for (const { line, reported } of good) {
      const { number, kind, state, at, place = '' } = reported;
      const before = this.seen.get(number) ?? known.get(number);
      if (before !== undefined && before !== kind) this.fault(line, '类型', otherKind(kinds.get(kind)!).kind!);
      if (!this.seen.has(number) && !known.has(number)) this.fresh += 1;
      if (!this.seen.has(number)) this.seen.set(alone(number), before ?? kinds.get(kind)!.key);
      if (this.preview.length < shown)
        this.preview.push({
          line,
          number,
          kind: kindTitle(kind),
          state: stateTitle(kind, state),
          at: at.toISOString(),
          place,
        });
    }
    await this.flush();
  }

  async close(rows: number): Promise<void> {
    await this.flush();
    const summary: Summary = { rows, cases: this.seen.size, fresh: this.fresh };
    const { db, live } = this.deps;
    await db.transaction(async (tx) => {
      await tx.query(
        `UPDATE case_imports SET status = $3, faults = $4, summary = $5::jsonb, preview = $6::jsonb, rows_done = 0, rows_total = $7
          WHERE id = $1 AND run = $2 AND status = 'checking'`,
        [
          this.work.id,
          this.work.run,
          this.faults > 0 ? 'faulty' : 'ready',
          this.faults,
          JSON.stringify(summary),
          JSON.stringify(this.preview),
          rows,
        ],
      );
      // What is wrong is sent anew, whole.
      if (this.faults > 0) await tx.query('DELETE FROM case_import_parts WHERE import_id = $1', [this.work.id]);
      await live.publish(tx, {
        topic: 'case-import',
        path: '/',
        roles: [`staff:${this.work.staff_id}`],
        data: { id: this.work.id },
      });
    });
  }

  private nth = 0;
  private async flush(): Promise<void> {
    if (this.waiting.length === 0) return;
    const faults = this.waiting;
    this.waiting = [];
    await this.deps.db.query(
      `INSERT INTO case_import_faults (import_id, nth, line, place, message)
       SELECT $1, $2 + nth, line, place, message
         FROM unnest($3::int[], $4::text[], $5::text[]) WITH ORDINALITY AS f (line, place, message, nth)`,
      [
        this.work.id,
        this.nth,
        faults.map(({ line }) => line),
        faults.map(({ place }) => place),
        faults.map(({ message }) => message),
      ],
    );
    this.nth += faults.length;
  }

  private async knownOf(numbers: string[]): Promise<Map<string, string>> {
    const rows = await this.deps.db.query<{ number: string; kind: string }>(
      'SELECT number, kind FROM cases WHERE number = ANY ($1::text[]) AND source_id = $2',
      [numbers, this.work.source_id],
    );
    return new Map(rows.map(({ number, kind }) => [number, kind]));
  }
}
