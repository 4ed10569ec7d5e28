import type { ServiceDeps } from '../../dialogue/service';
import type { Staff } from '../../people/staff';
import { counted, type Queue, type Row } from './contract';
import { fromPlace, toPlace } from './place';
import { likes, seenWhere, sightOf } from './scope';
import { type QuestionRow, selectQuestions } from './tables';
import { citizenName, excerpt } from './wording';
import { queryOf } from './words';

type Page = { after?: string; limit: number };

/**
 * A queue is read along its index, from where the last page ended: that of each department in sight for itself, and the heads of
 * these put in order.
 */
type Source = {
  /** the rows to put in order; `$1` departments, `$2` accounts in sight, `$3` caller, `$4` now, `$5` and `$6` the place, `$7` how many */
  from: string;
  latestFirst?: boolean;
};

const awake = '(snoozed_until IS NULL OR snoozed_until <= $4)';
const departments = 'organisations d JOIN LATERAL';
const each = (where: string, order = 'next_due_at') =>
  `SELECT h.id, h.place FROM ${departments} (
     SELECT id, ${order} AS place FROM questions WHERE organisation_id = d.id AND status = 'open' AND ${where}
        AND (${order}, id) > ($5::timestamptz, $6::bigint) ORDER BY ${order}, id LIMIT $7) h ON true
    WHERE d.path LIKE ANY ($1)`;
const undispatched = (where: string) =>
  `SELECT h.id, h.place FROM accounts a JOIN organisations ao ON ao.id = a.organisation_id JOIN LATERAL (
     SELECT id, next_due_at AS place FROM questions WHERE account_id = a.id AND organisation_id IS NULL AND status = 'open'
        AND ${where} AND (next_due_at, id) > ($5::timestamptz, $6::bigint) ORDER BY next_due_at, id LIMIT $7) h ON true
    WHERE ao.path LIKE ANY ($2)`;
const done = (status: 'answered' | 'closed') =>
  `SELECT h.id, h.place FROM ${departments} (
     SELECT id, last_at AS place FROM questions WHERE organisation_id = d.id AND status = '${status}'
        AND (last_at, id) < ($5::timestamptz, $6::bigint) ORDER BY last_at DESC, id DESC LIMIT $7) h ON true
    WHERE d.path LIKE ANY ($1)
   UNION ALL
   SELECT h.id, h.place FROM accounts a JOIN organisations ao ON ao.id = a.organisation_id JOIN LATERAL (
     SELECT id, last_at AS place FROM questions WHERE account_id = a.id AND organisation_id IS NULL AND status = '${status}'
        AND (last_at, id) < ($5::timestamptz, $6::bigint) ORDER BY last_at DESC, id DESC LIMIT $7) h ON true
    WHERE ao.path LIKE ANY ($2)`;

const sources: Record<Queue, Source> = {
  mine: {
    from: `SELECT q.id, q.next_due_at AS place FROM questions q JOIN organisations d ON d.id = q.organisation_id
            WHERE q.assignee_id = $3 AND q.status = 'open' AND ${awake} AND d.path LIKE ANY ($1)
              AND (q.next_due_at, q.id) > ($5::timestamptz, $6::bigint)`,
  },
  unassigned: { from: each(`assignee_id IS NULL AND ${awake}`) },
  department: { from: each(awake) },
  overdue: { from: `${each('next_due_at <= $4')} UNION ALL ${undispatched('next_due_at <= $4')}` },
  dispatch: { from: undispatched(awake) },
  snoozed: { from: each('snoozed_until > $4', 'snoozed_until') },
  answered: { from: done('answered'), latestFirst: true },
  closed: { from: done('closed'), latestFirst: true },
};

