import type { ServiceDeps } from '../../../dialogue/service';
import type { DocumentKind } from '../../../people/identity/documents';
import type { Tx } from '../../../platform/database';
import type { Case, Step } from '../case';
import { isFinal } from '../kinds';
import type { SourceRow } from '../source';
import { tellFollowers } from '../tell';
import { within } from '../within';
import { remoteSource } from './remote';
import { remoteSettings } from './settings';

type Watch = { source_id: number; number: string; seen_state: string | null; seen_at: Date | null; failures: number };
type Right = { factor_sealed: string | null; document_kind: DocumentKind | null; document_sealed: string | null };

const minute = 60_000;
/** A back end that fails is asked less and less often. */
const mostDoubled = 4;

/** From now on the case is looked at again, if it lives in a back end; the first look only remembers where it stands. */
export async function watch(tx: Tx, sourceId: number, number: string, at: Date): Promise<void> {
  await tx.query(
    `INSERT INTO case_watches (source_id, number, next_at) SELECT id, $2, $3 FROM case_sources WHERE id = $1 AND adapter = 'remote'
     ON CONFLICT DO NOTHING`,
    [sourceId, number, at],
  );
}

/** Looks at followed cases that are due: for each source no more a minute than is set, all processes together. */
export async function pollWatches(deps: ServiceDeps): Promise<void> {
  const due = await claim(deps);
  const sources = [...new Set(due.map(({ source_id }) => source_id))];
  await Promise.all(
    sources.map(async (sourceId) => {
      const [row] = await deps.db.query<SourceRow>(
        'SELECT id, key, title, adapter, settings FROM case_sources WHERE id = $1',
        [sourceId],
      );
      // One after another: a back end is not stormed.
      for (const each of due) if (each.source_id === sourceId) await look(each, row!, deps);
    }),
  );
}

const claim = ({ db, clock, settings }: ServiceDeps): Promise<Watch[]> =>
  db.transaction(async (tx) => {
    await tx.query('SELECT pg_advisory_xact_lock(7269041)');
    const now = clock.now();
    return tx.query<Watch>(
      `WITH due AS (
         SELECT w.source_id, w.number, row_number() OVER (PARTITION BY w.source_id ORDER BY w.next_at) AS nth
           FROM case_watches w JOIN case_sources s ON s.id = w.source_id WHERE w.next_at <= $1 AND s.disabled_at IS NULL),
       lately AS (SELECT source_id, count(*) AS n FROM case_watches WHERE polled_at > $2 GROUP BY source_id)
       UPDATE case_watches w SET polled_at = $1, next_at = $3
         FROM due LEFT JOIN lately USING (source_id)
        WHERE w.source_id = due.source_id AND w.number = due.number AND due.nth <= $4 - coalesce(lately.n, 0)
        RETURNING w.source_id, w.number, w.seen_state, w.seen_at, w.failures`,
      [now, new Date(now.getTime() - minute), soon(now, settings, 0), remoteSettings(settings).pollsPerMinute],
    );
  });

async function look(watched: Watch, row: SourceRow, deps: ServiceDeps): Promise<void> {
  const { source_id, number, failures } = watched;
  const key = [source_id, number];
  const right = await rightOf(watched, deps);
  if (!right) return void (await deps.db.query('DELETE FROM case_watches WHERE source_id = $1 AND number = $2', key));
  const source = remoteSource(row, deps);
  try {
    const one = await within(source, (signal) => right(source, signal));
    if (one) return await compare(watched, one, deps);
  } catch {
    // Counted and logged where it was asked.
  }
  await deps.db.query(
    'UPDATE case_watches SET failures = failures + 1, next_at = $3 WHERE source_id = $1 AND number = $2',
    [...key, soon(deps.clock.now(), deps.settings, failures + 1)],
  );
}

/** Tells of each step that is new, once: whoever moves the mark tells. */
async function compare({ source_id, number, seen_state, seen_at }: Watch, one: Case, deps: ServiceDeps): Promise<void> {
  const last = one.steps.at(-1)!;
  await deps.db.transaction(async (tx) => {
    const moved = await tx.query(
      `UPDATE case_watches SET seen_state = $3, seen_at = $4, failures = 0, next_at = $5
        WHERE source_id = $1 AND number = $2 AND seen_state IS NOT DISTINCT FROM $6 AND seen_at IS NOT DISTINCT FROM $7 RETURNING 1 AS one`,
      [
        source_id,
        number,
        last.state,
        last.at,
        isFinal(one.kind, one.state) ? null : soon(deps.clock.now(), deps.settings, 0),
        seen_state,
        seen_at,
      ],
    );
    if (moved.length === 0 || seen_state === null) return;
    for (const { state, at } of freshSteps(one.steps, seen_state, seen_at!))
      await tellFollowers(tx, source_id, [{ number, kind: one.kind, state, moved_at: at }], deps);
  });
}

/** What came after the step that was seen. An office may write the same state with a later time: that is no step. */
function freshSteps(steps: Step[], state: string, at: Date): Step[] {
  const seen = steps.findLastIndex((step) => step.state === state && step.at.getTime() === at.getTime());
  const later = seen >= 0 ? steps.slice(seen + 1) : steps.filter((step) => step.at > at);
  const fresh = later.length > 0 || steps.at(-1)!.state === state ? later : steps.slice(-1);
  return fresh.filter((step, index) => step.state !== (fresh[index - 1]?.state ?? state)).slice(-3);
}

/** On behalf of one of those who follow, with their right as it is now; undefined where nobody has one any more. */
async function rightOf({ source_id, number }: Watch, { db, encryption }: ServiceDeps) {
  const [right] = await db.query<Right>(
    `SELECT f.factor_sealed, p.document_kind, p.document_sealed FROM case_follows f LEFT JOIN persons p ON p.id = f.person_id
      WHERE f.source_id = $1 AND f.number = $2 AND (f.factor_sealed IS NOT NULL OR EXISTS (
        SELECT FROM person_bindings b WHERE b.account_id = f.account_id AND b.openid = f.openid
           AND b.person_id = f.person_id AND b.unbound_at IS NULL))
      ORDER BY f.since LIMIT 1`,
    [source_id, number],
  );
  if (!right) return undefined;
  return async (of: ReturnType<typeof remoteSource>, signal: AbortSignal): Promise<Case | undefined> => {
    if (right.factor_sealed !== null) return of.byNumber(number, encryption.open(right.factor_sealed), signal);
    const document = { kind: right.document_kind!, number: encryption.open(right.document_sealed!) };
    return (await of.ofPerson(document, signal)).find((one) => one.number === number);
  };
}

/** Not all at once: a quarter earlier or later. */
const soon = (now: Date, settings: ServiceDeps['settings'], failures: number): Date =>
  new Date(
    now.getTime() +
      remoteSettings(settings).pollMinutes * minute * 2 ** Math.min(failures, mostDoubled) * (0.75 + Math.random() / 2),
  );
