import { randomBytes } from 'node:crypto';
import type { ServiceDeps } from '../../../dialogue/service';
import type { Staff } from '../../../people/staff';
import type { Queryable } from '../../../platform/database';
import { notFound, UserError } from '../../../platform/errors';
import { addJob } from '../../../platform/jobs';
import { importers, note, storedSourceFor, type Who } from '../managed';
import type { Fault, Shown, Summary } from './check';
import { keepFile } from './file';

export const importJob = 'cases.import';
const mostUnderWay = 3;
const keptMillis = 24 * 3600_000;
/** No request takes so long: see the server's `requestTimeout`. */
const longestUploadMillis = 5 * 60_000;

export type Import = {
  id: string;
  sourceId: number;
  fileName: string;
  status: 'uploading' | 'checking' | 'faulty' | 'ready' | 'storing' | 'done' | 'failed';
  done: number;
  total: number | null;
  faults: number;
  summary: Summary | null;
  preview: Shown[];
  reason: string | null;
  askedAt: Date;
};

/** Keeps a file as it comes in, to be checked by a job. @returns its id @throws UserError 404, 413, 422, 429 */
export async function takeFile(
  { caller }: Who,
  { sourceId, name }: { sourceId: number; name: string },
  parts: () => AsyncIterable<Buffer>,
  deps: ServiceDeps,
): Promise<string> {
  const { db, clock } = deps;
  await storedSourceFor(db, caller, sourceId, importers);
  const id = randomBytes(16).toString('hex');
  await db.transaction(async (tx) => {
    await tx.query('SELECT pg_advisory_xact_lock(7269048, $1)', [caller.id]);
    // One that a process was taking as it was killed: nobody takes it any further.
    await tx.query(`DELETE FROM case_imports WHERE staff_id = $1 AND status = 'uploading' AND asked_at < $2`, [
      caller.id,
      new Date(clock.now().getTime() - longestUploadMillis),
    ]);
    const [row] = await tx.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM case_imports WHERE staff_id = $1 AND status IN ('uploading','checking','storing') AND asked_at > $2`,
      [caller.id, new Date(clock.now().getTime() - keptMillis)],
    );
    if (row!.count >= mostUnderWay) throw new UserError(429, 'too-many', '还有文件在处理，请等它们好了再导入');
    await tx.query(
      `INSERT INTO case_imports (id, source_id, staff_id, file_name, status, asked_at, beat_at) VALUES ($1, $2, $3, $4, 'uploading', $5, $5)`,
      [id, sourceId, caller.id, name, clock.now()],
    );
  });
  try {
    const form = await keepFile(id, parts(), deps);
    await db.transaction(async (tx) => {
      await tx.query(`UPDATE case_imports SET status = 'checking', form = $2 WHERE id = $1`, [id, form]);
      await addJob(tx, importJob, {});
    });
    return id;
  } catch (error) {
    await db.query('DELETE FROM case_imports WHERE id = $1', [id]);
    throw error;
  }
}

const select = `SELECT id, source_id AS "sourceId", file_name AS "fileName", status, rows_done AS done, rows_total AS total, faults, summary,
  preview, reason, asked_at AS "askedAt" FROM case_imports`;

/** Only for whoever sent it. @throws UserError 404 */
export async function importOf(on: Queryable, caller: Staff, id: string): Promise<Import> {
  const [one] = await on.query<Import>(`${select} WHERE id = $1 AND staff_id = $2`, [id, caller.id]);
  if (!one) throw notFound('这次导入，也许已经过期');
  return one;
}

/** The latest of one person, newest first. */
export const importsOf = (on: Queryable, caller: Staff): Promise<Import[]> =>
  on.query<Import>(`${select} WHERE staff_id = $1 ORDER BY asked_at DESC, id LIMIT 20`, [caller.id]);

/** Has what was checked stored. @throws UserError 404, 409 */
export async function applyImport(who: Who, id: string, deps: ServiceDeps): Promise<void> {
  await deps.db.transaction(async (tx) => {
    const { sourceId, fileName, status, summary } = await importOf(tx, who.caller, id);
    // What is the caller's may have changed since the file was sent.
    const { organisationId, key } = await storedSourceFor(tx, who.caller, sourceId, importers);
    const taken = await tx.query(
      `UPDATE case_imports SET status = 'storing', rows_done = 0, rows_stored = 0, tries = 0, beat_at = $2 WHERE id = $1 AND status = 'ready' RETURNING id`,
      [id, deps.clock.now()],
    );
    if (taken.length === 0)
      throw new UserError(409, 'not-ready', status === 'faulty' ? '文件有错，改好后重新上传' : '已经导入过了');
    const detail = { file: fileName, ...summary };
    await note(tx, who, { organisationId, action: 'case.import', subject: `case-source:${key}`, detail }, deps);
    await addJob(tx, importJob, {});
  });
}

/** All that is wrong with it, a batch at a time. */
export async function* faultsOf(on: Queryable, id: string): AsyncGenerator<Fault> {
  for (let nth = 0; ; ) {
    const rows = await on.query<Fault & { nth: number }>(
      'SELECT nth, line, place, message FROM case_import_faults WHERE import_id = $1 AND nth > $2 ORDER BY nth LIMIT 1000',
      [id, nth],
    );
    if (rows.length === 0) return;
    yield* rows;
    nth = rows.at(-1)!.nth;
  }
}

/** One that is being stored is let finish: it would end half way, and nobody would know. */
export const dropOldImports = ({ db, clock }: Pick<ServiceDeps, 'db' | 'clock'>): Promise<void> =>
  db.transaction(async (tx) => {
    await tx.query("DELETE FROM case_imports WHERE asked_at < $1 AND status <> 'storing'", [
      new Date(clock.now().getTime() - keptMillis),
    ]);
    await tx.query(
      'DELETE FROM case_import_rows r WHERE NOT EXISTS (SELECT FROM case_imports i WHERE i.id = r.import_id)',
    );
  });
