import { createHash } from 'node:crypto';
import type { ServiceDeps } from '../../dialogue/service';
import { readCalendar } from '../../platform/calendar-setting';
import type { Queryable } from '../../platform/database';
import { readRules } from './clocks';
import { type ClockRow, clockColumns, dueTimes, firstMoment } from './due-times';
import { readPolicies } from './policies';
import { type Place, pathColumn, questionsWithPlace, tellPages } from './tell-pages';

type Deps = Pick<ServiceDeps, 'db' | 'settings' | 'live'>;

export const recomputeJob = 'questions.recompute';
const batch = 500;

/** What the due times in the table were last reckoned with. */
const reckonedKey = 'questions.due-times-by';
const turnLock = 7269011;

/** After the calendar or the policies were changed; also by a deploy that brings other defaults. Again does no harm. */
export async function recomputeIfStale(deps: Deps): Promise<void> {
  const wanted = await fingerprint(deps.db);
  const [row] = await deps.db.query<{ value: string }>('SELECT value FROM settings WHERE key = $1', [reckonedKey]);
  if (row?.value === wanted) return;
  let last: string | undefined = '0';
  while (last !== undefined) last = await recomputeBatch(last, deps);
  // What was asked for in between is found stale by its own job.
  await deps.settings.set(reckonedKey, wanted);
}

/** @returns the last question looked at; undefined when there are no more */
function recomputeBatch(after: string, { db, live }: Deps): Promise<string | undefined> {
  return db.transaction(async (tx) => {
    // One at a time, and the rules read in its turn: none writes by old rules what another has reckoned by new ones.
    await tx.query('SELECT pg_advisory_xact_lock($1)', [turnLock]);
    const rules = await readRules(tx);
    const rows = await tx.query<ClockRow & Place>(
      `SELECT ${clockColumns}, ${pathColumn} FROM ${questionsWithPlace}
        WHERE q.status = 'open' AND q.id > $1 ORDER BY q.id LIMIT ${batch} FOR UPDATE OF q`,
      [after],
    );
    // A paused one is reckoned anew when it goes on.
    const running = rows.filter(({ clock_started_at, paused_at }) => clock_started_at && !paused_at);
    const fresh = running.map((row) => ({ ...row, ...dueTimes(row, rules) }));
    await tx.query(
      `UPDATE questions q SET first_due_at = n.first_due_at, due_at = n.due_at, next_fire_at = n.next_fire_at
         FROM unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[])
              AS n (id, first_due_at, due_at, next_fire_at)
        WHERE q.id = n.id AND (q.first_due_at, q.due_at, q.next_fire_at) IS DISTINCT FROM (n.first_due_at, n.due_at, n.next_fire_at)`,
      [
        fresh.map(({ id }) => id),
        fresh.map(({ first_due_at }) => first_due_at),
        fresh.map(({ due_at }) => due_at),
        fresh.map((row) => firstMoment(row, rules)),
      ],
    );
    const moved = fresh.filter(
      (row, index) =>
        !sameTime(row.due_at, running[index]!.due_at) || !sameTime(row.first_due_at, running[index]!.first_due_at),
    );
    await tellPages(
      tx,
      live,
      moved.map((row) => ({ ...row, event: 'due-times' })),
    );
    return rows.at(-1)?.id;
  });
}

const sameTime = (one: Date | null, other: Date | null) => one?.getTime() === other?.getTime();

async function fingerprint(on: Queryable): Promise<string> {
  const rules = [await readCalendar(on), await readPolicies(on)];
  return createHash('sha256').update(JSON.stringify(rules)).digest('base64url');
}
