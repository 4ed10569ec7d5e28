import type { ServiceDeps } from '../../dialogue/service';
import type { IdentityDocument } from '../../people/identity/documents';
import type { Queryable, Tx } from '../../platform/database';
import { prepare, preparedRows } from './prepared';
import { type Moved, tellFollowers } from './tell';

/** What an office says of a case: one step of it. Checked by then: the kind is one of ours, the state one of its. */
export type Reported = {
  number: string;
  kind: string;
  state: string;
  at: Date;
  note?: string;
  /** whose it is, and the last four of their document as a factor */
  document?: IdentityDocument;
  /** the code on the receipt */
  code?: string;
  dueAt?: Date;
  place?: string;
};

type Deps = Pick<ServiceDeps, 'clock' | 'encryption' | 'settings' | 'delivery' | 'publicUrl' | 'texts' | 'accounts'>;

/** `other-kind`: there is a case of that number which is of another kind; `full`: it has all the steps it may have. It was left alone. */
export type Outcome = 'added' | 'changed' | 'same' | 'other-kind' | 'full';

/** Of one case: a page shows them all, and each further one writes them all again. */
export const mostSteps = 200;

/**
 * Takes over what an office reports, in any order and as often as it likes: a step that is known changes nothing, a late one
 * finds its place. Who follows a case that has moved is told, in the same transaction.
 * @returns what became of each
 */
export async function storeCases(tx: Tx, sourceId: number, reported: Reported[], deps: Deps): Promise<Outcome[]> {
  const outcomes: (Outcome | undefined)[] = Array(reported.length);
  for (const group of distinct(reported)) {
    const lines = new Map(group.map(({ line, one }) => [one.number, line]));
    const rows: Rows = {
      sql: preparedRows(firstOfRows),
      values: prepare(group, deps),
    };
    for (const { number, before, changed } of await storeRows(tx, sourceId, rows, 'all', deps))
      outcomes[lines.get(number)!] = before === null ? 'added' : changed ? 'changed' : 'same';
  }
  const left = reported.filter((_, line) => !outcomes[line]);
  const kindOf = await kindsOf(tx, sourceId, left);
  return reported.map(
    ({ number, kind }, line) => outcomes[line] ?? (kindOf.get(number) === kind ? 'full' : 'other-kind'),
  );
}

async function kindsOf(on: Queryable, sourceId: number, reported: Reported[]): Promise<Map<string, string>> {
  if (reported.length === 0) return new Map();
  const rows = await on.query<{ number: string; kind: string }>(
    'SELECT number, kind FROM cases WHERE source_id = $1 AND number = ANY ($2)',
    [sourceId, reported.map(({ number }) => number)],
  );
  return new Map(rows.map(({ number, kind }) => [number, kind]));
}

/** Several steps of one case follow one another: a statement may touch a row only once. */
function distinct(reported: Reported[]): { line: number; one: Reported }[][] {
  const groups: { line: number; one: Reported }[][] = [];
  const seen = new Map<string, number>();
  const placed = reported.map((one, line) => ({ line, one }));
  for (const each of placed.sort((a, b) => a.one.at.getTime() - b.one.at.getTime())) {
    const nth = seen.get(each.one.number) ?? 0;
    seen.set(each.one.number, nth + 1);
    groups[nth] ??= [];
    groups[nth].push(each);
  }
  return groups;
}

/** Prepared rows that the database has or is given, each number once; a statement's parameters before theirs are ours. */
export type Rows = { sql: string; values: unknown[] };
export const firstOfRows = 3;

/** Of one that is new nothing more is said: in a large file most are. */
type Stored = { number: string; before: null; changed: null } | Kept;
type Kept = Moved & { before: string; before_moved_at: Date; changed: boolean };

/** Stores them and tells whoever follows. `followed`: only of those that somebody follows the answer speaks. */
export async function storeRows(
  tx: Tx,
  sourceId: number,
  { sql, values }: Rows,
  told: 'all' | 'followed',
  deps: Deps,
): Promise<Stored[]> {
  const parameters = [sourceId, deps.clock.now(), ...values];
  const stored = await tx.query<Stored>(`${upsert(sql)} ${told === 'all' ? '' : onlyFollowed}`, parameters);
  const news = stored.filter(
    (row): row is Kept =>
      row.before !== null && (row.before !== row.state || row.before_moved_at.getTime() !== row.moved_at.getTime()),
  );
  await tellFollowers(tx, sourceId, news, deps);
  return stored;
}

/** A program that says each night how things stand, with the time of the night, has said nothing new. */
const again = `(excluded.moved_at > c.moved_at AND (c.steps -> -1) - '{at,again}'::text[] = (excluded.steps -> 0) - 'at')`;
/** But the step keeps when it was said last, `again`: what comes late and lies between is followed by the step once more. */
const saidLast = `coalesce((c.steps -> -1 ->> 'again')::timestamptz, c.moved_at)`;
const latest = `excluded.moved_at >= ${saidLast}`;
const between = `(excluded.moved_at > c.moved_at AND excluded.moved_at < ${saidLast} AND NOT ${again})`;
/** What else it says of the step that is the latest holds: of a later one, or of that very one, which may have been said again since. */
const ofLatest = `(${latest} OR (excluded.moved_at, excluded.state) = (c.moved_at, c.state))`;
/** An office may promise another day than the kind's; what it has promised with a later step holds. */
const promised =
  '(excluded.promised_at IS NOT NULL AND excluded.promised_at >= coalesce(c.promised_at, excluded.promised_at))';

