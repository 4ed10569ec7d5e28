import type { Clock } from '../../platform/clock';
import type { Database, Queryable, Tx } from '../../platform/database';
import type { Settings } from '../../platform/settings';

/** Months of the inbox that are kept; network logs must be kept for at least six. Setting `inbox.retention-months`. */
const defaultRetention = 12;
const leastRetention = 6;
const monthsAhead = 2;

/**
 * Makes the partitions of this month and the next ones, and drops those past retention. Safe to run in several processes at
 * once, and as often as one likes.
 */
export async function keepMonths({
  db,
  clock,
  settings,
}: {
  db: Database;
  clock: Clock;
  settings: Settings;
}): Promise<void> {
  const retention = Math.max(leastRetention, settings.get('inbox.retention-months', defaultRetention));
  const now = clock.now();
  const there = await monthsThere(db);
  for (let ahead = -1; ahead <= monthsAhead; ahead++) {
    const month = startOfMonth(now, ahead);
    if (!there.has(nameOf(month))) await inTurn(db, (tx) => addMonth(tx, month));
  }
  const oldest = nameOf(startOfMonth(now, -retention));
  for (const name of there) if (name < oldest) await inTurn(db, (tx) => tx.query(`DROP TABLE IF EXISTS ${name}`));
  await db.query('DELETE FROM inbox_default WHERE received_at < $1', [startOfMonth(now, -retention)]);
}

/** One process at a time, one table at a time, and giving up (until the next sweep) rather than have callbacks queue behind it. */
async function inTurn(db: Database, work: (tx: Tx) => Promise<unknown>): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query(`SELECT set_config('lock_timeout', '2s', true)`);
    await tx.query('SELECT pg_advisory_xact_lock(7269003)');
    await work(tx);
  });
}

async function monthsThere(on: Queryable): Promise<Set<string>> {
  const rows = await on.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = 'inbox'::regclass AND c.relname ~ '^inbox_[0-9]{6}$'`,
  );
  return new Set(rows.map(({ name }) => name));
}

/** Messages of that month that already came (a clock that jumped) move over from the DEFAULT partition first. */
async function addMonth(tx: Tx, month: Date): Promise<void> {
  const name = nameOf(month);
  // Made by another process while we waited for our turn.
  if ((await monthsThere(tx)).has(name)) return;
  const [from, to] = [month.toISOString(), startOfMonth(month, 1).toISOString()];
  await tx.query('LOCK TABLE inbox IN SHARE ROW EXCLUSIVE MODE');
  await tx.query(`CREATE TABLE ${name} (LIKE inbox INCLUDING DEFAULTS INCLUDING CONSTRAINTS) WITH (${gentleVacuum})`);
  await tx.query(
    `WITH moved AS (DELETE FROM inbox_default WHERE sent_at >= $1 AND sent_at < $2 RETURNING *) INSERT INTO ${name} SELECT * FROM moved`,
    [from, to],
  );
  await tx.query(`ALTER TABLE inbox ATTACH PARTITION ${name} FOR VALUES FROM ('${from}') TO ('${to}')`);
}

/**
 * Rows are added and hardly ever change, so there is nothing to hurry for: a tenth of the usual pace leaves processor and disk to
 * the callbacks, since autovacuum comes when a month has grown by a fifth, which is on a busy day.
 */
const gentleVacuum = 'autovacuum_vacuum_cost_delay = 20';

const nameOf = (month: Date) => `inbox_${month.toISOString().slice(0, 7).replace('-', '')}`;

function startOfMonth(at: Date, ahead: number): Date {
  const month = new Date(at);
  month.setUTCDate(1);
  month.setUTCHours(0, 0, 0, 0);
  month.setUTCMonth(month.getUTCMonth() + ahead);
  return month;
}
