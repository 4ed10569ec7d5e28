import type { ServiceDeps } from '../../dialogue/service';
import { personBoundTo } from '../../people/identity/bindings';
import type { Tx } from '../../platform/database';
import { UserError } from '../../platform/errors';
import { book, hold, NoPlace, type Wanted } from './booking';
import { tell, tellBooked } from './notices';
import { overMessage } from './over';
import { policyOf } from './policy';
import type { Appointment } from './tables';

/** Serves every line until nobody waits. Several processes may: one line is served by one of them at a time, in its order. */
export async function serveLines(deps: ServiceDeps): Promise<void> {
  for (;;) {
    const lines = await deps.db.query<{ resource_id: number }>(nextLines);
    const served = await Promise.all(lines.map(({ resource_id }) => serveLine(resource_id, deps)));
    if (!served.some(Boolean)) return;
  }
}
const linesAtOnce = 3;
/** From each line to the next by index, one row read of each: DISTINCT would read all who stand in them. */
const nextLines = `
  WITH RECURSIVE lines AS (
    SELECT min(resource_id) AS resource_id FROM appointment_admissions WHERE status = 'waiting'
    UNION ALL
    SELECT (SELECT min(a.resource_id) FROM appointment_admissions a WHERE a.status = 'waiting' AND a.resource_id > lines.resource_id)
      FROM lines WHERE resource_id IS NOT NULL)
  SELECT resource_id FROM lines WHERE resource_id IS NOT NULL LIMIT ${linesAtOnce}`;

/** @returns false where another process serves this line, or it is empty */
async function serveLine(resourceId: number, deps: ServiceDeps): Promise<boolean> {
  let any = false;
  for (;;) {
    let next: string | undefined;
    try {
      const done = await deps.db.transaction(async (tx) => {
        const asked = await nextInLine(tx, resourceId);
        next = asked?.id;
        if (asked) await serve(tx, asked, deps);
        return asked !== undefined;
      });
      if (!done) return any;
      any = true;
    } catch (error) {
      if (!next) throw error;
      await putOff(next, error as Error, deps);
    }
  }
}

type Asked = {
  id: string;
  resource_id: number;
  slot_id: string;
  day: string;
  account_id: number;
  openid: string;
  person_id: string;
  key: string;
  via: 'page' | 'chat';
};

/**
 * The lock ends with the transaction, also when its process is killed: then the next process finds the same one in front. BETWEEN: of
 * an equal one Postgres would take the order of numbers alone for the same, and read all who have been served before.
 */
async function nextInLine(tx: Tx, resourceId: number): Promise<Asked | undefined> {
  const [turn] = await tx.query<{ mine: boolean }>('SELECT pg_try_advisory_xact_lock(7269043, $1) AS mine', [
    resourceId,
  ]);
  if (!turn!.mine) return undefined;
  const [asked] = await tx.query<Asked>(
    `SELECT id::text, resource_id, slot_id::text, day::text, account_id, openid, person_id::text, key, via FROM appointment_admissions
      WHERE resource_id BETWEEN $1 AND $1 AND status = 'waiting' ORDER BY resource_id, appointment_admissions.id LIMIT 1 FOR UPDATE`,
    [resourceId],
  );
  return asked;
}

/** A place at the time that was asked for; else one at another time of that day, kept until they say whether it suits; else it is over. */
async function serve(tx: Tx, asked: Asked, deps: ServiceDeps): Promise<void> {
  const at = deps.clock.now();
  try {
    const citizen = { accountId: asked.account_id, openid: asked.openid };
    const person = await personBoundTo(tx, citizen, asked.person_id, deps.encryption);
    const wanted = { ...citizen, person, slotId: asked.slot_id, key: asked.key, at, fromLine: true };
    const made = await placeFor(tx, wanted, asked, deps);
    if (!made) return await endDay(tx, asked, at, deps);
    await settle(tx, asked.id, { status: 'served', at, appointmentId: made.id });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    await settle(tx, asked.id, { status: 'refused', at, said: error.message });
    await deps.events.publish('appointments.over', null, tx);
  }
}

async function placeFor(tx: Tx, wanted: Wanted, asked: Asked, deps: ServiceDeps): Promise<Appointment | undefined> {
  try {
    if (asked.via === 'page') return await hold(tx, wanted, deps);
    const booked = await book(tx, wanted, deps);
    await tellBooked(tx, booked, deps);
    return booked;
  } catch (error) {
    if (!(error instanceof NoPlace)) throw error;
    const other = await nearestFree(tx, asked, wanted.at);
    if (!other) return undefined;
    const held = await hold(tx, { ...wanted, slotId: other }, deps);
    const minutes = policyOf(held.policy, deps).holdMinutes;
    if (asked.via === 'chat')
      await tell(tx, held, 'held', deps, {
        说明: '您选的时段已约满，这是同一天的另一个时段',
        请在: `${minutes} 分钟内确认`,
      });
    return held;
  }
}