/**
 * The steps with one more. The same state at the same time is the same step: another note takes the place of the first. What
 * the step before it says already is no step, and is marked there; where that was said again later, it stands once more after.
 */
const placed = `(
      SELECT CASE WHEN prior - '{at,again}'::text[] = fresh - 'at' THEN
        (SELECT jsonb_agg(CASE WHEN step = prior THEN step || jsonb_build_object('again', greatest(step ->> 'again', fresh ->> 'at')) ELSE step END
                          ORDER BY nth) FROM jsonb_array_elements(c.steps) WITH ORDINALITY AS s (step, nth))
      ELSE
        (SELECT jsonb_agg(step ORDER BY step ->> 'at', nth) FROM (
           SELECT CASE WHEN step = prior AND step ->> 'again' > fresh ->> 'at' THEN step - 'again' ELSE step END AS step, nth
             FROM jsonb_array_elements(c.steps) WITH ORDINALITY AS s (step, nth) WHERE NOT step @> (fresh - 'note')
           UNION ALL SELECT fresh || coalesce((SELECT jsonb_build_object('again', step -> 'again') FROM jsonb_array_elements(c.steps) step
                                                WHERE step @> (fresh - 'note') AND step ? 'again'), '{}'), 100000
           UNION ALL SELECT prior - 'again' || jsonb_build_object('at', prior -> 'again'), 100001 WHERE prior ->> 'again' > fresh ->> 'at') each)
      END
        FROM (SELECT excluded.steps -> 0 AS fresh,
                     (SELECT step FROM jsonb_array_elements(c.steps) WITH ORDINALITY AS s (step, nth)
                       WHERE step ->> 'at' < excluded.steps -> 0 ->> 'at' ORDER BY step ->> 'at' DESC, nth DESC LIMIT 1) AS prior) known)`;
/** One that may have no more steps takes what it has already, said anew. */
const fits = `CASE WHEN jsonb_array_length(c.steps) < ${mostSteps - 1} OR c.steps @> excluded.steps THEN true
                   ELSE jsonb_array_length(${placed}) <= greatest(${mostSteps}, jsonb_array_length(c.steps)) END`;
/** The steps as people see them. */
const said = (row: 'old' | 'new') =>
  `(SELECT jsonb_agg(step - 'again' ORDER BY nth) FROM jsonb_array_elements(${row}.steps) WITH ORDINALITY AS s (step, nth))`;

// One order for everybody, so that two who store the same cases cannot wait for each other in a circle.
const upsert = (rows: string) => `
  WITH stored AS (
  INSERT INTO cases AS c (source_id, number, kind, person_hash, tail_hash, code_hash, state, steps, opened_at, moved_at, due_at,
                          promised_at, done_at, place, updated_at)
  SELECT $1, number, kind, person_hash, tail_hash, code_hash, state, steps, at, at, due_at, CASE WHEN promised THEN at END,
         CASE WHEN done THEN at END, place, $2::timestamptz
    FROM (${rows}) r ORDER BY number
  ON CONFLICT (number, source_id) DO UPDATE SET
    person_hash = coalesce(excluded.person_hash, c.person_hash),
    tail_hash = coalesce(excluded.tail_hash, c.tail_hash),
    code_hash = coalesce(excluded.code_hash, c.code_hash),
    steps = CASE WHEN c.steps @> excluded.steps THEN c.steps ELSE ${placed} END,
    state = CASE WHEN ${latest} THEN excluded.state ELSE c.state END,
    done_at = CASE WHEN ${latest} AND NOT ${again} THEN excluded.done_at
                   WHEN ${between} AND c.done_at IS NOT NULL THEN ${saidLast} ELSE c.done_at END,
    place = CASE WHEN ${ofLatest} AND excluded.place <> '' THEN excluded.place ELSE c.place END,
    due_at = CASE WHEN ${promised} OR (c.promised_at IS NULL AND excluded.opened_at < c.opened_at) THEN excluded.due_at ELSE c.due_at END,
    promised_at = CASE WHEN ${promised} THEN excluded.promised_at ELSE c.promised_at END,
    opened_at = least(c.opened_at, excluded.opened_at),
    moved_at = CASE WHEN ${again} THEN c.moved_at WHEN ${between} THEN ${saidLast} ELSE greatest(c.moved_at, excluded.moved_at) END,
    flagged_at = CASE WHEN ${ofLatest} AND excluded.done_at IS NOT NULL OR ${promised} AND excluded.due_at > $2::timestamptz
                      THEN NULL ELSE c.flagged_at END,
    updated_at = excluded.updated_at
  WHERE c.kind = excluded.kind AND ${fits}
  RETURNING number, old.state AS before, old.moved_at AS before_moved_at,
            CASE WHEN old.id IS NOT NULL THEN kind END AS kind, CASE WHEN old.id IS NOT NULL THEN state END AS state,
            CASE WHEN old.id IS NOT NULL THEN moved_at END AS moved_at,
            CASE WHEN old.id IS NOT NULL THEN (old.person_hash, old.tail_hash, old.code_hash, old.place, old.due_at)
              IS DISTINCT FROM (new.person_hash, new.tail_hash, new.code_hash, new.place, new.due_at)
              OR old.steps <> new.steps AND ${said('old')} IS DISTINCT FROM ${said('new')} END AS changed)
  SELECT number, before, before_moved_at, kind, state, moved_at, changed FROM stored`;

const onlyFollowed = `
   WHERE before IS NOT NULL AND EXISTS (SELECT FROM case_follows f WHERE f.source_id = $1 AND f.number = stored.number)`;
