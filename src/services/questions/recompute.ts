import { createHash } from 'node:crypto';
import type { ServiceDeps } from '../../dialogue/service';
import { readCalendar } from '../../platform/calendar-setting';
import type { Queryable, Tx } from '../../platform/database';
import type { Live } from '../../platform/live';
import { readRules } from './clocks';
import { type ClockRow, clockColumns, dueTimes, firstMoment } from './due-times';
import { readPolicies } from './policies';
import { type Place, pathColumn, questionsWithPlace, tellPages } from './tell-pages';

type Deps = Pick<ServiceDeps, 'db' | 'settings' | 'live' | 'clock'>;

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
  let seen: Progress = { done: 0, total: await countOpen(deps.db, '/'), at: deps.clock.now().toISOString() };
  let last: string | undefined = '0';
  while (last !== undefined) ({ last, seen } = await recomputeBatch(last, seen, deps));
  // What was asked for in between is found stale by its own job.
  await deps.settings.set(reckonedKey, wanted);
}

/** How far the last reckoning has come, as supervisors' pages show it. */
export type Progress = { done: number; total: number; at: string };
const progressKey = 'questions.recompute-progress';

export async function progressOf(on: Queryable): Promise<Progress | null> {
  const [row] = await on.query<{ value: Progress }>('SELECT value FROM settings WHERE key = $1', [progressKey]);
  return row?.value ?? null;
}

/** How many open questions other rules would move, at or below a place: those with a department, whose clocks run. */
export async function countOpen(on: Queryable, path: string): Promise<number> {
  const [row] = await on.query<{ open: number }>(
    `SELECT count(*)::int AS open FROM questions q JOIN organisations o ON o.id = q.organisation_id
      WHERE q.status = 'open' AND o.path LIKE $1`,
    [`${path}%`],
  );
  return row!.open;
}

type Batch = { last: string | undefined; seen: Progress };

/** @returns the last question looked at; undefined when there are no more */
function recomputeBatch(after: string, before: Progress, { db, live, clock }: Deps): Promise<Batch> {
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
    const last = rows.at(-1)?.id;
    const done = before.done + rows.filter(({ department }) => department !== null).length;
    const total = last === undefined ? done : Math.max(before.total, done);
    const seen = { done, total, at: clock.now().toISOString() };
    await keepProgress(tx, seen, live);
    return { last, seen };
  });
}

/** Stored for a page that is opened later; of no concern to other processes, so that none is told to read its settings again. */
async function keepProgress(tx: Tx, seen: Progress, live: Live): Promise<void> {
  await tx.query(
    `INSERT INTO settings (key, value, updated_at) VALUES ($1, $2::jsonb, $3)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`,
    [progressKey, JSON.stringify(seen), seen.at],
  );
  const [root] = await tx.query<{ path: string }>(
    'SELECT path FROM organisations WHERE parent_id IS NULL ORDER BY id LIMIT 1',
  );
  await live.publish(tx, { topic: 'question-rules', path: root!.path, roles: ['supervisor'], data: seen });
}

const sameTime = (one: Date | null, other: Date | null) => one?.getTime() === other?.getTime();

async function fingerprint(on: Queryable): Promise<string> {
  const rules = [await readCalendar(on), await readPolicies(on)];
  return createHash('sha256').update(JSON.stringify(rules)).digest('base64url');
}
