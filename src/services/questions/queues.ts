import type { ServiceDeps } from '../../dialogue/service';
import type { Staff } from '../../people/staff';
import type { Queryable } from '../../platform/database';
import { counted, type Queue, type Row } from './contract';
import { fromPlace, toPlace } from './place';
import { likes, sightOf } from './scope';
import { type QuestionRow, selectQuestions } from './tables';
import { citizenName, excerpt } from './wording';

export type Page = { after?: string; limit: number };

/** Whose questions: a department's, or those of an account that no department has yet. */
type Origin = { roots: string; theirs: string };
/** A queue is read along its index, from where the last page ended. */
type Source = {
  /** the rows to put in order; `$1` departments, `$2` accounts in sight, `$3` caller, `$4` now, `$5` and `$6` the place, `$7` how many */
  from: string;
  latestFirst?: boolean;
};

const awake = '(snoozed_until IS NULL OR snoozed_until <= $4)';
const ofDepartments: Origin = {
  roots: 'SELECT id AS root FROM organisations WHERE path LIKE ANY ($1)',
  theirs: 'organisation_id = r.root',
};
const ofAccounts: Origin = {
  roots:
    'SELECT a.id AS root FROM accounts a JOIN organisations o ON o.id = a.organisation_id WHERE o.path LIKE ANY ($2)',
  theirs: 'account_id = r.root AND organisation_id IS NULL',
};

/**
 * The first rows of many departments, each read along its own index. What is among the first $7 of all is in one of the $7
 * departments whose own first ones come first: of the others no more than that one is read.
 */
const first = ({ roots, theirs }: Origin, where: string, order: string, direction: 'ASC' | 'DESC' = 'ASC') => {
  const rows = (most: string) =>
    `SELECT id, ${order} AS place FROM questions WHERE ${theirs} AND ${where}
        AND (${order}, id) ${direction === 'ASC' ? '>' : '<'} ($5::timestamptz, $6::bigint)
      ORDER BY ${order} ${direction}, id ${direction} LIMIT ${most}`;
  return `SELECT h.id, h.place FROM (
            SELECT r.root FROM (${roots}) r JOIN LATERAL (${rows('1')}) one ON true
             ORDER BY one.place ${direction}, one.id ${direction} LIMIT $7) r
          JOIN LATERAL (${rows('$7')}) h ON true`;
};
const due = (origin: Origin, where: string) => first(origin, `status = 'open' AND ${where}`, 'next_due_at');
const done = (status: 'answered' | 'closed') =>
  [ofDepartments, ofAccounts]
    .map((origin) => `(${first(origin, `status = '${status}'`, 'last_at', 'DESC')})`)
    .join(' UNION ALL ');

const sources: Record<Queue, Source> = {
  mine: {
    from: `SELECT q.id, q.next_due_at AS place FROM questions q JOIN organisations d ON d.id = q.organisation_id
            WHERE q.assignee_id = $3 AND q.status = 'open' AND ${awake} AND d.path LIKE ANY ($1)
              AND (q.next_due_at, q.id) > ($5::timestamptz, $6::bigint)`,
  },
  unassigned: { from: due(ofDepartments, `assignee_id IS NULL AND ${awake}`) },
  department: { from: due(ofDepartments, awake) },
  overdue: { from: `(${due(ofDepartments, 'next_due_at <= $4')}) UNION ALL (${due(ofAccounts, 'next_due_at <= $4')})` },
  dispatch: { from: due(ofAccounts, awake) },
  snoozed: { from: first(ofDepartments, `status = 'open' AND snoozed_until > $4`, 'snoozed_until') },
  answered: { from: done('answered'), latestFirst: true },
  closed: { from: done('closed'), latestFirst: true },
  joint: {
    from: `SELECT DISTINCT q.id, q.place FROM question_helpers h JOIN organisations d ON d.id = h.organisation_id
             JOIN LATERAL (SELECT id, next_due_at AS place FROM questions WHERE id = h.question_id AND status = 'open'
                              AND (next_due_at, id) > ($5::timestamptz, $6::bigint) OFFSET 0) q ON true
            WHERE h.ended_at IS NULL AND d.path LIKE ANY ($1)`,
  },
};