/** One page of a queue. */
export async function listQueue(queue: Queue, caller: Staff, { after, limit }: Page, deps: ServiceDeps) {
  const { from, latestFirst } = sources[queue];
  const order = latestFirst ? 'DESC' : 'ASC';
  const start = latestFirst ? 'infinity' : '-infinity';
  const [at, id] = fromPlace(after) ?? [start, latestFirst ? '9223372036854775807' : '0'];
  const sight = likes(sightOf(caller));
  const now = deps.clock.now();
  const heads = await deps.db.query<Head>(
    `SELECT id::text, CASE WHEN isfinite(place) THEN to_char(place AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
                           ELSE place::text END AS place
       FROM (${from}) heads, (SELECT $1::text[], $2::text[], $3::int, $4::timestamptz) AS given
      ORDER BY heads.place ${order}, heads.id ${order} LIMIT $7`,
    [sight.departments, sight.undispatched, caller.id, now, at, id, limit + 1],
  );
  return page(heads, limit, now, deps);
}

/** By number or by words, wherever it stands; in one queue's state where one is given. Newest first. */
export async function search(
  { text, queue }: { text: string; queue?: Queue },
  caller: Staff,
  { after, limit }: Page,
  deps: ServiceDeps,
) {
  const now = deps.clock.now();
  const number = /^q\d{6,}$/i.test(text.trim()) ? text.trim().toUpperCase() : null;
  const query = number ? null : (queryOf(text) ?? null);
  if (!number && !query) return { items: [], next: null };
  const sight = likes(sightOf(caller));
  const heads = await deps.db.query<Head>(
    `SELECT q.id::text, 'infinity' AS place FROM questions q
       JOIN accounts a ON a.id = q.account_id JOIN organisations ao ON ao.id = a.organisation_id
       LEFT JOIN organisations o ON o.id = q.organisation_id
      WHERE ${number ? 'q.number = $1' : 'q.search @@ $1::tsquery'} AND ${seenWhere(2)}
        AND ($4::bigint IS NULL OR q.id < $4) AND ${within(queue)}
        AND ($5::int IS NOT NULL AND $6::timestamptz IS NOT NULL)
      ORDER BY q.id DESC LIMIT $7`,
    [number ?? query, sight.departments, sight.undispatched, fromPlace(after)?.[1] ?? null, caller.id, now, limit + 1],
  );
  return page(heads, limit, now, deps);
}

/** How many in each queue; beyond this it only says that there are many. */
const countedTo = 1000;

export async function countQueues(caller: Staff, deps: ServiceDeps): Promise<Record<(typeof counted)[number], number>> {
  const sight = likes(sightOf(caller));
  const now = deps.clock.now();
  const counts = await Promise.all(
    counted.map(async (queue) => {
      const [row] = await deps.db.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM (SELECT heads.id FROM (${sources[queue].from}) heads,
                (SELECT $1::text[], $2::text[], $3::int, $4::timestamptz) AS given LIMIT $7) counted`,
        [sight.departments, sight.undispatched, caller.id, now, '-infinity', '0', countedTo],
      );
      return [queue, row!.count] as const;
    }),
  );
  return Object.fromEntries(counts) as Record<(typeof counted)[number], number>;
}

function within(queue: Queue | undefined): string {
  switch (queue) {
    case undefined:
      return 'true';
    case 'answered':
    case 'closed':
      return `q.status = '${queue}'`;
    case 'mine':
      return `q.status = 'open' AND q.assignee_id = $5`;
    case 'unassigned':
      return `q.status = 'open' AND q.assignee_id IS NULL AND q.organisation_id IS NOT NULL`;
    case 'dispatch':
      return `q.status = 'open' AND q.organisation_id IS NULL`;
    case 'overdue':
      return `q.status = 'open' AND q.next_due_at <= $6`;
    case 'snoozed':
      return `q.status = 'open' AND q.snoozed_until > $6`;
    case 'department':
      return `q.status = 'open'`;
  }
}

type Head = { id: string; place: string };

async function page(heads: Head[], limit: number, now: Date, { db }: ServiceDeps) {
  const shown = heads.slice(0, limit);
  const rows = await db.query<QuestionRow>(`${selectQuestions} WHERE q.id = ANY ($1::bigint[])`, [
    shown.map(({ id }) => id),
  ]);
  const byId = new Map(rows.map((row) => [row.id, row]));
  const last = shown.at(-1);
  return {
    items: shown.flatMap(({ id }) => (byId.has(id) ? [show(byId.get(id)!, now)] : [])),
    next: heads.length > limit && last ? toPlace(last.place, last.id) : null,
  };
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
  };
}
