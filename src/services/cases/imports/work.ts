import type { ServiceDeps } from '../../../dialogue/service';
import { UserError } from '../../../platform/errors';
import { onlyFor } from '../../../platform/live';
import { checkFile } from './check';
import { dropFile } from './file';
import { storeFile } from './store-file';
import { nextTurn, Superseded, type Work } from './turn';

const mostTries = 5;

/** Checks and stores what is waiting, one after another; also what a process has left half done. */
export async function workOnImports(deps: ServiceDeps): Promise<void> {
  for (let work = await nextTurn(deps); work; work = await nextTurn(deps)) await run(work, deps);
}

async function run(work: Work, deps: ServiceDeps): Promise<void> {
  try {
    await (work.status === 'checking' ? checkFile(work, deps) : storeFile(work, deps));
  } catch (error) {
    if (error instanceof Superseded) return;
    if (error instanceof UserError) return fail(work, error.message, deps);
    deps.log.warn({ import: work.id, error: (error as Error).message }, 'an import failed, tried again later');
    // Where it stands is stored: what is stored stays, and whoever sends the file again changes nothing of it.
    if (work.tries >= mostTries) await fail(work, '没有办成，请把文件再上传一次', deps);
  }
}

async function fail({ id, run, staff_id }: Work, reason: string, { db, live }: ServiceDeps): Promise<void> {
  await db.transaction(async (tx) => {
    const failed = await tx.query(
      `UPDATE case_imports SET status = 'failed', reason = $3
        WHERE id = $1 AND run = $2 AND status IN ('checking','storing') RETURNING id`,
      [id, run, reason],
    );
    // Another process goes on with it.
    if (failed.length === 0) return;
    await dropFile(tx, id);
    await live.publish(tx, { topic: 'case-import', ...onlyFor([staff_id]), data: { id } });
  });
}