/** One page of a queue. */
export async function listQueue(queue: Queue, caller: Staff, { after, limit }: Page, deps: ServiceDeps) {
  const { from, latestFirst } = sources[queue];
  const order = latestFirst ? 'DESC' : 'ASC';
  const start = latestFirst ? 'infinity' : '-infinity';
  const [at, id] = fromPlace(after) ?? [start, latestFirst ? '9223372036854775807' : '0'];
  const sight = likes(sightOf(caller));
  const now = deps.clock.now();
  const heads = await deps.db.named<Head>(
    `questions-queue-${queue}`,
    `SELECT id::text, CASE WHEN isfinite(place) THEN to_char(place AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
                           ELSE place::text END AS place
       FROM (${from}) heads, (SELECT $1::text[], $2::text[], $3::int, $4::timestamptz) AS given
      ORDER BY heads.place ${order}, heads.id ${order} LIMIT $7`,
    [sight.departments, sight.undispatched, caller.id, now, at, id, limit + 1],
  );
  return page(heads, limit, now, deps);
}

/** How many in each queue; beyond this it only says that there are many. */
const countedTo = 1000;

const countAll = `SELECT ${counted
  .map((queue) => `(SELECT count(*)::int FROM (${sources[queue].from} LIMIT $7) ${queue}) AS ${queue}`)
  .join(', ')} FROM (SELECT $1::text[], $2::text[], $3::int, $4::timestamptz) AS given`;

export async function countQueues(caller: Staff, deps: ServiceDeps): Promise<Record<(typeof counted)[number], number>> {
  const sight = likes(sightOf(caller));
  const [row] = await deps.db.named<Record<(typeof counted)[number], number>>('questions-counts', countAll, [
    sight.departments,
    sight.undispatched,
    caller.id,
    deps.clock.now(),
    '-infinity',
    '0',
    countedTo,
  ]);
  return row!;
}

type Head = { id: string; place: string };

async function page(heads: Head[], limit: number, now: Date, { db }: ServiceDeps) {
  const shown = heads.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: await rowsOf(
      shown.map(({ id }) => id),
      now,
      db,
    ),
    next: heads.length > limit && last ? toPlace(last.place, last.id) : null,
  };
}

const selectPage = `${selectQuestions} WHERE q.id = ANY ($1::bigint[])`;

/** The questions with these ids, in this order. */
export async function rowsOf(ids: string[], now: Date, db: Queryable): Promise<Row[]> {
  const rows = await db.named<QuestionRow>('questions-page', selectPage, [ids]);
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => byId.get(id) ?? []).map((row) => show(row, now));
}

export function show(row: QuestionRow, now: Date): Row {
  const iso = (at: Date | null) => at?.toISOString() ?? null;
  return {
    id: row.id,
    number: row.number,
    excerpt: excerpt(row.text),
    citizen: citizenName(row.openid),
    organisation: row.organisation_id === null ? null : { id: row.organisation_id, title: row.organisation_title! },
    assignee: row.assignee_id === null ? null : { id: row.assignee_id, name: row.assignee_name! },
    status: row.status,
    askedAt: row.asked_at.toISOString(),
    lastAt: row.last_at.toISOString(),
    waitingSince: iso(row.waiting_since),
    // Once the first reply has gone its time counts no more.
    firstDueAt: row.first_replied_at === null ? iso(row.first_due_at) : null,
    dueAt: iso(row.due_at),
    pausedAt: iso(row.paused_at),
    snoozedUntil: row.snoozed_until && row.snoozed_until > now ? row.snoozed_until.toISOString() : null,
    overdue: row.next_due_at !== null && row.next_due_at <= now,
    unread: row.unread,
    priority: row.priority,
    images: row.images,
    bounced: row.bounced,
    reopened: row.reopened,
    escalated: row.escalated_at !== null,
    solved: row.solved,
    satisfied: row.satisfied,
  };
}
