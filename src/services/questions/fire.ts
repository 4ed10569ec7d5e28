import type { ServiceDeps } from '../../dialogue/service';
import { shanghai } from '../../platform/clock';
import type { Tx } from '../../platform/database';
import { holdRules } from './clocks';
import { type ClockRow, clockColumns, dueNow, type FireKind } from './due-times';
import { notifyStaff } from './notify';
import { type Place, pathColumn, questionsWithPlace, tellPages } from './tell-pages';

type Deps = Pick<ServiceDeps, 'db' | 'clock' | 'live' | 'notify'>;
type Row = ClockRow & Place;
type Fire = { row: Row; kind: FireKind };

const batch = 500;

/**
 * Everything that is due by the clock. Any number of processes at once: each takes questions that no other has.
 * @returns how many questions this one looked at
 */
export async function fireDue(deps: Deps): Promise<number> {
  let all = 0;
  for (let looked = batch; looked === batch; all += looked) looked = await fireBatch(deps);
  return all;
}

/** One transaction: what fired, and all that comes of it, or nothing. */
function fireBatch({ db, clock, live, notify }: Deps): Promise<number> {
  return db.transaction(async (tx) => {
    const now = clock.now();
    const rules = await holdRules(tx);
    // What comes due by a late start or another calendar waits for the morning, too.
    if (!rules.calendar.isWorking(now)) return 0;
    const rows = await tx.query<Row>(
      `SELECT ${clockColumns}, ${pathColumn} FROM ${questionsWithPlace}
        WHERE q.next_fire_at <= $1
        ORDER BY q.next_fire_at, q.id LIMIT ${batch} FOR UPDATE OF q SKIP LOCKED`,
      [now],
    );
    const looked = rows.map((row) => ({ row, ...dueNow(row, rules, now) }));
    const wanted = looked.flatMap(({ row, fires }) => fires.map((kind) => ({ row, kind })));
    await setNext(tx, looked);
    const fired = await claim(tx, wanted, now);
    await write(tx, fired, now);
    await raise(tx, fired, now);
    const happened = fired.map(({ row, kind }) => ({ ...row, event: kind }));
    await tellPages(tx, live, happened);
    await notifyStaff(tx, { notify }, happened);
    return rows.length;
  });
}

const setNext = (tx: Tx, looked: { row: Row; next: Date | null }[]) =>
  tx.query(
    `UPDATE questions q SET next_fire_at = n.at FROM unnest($1::bigint[], $2::timestamptz[]) AS n (id, at) WHERE q.id = n.id`,
    [looked.map(({ row }) => row.id), looked.map(({ next }) => next)],
  );

/** Those that have not fired in this cycle before. The key of the table decides, whatever is thought here. */
async function claim(tx: Tx, wanted: Fire[], now: Date): Promise<Fire[]> {
  const made = await tx.query<{ id: string; kind: FireKind }>(
    `INSERT INTO question_fires (question_id, kind, cycle, at)
     SELECT id, kind, cycle, $4::timestamptz FROM unnest($1::bigint[], $2::text[], $3::int[]) AS f (id, kind, cycle)
     ON CONFLICT DO NOTHING RETURNING question_id AS id, kind`,
    [wanted.map(({ row }) => row.id), wanted.map(({ kind }) => kind), wanted.map(({ row }) => row.cycle), now],
  );
  const first = new Set(made.map(({ id, kind }) => `${id} ${kind}`));
  return wanted.filter(({ row, kind }) => first.has(`${row.id} ${kind}`));
}

const write = (tx: Tx, fired: Fire[], now: Date) =>
  tx.query(
    `INSERT INTO question_messages (question_id, at, kind, text)
     SELECT id, $3::timestamptz, 'event', text FROM unnest($1::bigint[], $2::text[]) AS e (id, text)`,
    [fired.map(({ row }) => row.id), fired.map(({ row, kind }) => says[kind](row)), now],
  );

const says: Record<FireKind, (row: ClockRow) => string> = {
  'first-warning': (row) => `提醒：首次答复时限 ${shanghai(row.first_due_at!)}，请尽快答复。`,
  'due-warning': (row) => `提醒：办理期限 ${shanghai(row.due_at!)}，请抓紧办理。`,
  'first-chase': (row) => `催办：已超过首次答复时限（${shanghai(row.first_due_at!)}），请马上答复。`,
  chase: (row) => `催办：已超过办理期限（${shanghai(row.due_at!)}），请马上办理。`,
  escalation: (row) =>
    row.first_replied_at
      ? `督办：超过办理期限（${shanghai(row.due_at!)}）仍未办结，已转督查人员。`
      : `督办：超过首次答复时限（${shanghai(row.first_due_at!)}）仍没有答复，已转督查人员。`,
};

/**
 * A chase is urgent, an escalation most urgent and the supervisor's. Only the latter counts as a new version: a reminder must not
 * stop the answer that is just being sent.
 */
async function raise(tx: Tx, fired: Fire[], now: Date): Promise<void> {
  const ids = (...kinds: FireKind[]) => fired.filter(({ kind }) => kinds.includes(kind)).map(({ row }) => row.id);
  await tx.query('UPDATE questions SET priority = greatest(priority, 1) WHERE id = ANY ($1::bigint[])', [
    ids('first-chase', 'chase'),
  ]);
  await tx.query(
    'UPDATE questions SET priority = 2, escalated_at = $2, version = version + 1 WHERE id = ANY ($1::bigint[])',
    [ids('escalation'), now],
  );
}
