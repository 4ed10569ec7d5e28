import { randomBytes } from 'node:crypto';
import type { ServiceDeps } from '../../../dialogue/service';
import type { Staff } from '../../../people/staff';
import type { Queryable } from '../../../platform/database';
import { notFound, UserError } from '../../../platform/errors';
import { addJob } from '../../../platform/jobs';
import type { Fault, ToApply } from './import-check';
import type { Who } from './managed';

export const importJob = 'appointments.import';
const mostUnderWay = 3;
const keptMillis = 24 * 3600_000;

export type Summary = { resources: number; fresh: number; changed: number; rules: number };
export type Import = {
  id: string;
  fileName: string;
  status: 'reading' | 'faulty' | 'ready' | 'applying' | 'done' | 'failed';
  done: number;
  total: number | null;
  faults: Fault[];
  summary: Summary | null;
  reason: string | null;
  rows: ToApply[] | null;
};

/** Keeps a file to be read by a job. @returns its id @throws UserError 429 */
export async function takeFile(
  { caller, address }: Who,
  fileName: string,
  bytes: Buffer,
  { db, clock }: ServiceDeps,
): Promise<string> {
  const id = randomBytes(16).toString('hex');
  return db.transaction(async (tx) => {
    await tx.query('SELECT pg_advisory_xact_lock(7269046, $1)', [caller.id]);
    const [row] = await tx.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM appointment_imports WHERE staff_id = $1 AND status IN ('reading','applying')`,
      [caller.id],
    );
    if (row!.count >= mostUnderWay) throw new UserError(429, 'too-many', '还有文件在处理，请等它们好了再导入');
    await tx.query(
      `INSERT INTO appointment_imports (id, staff_id, file_name, bytes, status, address, asked_at, beat_at)
       VALUES ($1, $2, $3, $4, 'reading', $5, $6, $6)`,
      [id, caller.id, fileName, bytes, address, clock.now()],
    );
    await addJob(tx, importJob, {});
    return id;
  });
}

/** Only for whoever sent it. @throws UserError 404 */
export async function importOf(on: Queryable, caller: Staff, id: string): Promise<Import> {
  const [one] = await on.query<Import>(
    `SELECT id, file_name AS "fileName", status, rows_done AS done, rows_total AS total, faults, summary, reason, rows
       FROM appointment_imports WHERE id = $1 AND staff_id = $2`,
    [id, caller.id],
  );
  if (!one) throw notFound('这次导入，也许已经过期');
  return one;
}

/** Has what was read applied. @throws UserError 404, 409 */
export async function applyImport({ caller, address }: Who, id: string, { db, clock }: ServiceDeps): Promise<void> {
  await db.transaction(async (tx) => {
    const one = await importOf(tx, caller, id);
    const [taken] = await tx.query<{ id: string }>(
      `WITH taken AS (
         UPDATE appointment_imports SET status = 'applying', rows_done = 0, tries = 0, beat_at = $2, address = $3
          WHERE id = $1 AND status = 'ready' RETURNING id)
       SELECT id FROM taken`,
      [id, clock.now(), address],
    );
    if (!taken)
      throw new UserError(409, 'not-ready', one.status === 'faulty' ? '文件有错，改好后重新上传' : '已经导入过了');
    await addJob(tx, importJob, {});
  });
}

export const dropOldImports = ({ db, clock }: Pick<ServiceDeps, 'db' | 'clock'>) =>
  db.query('DELETE FROM appointment_imports WHERE asked_at < $1', [new Date(clock.now().getTime() - keptMillis)]);