async function nearestFree(tx: Tx, { resource_id, day, slot_id }: Asked, at: Date): Promise<string | undefined> {
  const [free] = await tx.query<{ id: string }>(
    `SELECT id::text FROM appointment_slots
      WHERE resource_id = $1 AND day = $2 AND status = 'open' AND pool = 'online' AND starts_at > $3 AND opens_at <= $3
        AND taken < capacity
      ORDER BY abs(extract(epoch FROM starts_at - (SELECT starts_at FROM appointment_slots WHERE id = $4))), starts_at LIMIT 1`,
    [resource_id, day, at, slot_id],
  );
  return free?.id;
}

/** Nothing is left of that day: all who wait for it are told, and nobody waits for what is not there. */
async function endDay(tx: Tx, { resource_id, day }: Asked, at: Date, deps: ServiceDeps): Promise<void> {
  await tx.query(
    `UPDATE appointment_admissions SET status = 'over', settled_at = $3 WHERE resource_id = $1 AND day = $2 AND status = 'waiting'`,
    [resource_id, day, at],
  );
  await deps.events.publish('appointments.over', null, tx);
}

type Settled = { status: 'served' | 'refused'; at: Date; appointmentId?: string; said?: string };
const settle = (tx: Tx, id: string, { status, at, appointmentId, said }: Settled) =>
  tx.query(
    'UPDATE appointment_admissions SET status = $2, settled_at = $3, appointment_id = $4, said = $5 WHERE id = $1',
    [id, status, at, appointmentId ?? null, said ?? null],
  );

const mostAttempts = 3;

/** A fault of ours: tried again, and no reason for everybody behind to wait for ever. */
async function putOff(id: string, error: Error, deps: ServiceDeps): Promise<void> {
  deps.log.error({ err: error, admission: id }, 'somebody in line could not be served');
  await deps.db.query(
    `UPDATE appointment_admissions SET attempts = attempts + 1,
            status = CASE WHEN attempts + 1 >= ${mostAttempts} THEN 'refused' ELSE status END,
            settled_at = CASE WHEN attempts + 1 >= ${mostAttempts} THEN $2::timestamptz END,
            said = CASE WHEN attempts + 1 >= ${mostAttempts} THEN '服务出错了，没有约上，请再试一次' END
      WHERE id = $1 AND status = 'waiting'`,
    [id, deps.clock.now()],
  );
}

const batch = 100;

/** Who is in the chat and got nothing: what else there is, and the waiting list. */
export async function tellThoseInVain(deps: ServiceDeps): Promise<void> {
  for (let told = batch; told === batch; )
    told = await deps.db.transaction(async (tx) => {
      const at = deps.clock.now();
      const rows = await tx.query<Asked & { said: string | null }>(
        `UPDATE appointment_admissions SET told_at = $1 WHERE id = ANY (ARRAY (
           SELECT id FROM appointment_admissions WHERE via = 'chat' AND status IN ('over','refused') AND told_at IS NULL
            ORDER BY id LIMIT ${batch} FOR UPDATE SKIP LOCKED))
         RETURNING id::text, resource_id, slot_id::text, day::text, account_id, openid, person_id::text, key, via, said`,
        [at],
      );
      const messages = new Map<string, Awaited<ReturnType<typeof overMessage>>>();
      for (const { id, account_id, openid, resource_id, day, said } of rows) {
        const which = `${account_id}/${resource_id}/${day}/${said}`;
        const message =
          messages.get(which) ??
          (await overMessage(tx, { accountId: account_id, resourceId: resource_id, day, at, said }, deps));
        messages.set(which, message);
        const expiresAt = new Date(at.getTime() + 3600_000);
        const dedupeKey = `appointments.over:${id}`;
        await deps.delivery.enqueue(tx, {
          accountId: account_id,
          openid,
          source: 'appointments',
          message,
          dedupeKey,
          expiresAt,
        });
      }
      return rows.length;
    });
}

/** Nobody asks for a line of yesterday. */
export async function forgetOldLines({ db, clock }: ServiceDeps): Promise<void> {
  await db.query('DELETE FROM appointment_admissions WHERE settled_at < $1', [
    new Date(clock.now().getTime() - 24 * 3600_000),
  ]);
}
