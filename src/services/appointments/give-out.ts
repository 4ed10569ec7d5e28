import type { Tx } from '../../platform/database';
import { UserError } from '../../platform/errors';
import { freeCode, newCodes } from './booking';
import { type Deps, end, giveBack } from './change';
import { checkLimits, takeTurns } from './limits';
import { tell } from './notices';
import { type Policy, policyOf } from './policy';
import { appointmentById } from './tables';

export type Context = Deps & { at: Date };

/** A hold or an offer whose time is over ends; its place goes to whoever waits next, or is free. @returns 0 when none is left */
export async function expireOverdue(tx: Tx, context: Context): Promise<number> {
  const overdue = await tx.query<{ id: string }>(
    `SELECT id::text FROM appointments WHERE status IN ('held','offered') AND until <= $1 ORDER BY until LIMIT 1
      FOR UPDATE SKIP LOCKED`,
    [context.at],
  );
  for (const { id } of overdue) {
    await end(tx, id, { status: 'expired', at: context.at, returnsAt: context.at });
    await tx.query(`UPDATE appointment_waiting SET status = 'gone' WHERE appointment_id = $1 AND status = 'offered'`, [
      id,
    ]);
    await giveOut(tx, id, context);
  }
  return overdue.length;
}

/** A cancelled place whose moment has come. @returns 0 when none is left */
export async function returnPlaces(tx: Tx, context: Context): Promise<number> {
  const due = await tx.query<{ id: string }>(
    'SELECT id::text FROM appointments WHERE returns_at <= $1 ORDER BY returns_at LIMIT 1 FOR UPDATE SKIP LOCKED',
    [context.at],
  );
  for (const { id } of due) await giveOut(tx, id, context);
  return due.length;
}

/** The place of an ended booking: offered to the first in line who may have it, else free for anyone. */
async function giveOut(tx: Tx, id: string, context: Context): Promise<void> {
  const [place] = await tx.query<Place>(
    `UPDATE appointments a SET returns_at = NULL FROM appointment_slots s, appointment_resources r
      WHERE a.id = $1 AND a.returns_at IS NOT NULL AND s.id = a.slot_id AND r.id = a.resource_id
      RETURNING ${placeColumns}`,
    [id],
  );
  if (!place) return;
  const next = await firstInLine(tx, place, context);
  if (next) await offer(tx, next, place, context);
  else await giveBack(tx, place.id);
}

export const placeColumns =
  's.id::text, s.resource_id, s.organisation_id, s.day::text, s.starts_at, s.status, s.pool, s.withdrawn, r.policy';
export type Place = {
  id: string;
  resource_id: number;
  organisation_id: number;
  day: string;
  starts_at: Date;
  status: string;
  pool: string;
  withdrawn: boolean;
  policy: Partial<Policy>;
};
type InLine = {
  id: string;
  account_id: number;
  openid: string;
  person_id: string;
  name_sealed: string;
  phone_sealed: string;
  phone_hash: string;
};

/** The first who may have the place; who may not waits no more. Nobody, where it is of no use to anyone in line. */
export async function firstInLine(tx: Tx, place: Place, context: Context): Promise<InLine | undefined> {
  const useful = place.status === 'open' && place.pool === 'online' && !place.withdrawn && place.starts_at > context.at;
  if (!useful) return undefined;
  const policy = policyOf(place.policy, context);
  for (let next = await nextInLine(tx, place); next; next = await nextInLine(tx, place)) {
    const person = { id: next.person_id, phoneHash: next.phone_hash };
    if (await mayHave(tx, person, place, policy, context.at)) return next;
    await tx.query(`UPDATE appointment_waiting SET status = 'gone' WHERE id = $1`, [next.id]);
  }
  return undefined;
}

/** Who has unbound the person meanwhile waits no more. */
async function nextInLine(tx: Tx, { resource_id, day }: Place): Promise<InLine | undefined> {
  const [next] = await tx.query<InLine>(
    `SELECT w.id::text, w.account_id, w.openid, w.person_id::text, b.name_sealed, b.phone_sealed, b.phone_hash
       FROM appointment_waiting w
       JOIN person_bindings b ON b.account_id = w.account_id AND b.openid = w.openid AND b.person_id = w.person_id
        AND b.unbound_at IS NULL
      WHERE w.resource_id = $1 AND w.day = $2 AND w.status = 'waiting' ORDER BY w.id LIMIT 1 FOR UPDATE OF w SKIP LOCKED`,
    [resource_id, day],
  );
  return next;
}

async function mayHave(tx: Tx, person: { id: string; phoneHash: string }, slot: Place, policy: Policy, at: Date) {
  await takeTurns(tx, [person]);
  try {
    await checkLimits(tx, { person, slot, policy, at });
    return true;
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

/** The place stays taken: it goes from one hand to the next. */
export async function offer(tx: Tx, next: InLine, place: Place, context: Context): Promise<void> {
  const policy = policyOf(place.policy, context);
  const until = new Date(Math.min(context.at.getTime() + policy.offerMinutes * 60_000, place.starts_at.getTime()));
  const [made] = await tx.query<{ id: string }>(
    `INSERT INTO appointments (code, slot_id, resource_id, organisation_id, day, starts_at, account_id, openid, person_id,
                               name_sealed, phone_hash, phone_sealed, status, until, made_at)
     SELECT ${freeCode('$1', '$5')},
            $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'offered', $13, $14
     RETURNING id::text`,
    [
      newCodes(),
      place.id,
      place.resource_id,
      place.organisation_id,
      place.day,
      place.starts_at,
      next.account_id,
      next.openid,
      next.person_id,
      next.name_sealed,
      next.phone_hash,
      next.phone_sealed,
      until,
      context.at,
    ],
  );
  await tx.query(`UPDATE appointment_waiting SET status = 'offered', appointment_id = $2 WHERE id = $1`, [
    next.id,
    made!.id,
  ]);
  const offered = (await appointmentById(tx, made!.id))!;
  await tell(tx, offered, 'offered', context, { 请在: `${policy.offerMinutes} 分钟内确认` });
}
