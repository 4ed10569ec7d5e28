import type { ServiceDeps } from '../../../dialogue/service';
import type { Queryable } from '../../../platform/database';
import { onlyFor } from '../../../platform/live';
import type { SheetForm } from '../../../platform/sheets/read';

/** Whoever has given no sign of life for so long is gone. */
const goneMillis = 60_000;

export type Work = {
  id: string;
  source_id: number;
  staff_id: number;
  form: SheetForm;
  status: 'checking' | 'storing';
  rows_done: number;
  /** of its rows, in the order of their numbers */
  rows_stored: number;
  /** below the header, once it has been checked */
  rows_total: number | null;
  run: number;
  tries: number;
};

/** Another process thought this one gone, and goes on with it. */
export class Superseded extends Error {}

/** The next file that waits, or that somebody has left half done. */
export async function nextTurn({ db, clock }: ServiceDeps): Promise<Work | undefined> {
  const now = clock.now();
  const [work] = await db.query<Work>(
    `WITH next AS (
       SELECT id FROM case_imports WHERE status IN ('checking','storing') AND (tries = 0 OR beat_at < $2)
        ORDER BY asked_at LIMIT 1 FOR UPDATE SKIP LOCKED),
     taken AS (
       UPDATE case_imports i SET run = run + 1, tries = tries + 1, beat_at = $1 FROM next WHERE i.id = next.id RETURNING i.*)
     SELECT id, source_id, staff_id, form, status, rows_done, rows_stored, rows_total, run, tries FROM taken`,
    [now, new Date(now.getTime() - goneMillis)],
  );
  return work;
}

/** How far it is: a sign of life, and a bar that moves. Through a transaction it commits with what was done. @throws Superseded */
export async function progress({ id, run, staff_id }: Work, done: number, deps: ServiceDeps, on: Queryable = deps.db) {
  const rows = await on.query(
    `UPDATE case_imports SET rows_done = $3, beat_at = $4
      WHERE id = $1 AND run = $2 AND status IN ('checking','storing') RETURNING id`,
    [id, run, done, deps.clock.now()],
  );
  if (rows.length === 0) throw new Superseded(id);
  await deps.live.publish(on, { topic: 'case-import', ...onlyFor([staff_id]), data: { id, done } });
}
