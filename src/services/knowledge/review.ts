import type { ServiceDeps } from '../../dialogue/service';
import type { Tx } from '../../platform/database';
import { UserError } from '../../platform/errors';
import { type Changed, trace, type Who } from './change';
import { type Content, type Entry, hashOf } from './entry';
import { putOut, takeBack } from './publish';
import { held, readers, reviewers } from './scope';

/** What a reviewer had before them. */
export type Reviewed = { version: number; hash: string };

/** Before the public at once. The approval is of these words and no others. */
export async function approve(id: string, reviewed: Reviewed, who: Who, deps: ServiceDeps): Promise<Changed> {
  return deps.db.transaction(async (tx) => {
    const entry = await toReview(tx, id, reviewed, who);
    const at = deps.clock.now();
    await decide(tx, entry, 'approved', '', who, at);
    await putOut(tx, { ...(entry as Entry & Content), at }, deps.events);
    await tx.query(
      `UPDATE knowledge_entries SET status = 'published', live_version = version, edit = edit + 1, changed_at = $2,
              changed_by = $3 WHERE id = $1`,
      [id, at, who.caller.id],
    );
    await trace(tx, entry, 'approve', reviewed, who, deps);
    return { done: true, edit: entry.edit + 1, status: 'published' };
  });
}

/** To those who wrote it, with what is to be mended. */
export async function giveBack(
  id: string,
  { reason, ...reviewed }: Reviewed & { reason: string },
  who: Who,
  deps: ServiceDeps,
): Promise<Changed> {
  return deps.db.transaction(async (tx) => {
    const entry = await toReview(tx, id, reviewed, who);
    const at = deps.clock.now();
    await decide(tx, entry, 'returned', reason, who, at);
    await tx.query(
      `UPDATE knowledge_entries SET status = 'returned', edit = edit + 1, changed_at = $2, changed_by = $3 WHERE id = $1`,
      [id, at, who.caller.id],
    );
    await trace(tx, entry, 'return', { ...reviewed, reason }, who, deps);
    return { done: true, edit: entry.edit + 1, status: 'returned' };
  });
}

/** The public does not see it any more, at once; whoever sees a fault may do it without being reviewed. */
export async function withdraw(id: string, reason: string, who: Who, deps: ServiceDeps): Promise<Changed> {
  return deps.db.transaction(async (tx) => {
    const entry = await held(tx, id, who.caller, readers);
    if (entry.status === 'withdrawn') throw new UserError(409, 'withdrawn', '这条问答已经撤下了');
    await tx.query(
      `UPDATE knowledge_versions SET outcome = 'void' WHERE entry_id = $1 AND version = $2 AND outcome IS NULL`,
      [id, entry.version],
    );
    await tx.query(
      `UPDATE knowledge_entries SET status = 'withdrawn', live_version = NULL, edit = edit + 1, changed_at = $2, changed_by = $3
        WHERE id = $1`,
      [id, deps.clock.now(), who.caller.id],
    );
    await takeBack(tx, id, deps.events);
    await trace(tx, entry, 'withdraw', { version: entry.version, reason }, who, deps);
    return { done: true, edit: entry.edit + 1, status: 'withdrawn' };
  });
}

/** @throws UserError 403 for one's own, 409 where the words are not those that the reviewer has read */
async function toReview(tx: Tx, id: string, { version, hash }: Reviewed, { caller }: Who): Promise<Entry> {
  const entry = await held(tx, id, caller, reviewers);
  if (entry.status !== 'submitted') throw new UserError(409, 'not-submitted', '这条问答不在待审核，请刷新');
  const [submitted] = await tx.query<{ hash: string; submitted_by: number | null }>(
    'SELECT hash, submitted_by FROM knowledge_versions WHERE entry_id = $1 AND version = $2',
    [id, entry.version],
  );
  if (submitted!.submitted_by === caller.id || entry.authors.includes(caller.id))
    throw new UserError(403, 'own-work', '自己写或提交的问答要由别人审核');
  if (entry.version !== version || hash !== submitted!.hash || hash !== hashOf(entry))
    throw new UserError(409, 'moved', '内容在您看过以后又变了，请刷新后重新审核');
  return entry;
}

const decide = (tx: Tx, { id, version }: Entry, outcome: string, note: string, { caller }: Who, at: Date) =>
  tx.query(
    `UPDATE knowledge_versions SET outcome = $3, note = $4, reviewed_by = $5, reviewed_at = $6
      WHERE entry_id = $1 AND version = $2`,
    [id, version, outcome, note, caller.id, at],
  );
