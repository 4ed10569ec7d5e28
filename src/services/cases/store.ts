import type { ServiceDeps } from '../../dialogue/service';
import { documentHash } from '../../people/identity/bindings';
import type { IdentityDocument } from '../../people/identity/documents';
import { booleans, floats, texts } from '../../platform/binary-arrays';
import { calendarOf } from '../../platform/calendar-setting';
import type { Tx } from '../../platform/database';
import { isDone, kinds } from './kinds';
import { codeHash, tailHash } from './stored';
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

/** `other-kind`: there is a case of that number which is of another kind; it was left alone. */
export type Outcome = 'added' | 'changed' | 'same' | 'other-kind';

/**
 * Takes over what an office reports, in any order and as often as it likes: a step that is known changes nothing, a late one
 * finds its place; the newest step's state and words again, with a later time, are no step. Who follows a case that has moved is told, in the same transaction.
 * @returns what became of each
 */
export async function storeCases(tx: Tx, sourceId: number, reported: Reported[], deps: Deps): Promise<Outcome[]> {
  const outcomes: Outcome[] = Array(reported.length).fill('other-kind');
  for (const group of distinct(reported)) {
    const places = new Map(group.map(({ place, one }) => [one.number, place]));
    const rows = await tx.query<StoredRow>(
      upsert,
      columnsOf(
        sourceId,
        group.map(({ one }) => one),
        deps,
      ),
    );
    for (const { number, before, changed } of rows)
      outcomes[places.get(number)!] = before === null ? 'added' : changed ? 'changed' : 'same';
    const news = rows.filter(
      (row): row is Kept =>
        row.before !== null && (row.before !== row.state || row.before_moved_at.getTime() !== row.moved_at.getTime()),
    );
    await tellFollowers(tx, sourceId, news, deps);
  }
  return outcomes;
}

type Kept = Moved & { before: string; before_moved_at: Date; changed: boolean };
/** Of one that is new nothing more is said: in a large file most are. */
type StoredRow = Kept | { number: string; before: null; changed: null };
type Placed = { place: number; one: Reported };

/** Several steps of one case follow one another: a statement may touch a row only once. */
function distinct(reported: Reported[]): Placed[][] {
  const groups: Map<string, Placed>[] = [];
  const seen = new Map<string, number>();
  const placed = reported.map((one, place) => ({ place, one }));
  for (const each of placed.sort((a, b) => a.one.at.getTime() - b.one.at.getTime())) {
    const { number } = each.one;
    const nth = seen.get(number) ?? 0;
    seen.set(number, nth + 1);
    groups[nth] ??= new Map();
    groups[nth].set(number, each);
  }
  // One order for everybody, so that two who store the same cases cannot wait for each other in a circle.
  return groups.map((group) => [...group.values()].sort((a, b) => (a.one.number < b.one.number ? -1 : 1)));
}

function columnsOf(sourceId: number, group: Reported[], { clock, encryption, settings }: Deps): unknown[] {
  const calendar = calendarOf(settings);
  const due = ({ dueAt, kind, at }: Reported) => dueAt ?? calendar.addWorkingDays(at, kinds.get(kind)!.days);
  const tail = ({ number, document }: Reported) =>
    document ? tailHash(number, document.number.slice(-4), encryption) : null;
  const person = ({ document }: Reported) => (document ? documentHash(document, encryption) : null);
  const code = ({ number, code }: Reported) => (code ? codeHash(number, code, encryption) : null);
  return [
    sourceId,
    clock.now(),
    texts(group.map(({ number }) => number)),
    texts(group.map(({ kind }) => kind)),
    texts(group.map(person)),
    texts(group.map(tail)),
    texts(group.map(code)),
    texts(group.map(({ state }) => state)),
    texts(group.map(({ at }) => at.toISOString())),
    texts(group.map(({ note }) => note ?? '')),
    floats(group.map((one) => due(one).getTime() / 1000)),
    booleans(group.map(({ kind, state }) => isDone(kind, state))),
    texts(group.map(({ place }) => place ?? '')),
    booleans(group.map(({ dueAt }) => dueAt !== undefined)),
  ];
}

