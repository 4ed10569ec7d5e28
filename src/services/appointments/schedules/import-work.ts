import type { ServiceDeps } from '../../../dialogue/service';
import { findStaff, type Staff } from '../../../people/staff';
import type { Tx } from '../../../platform/database';
import { UserError } from '../../../platform/errors';
import { onlyFor } from '../../../platform/live';
import { followRules } from '../slots';
import { checkLines, findKnown, type ToApply } from './import-check';
import { readLines } from './import-read';
import { note, type Who } from './managed';
import { insertResource, organisationFor } from './resources';
import { writeRules } from './rules';

/** Whoever has given no sign of life for so long is gone. */
const goneMillis = 60_000;
const mostTries = 3;
/** Often enough for a bar that moves. */
const tellEvery = 10;

type Work = {
  id: string;
  staff_id: number;
  status: 'reading' | 'applying';
  file_name: string;
  bytes: Buffer | null;
  rows: ToApply[] | null;
  tries: number;
  address: string | null;
};

/** Reads and applies what is waiting, one after another; also what a process has left half done. */
export async function workOnImports(deps: ServiceDeps): Promise<void> {
  for (let work = await take(deps); work; work = await take(deps)) await run(work, deps);
}

async function take({ db, clock }: ServiceDeps): Promise<Work | undefined> {
  const now = clock.now();
  const [work] = await db.query<Work>(
    `WITH next AS (
       SELECT id FROM appointment_imports WHERE status IN ('reading','applying') AND (tries = 0 OR beat_at < $2)
        ORDER BY asked_at LIMIT 1 FOR UPDATE SKIP LOCKED),
     taken AS (
       UPDATE appointment_imports i SET tries = tries + 1, beat_at = $1 FROM next WHERE i.id = next.id RETURNING i.*)
     SELECT id, staff_id, status, file_name, bytes, rows, tries, address FROM taken`,
    [now, new Date(now.getTime() - goneMillis)],
  );
  return work;
}

async function run(work: Work, deps: ServiceDeps): Promise<void> {
  try {
    const known = await findStaff(deps.db, { id: work.staff_id });
    if (!known) throw new UserError(403, 'gone', '导入的人已停用');
    const who = { caller: known.staff, address: work.address ?? '' };
    await (work.status === 'reading' ? read(work, who.caller, deps) : apply(work, who, deps));
  } catch (error) {
    if (!(error instanceof UserError) && work.tries < mostTries) {
      deps.log.warn({ import: work.id, error: (error as Error).message }, 'an import failed, tried again later');
      return;
    }
    await end(work, 'failed', error instanceof UserError ? error.message : '没有办成，请再试一次', deps);
    if (!(error instanceof UserError)) throw error;
  }
}

async function read({ id, bytes, staff_id }: Work, caller: Staff, { db, clock, live }: ServiceDeps): Promise<void> {
  const lines = await readLines(bytes!);
  const { resources, faults } = await checkLines(db, lines, { caller, at: clock.now() });
  const summary = {
    resources: resources.length,
    fresh: resources.filter((one) => one.id === null).length,
    changed: resources.filter((one) => one.id !== null).length,
    rules: resources.reduce((sum, { rules }) => sum + rules.length, 0),
  };
  await db.transaction(async (tx) => {
    await tx.query(
      `UPDATE appointment_imports SET status = $2, bytes = NULL, rows = $3::jsonb, faults = $4::jsonb, summary = $5::jsonb,
              rows_total = $6 WHERE id = $1 AND status = 'reading'`,
      [
        id,
        faults.length > 0 ? 'faulty' : 'ready',
        JSON.stringify(resources),
        JSON.stringify(faults),
        JSON.stringify(summary),
        resources.length,
      ],
    );
    await live.publish(tx, { topic: 'appointment-import', ...onlyFor([staff_id]), data: { id } });
  });
}

/** All of it in one transaction, or nothing; how far it is goes its own way, for others to see meanwhile. */
async function apply(work: Work, who: Who, deps: ServiceDeps): Promise<void> {
  const { db, live } = deps;
  await db.transaction(async (tx) => {
    // A process that was thought gone may still be at it.
    await tx.query('SELECT pg_advisory_xact_lock(7269047, hashtext($1))', [work.id]);
    const [still] = await tx.query(`SELECT 1 AS one FROM appointment_imports WHERE id = $1 AND status = 'applying'`, [
      work.id,
    ]);
    if (!still) return;
    const rows = work.rows ?? [];
    await findKnown(tx, rows);
    for (const [index, one] of inOrder(rows).entries()) {
      await applyOne(tx, who, one, work, deps);
      if ((index + 1) % tellEvery === 0) await progress(work, index + 1, deps);
    }
    await tx.query(`UPDATE appointment_imports SET status = 'done', rows_done = rows_total WHERE id = $1`, [work.id]);
    await live.publish(tx, { topic: 'appointment-import', ...onlyFor([work.staff_id]), data: { id: work.id } });
  });
}

/** Those that are there by their number, as everybody holds them. */
const inOrder = (rows: ToApply[]) =>
  [...rows].sort((one, other) => (one.id ?? 0) - (other.id ?? 0) || one.line - other.line);

async function applyOne(tx: Tx, who: Who, one: ToApply, { file_name: file }: Work, deps: ServiceDeps): Promise<void> {
  // What the caller plans for, and what is in use, may have changed since the file was read.
  const { path } = await organisationFor(tx, who.caller, one.organisationId);
  const { kind, title, subtitle, place, rules, line } = one;
  const id =
    one.id ?? (await insertResource(tx, one.organisationId, { kind, title, subtitle, place, note: '', position: 100 }));
  await tx.query(
    `UPDATE appointment_resources SET version = version + 1, disabled_at = NULL, place = coalesce(nullif($2, ''), place) WHERE id = $1`,
    [id, place],
  );
  if (rules.length > 0) await writeRules(tx, id, rules);
  const changes = await followRules(tx, id, deps);
  const detail = { file, line, fresh: one.id === null, rules: rules.length, ...changes };
  await note(tx, who, { id, organisation_id: one.organisationId, path }, 'import', detail, deps);
}

async function progress({ id, staff_id }: Work, done: number, { db, clock, live }: ServiceDeps): Promise<void> {
  await db.query('UPDATE appointment_imports SET rows_done = $2, beat_at = $3 WHERE id = $1', [id, done, clock.now()]);
  await live.publish(db, { topic: 'appointment-import', ...onlyFor([staff_id]), data: { id, done } });
}

async function end({ id, staff_id }: Work, status: 'failed', reason: string, { db, live }: ServiceDeps): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query(
      `UPDATE appointment_imports SET status = $2, reason = $3, bytes = NULL WHERE id = $1 AND status IN ('reading','applying')`,
      [id, status, reason],
    );
    await live.publish(tx, { topic: 'appointment-import', ...onlyFor([staff_id]), data: { id } });
  });
}