/** A program that says each night how things stand, with the time of the night, has said nothing new. */
const again = `(excluded.moved_at > c.moved_at AND (c.steps -> -1) - 'at' = (excluded.steps -> 0) - 'at')`;
const latest = 'excluded.moved_at >= c.moved_at';
/** An office may promise another day than the kind's; what it has promised with a later step holds. */
const promised =
  '(excluded.promised_at IS NOT NULL AND excluded.promised_at >= coalesce(c.promised_at, excluded.promised_at))';

const upsert = `
  INSERT INTO cases AS c (source_id, number, kind, person_hash, tail_hash, code_hash, state, steps, opened_at, moved_at, due_at,
                          promised_at, done_at, place, updated_at)
  SELECT $1, number, kind, person, tail, code, state,
         CASE note WHEN '' THEN jsonb_build_array(jsonb_build_object('state', state, 'at', step_at))
                   ELSE jsonb_build_array(jsonb_build_object('state', state, 'at', step_at, 'note', note)) END,
         at, at, to_timestamp(due), CASE WHEN promised THEN at END, CASE WHEN done THEN at END, place, $2::timestamptz
    FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
                $11::float8[], $12::bool[], $13::text[], $14::bool[])
           AS r (number, kind, person, tail, code, state, step_at, note, due, done, place, promised),
         LATERAL CAST(step_at AS timestamptz) AS at
  ON CONFLICT (number, source_id) DO UPDATE SET
    person_hash = coalesce(excluded.person_hash, c.person_hash),
    tail_hash = coalesce(excluded.tail_hash, c.tail_hash),
    code_hash = coalesce(excluded.code_hash, c.code_hash),
    -- the same state at the same time is the same step: another note takes the place of the first
    steps = CASE WHEN c.steps @> excluded.steps OR ${again} THEN c.steps ELSE
      (SELECT jsonb_agg(step ORDER BY step ->> 'at', nth) FROM jsonb_array_elements(c.steps || excluded.steps) WITH ORDINALITY AS s (step, nth)
        WHERE nth > jsonb_array_length(c.steps) OR NOT step @> ((excluded.steps -> 0) - 'note')) END,
    state = CASE WHEN ${latest} THEN excluded.state ELSE c.state END,
    done_at = CASE WHEN ${latest} AND NOT ${again} THEN excluded.done_at ELSE c.done_at END,
    place = CASE WHEN ${latest} AND excluded.place <> '' THEN excluded.place ELSE c.place END,
    due_at = CASE WHEN ${promised} OR (c.promised_at IS NULL AND excluded.opened_at < c.opened_at) THEN excluded.due_at ELSE c.due_at END,
    promised_at = CASE WHEN ${promised} THEN excluded.promised_at ELSE c.promised_at END,
    opened_at = least(c.opened_at, excluded.opened_at),
    moved_at = CASE WHEN ${again} THEN c.moved_at ELSE greatest(c.moved_at, excluded.moved_at) END,
    flagged_at = CASE WHEN ${latest} AND excluded.done_at IS NOT NULL OR ${promised} AND excluded.due_at > $2::timestamptz
                      THEN NULL ELSE c.flagged_at END,
    updated_at = excluded.updated_at
  WHERE c.kind = excluded.kind
  RETURNING number, old.state AS before, old.moved_at AS before_moved_at,
            CASE WHEN old.id IS NOT NULL THEN kind END AS kind, CASE WHEN old.id IS NOT NULL THEN state END AS state,
            CASE WHEN old.id IS NOT NULL THEN moved_at END AS moved_at,
            CASE WHEN old.id IS NOT NULL THEN (old.steps, old.person_hash, old.tail_hash, old.code_hash, old.place, old.due_at)
              IS DISTINCT FROM (new.steps, new.person_hash, new.tail_hash, new.code_hash, new.place, new.due_at) END AS changed`;
