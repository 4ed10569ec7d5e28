import { randomInt } from 'node:crypto';
import type { ServiceDeps } from '../../dialogue/service';
import { shanghai } from '../../platform/clock';
import type { Tx } from '../../platform/database';
import { notFound, UserError } from '../../platform/errors';
import { book, hold, type Wanted } from './booking';
import { moment, plusDays } from './days';
import { takeTurns } from './limits';
import { tell, tellBooked } from './notices';
import { type Policy, policyOf } from './policy';
import { noteRoster } from './roster-news';
import { type Appointment, appointmentById, lockOwn, selectAppointments } from './tables';

type Own = { accountId: number; openid: string; id: string };
export type Deps = Pick<
  ServiceDeps,
  'settings' | 'delivery' | 'publicUrl' | 'accounts' | 'texts' | 'db' | 'live' | 'log'
>;

/**
 * Makes a held or offered place the citizen's. Said twice it is the same.
 * @throws UserError 404, 409 once the time to decide is over
 */
export async function confirm(tx: Tx, own: Own, at: Date, deps: Deps): Promise<Appointment> {
  const mine = await required(tx, own);
  if (mine.status === 'booked') return mine;
  if ((mine.status !== 'held' && mine.status !== 'offered') || mine.until! <= at)
    throw new UserError(409, 'too-late', '保留的时间已过，请重新选择时段');
  await tx.query(
    `UPDATE appointments SET status = 'booked', until = NULL, booked_at = $2, version = version + 1 WHERE id = $1`,
    [mine.id, at],
  );
  await tx.query(`UPDATE appointment_waiting SET status = 'done' WHERE appointment_id = $1 AND status = 'offered'`, [
    mine.id,
  ]);
  const booked = (await appointmentById(tx, mine.id))!;
  await tellBooked(tx, booked, deps);
  noteRoster(tx, booked, deps);
  return booked;
}

/**
 * Gives a place up. It counts as taken until it is given out again at a random moment, so that nobody can pass a place on by
 * cancelling and booking in the same second.
 * @throws UserError 404, 409 after the last moment to cancel
 */
export async function cancel(tx: Tx, own: Own, at: Date, deps: Deps): Promise<Appointment> {
  const mine = await required(tx, own);
  if (mine.status === 'cancelled') return mine;
  const policy = policyOf(mine.policy, deps);
  if (mine.status === 'booked') {
    const last = lastMoment(mine, policy);
    if (at > last)
      throw new UserError(409, 'too-late', `${shanghai(last)} 之后不能在线取消，请联系${mine.organisation_title}`);
  } else if (mine.status !== 'held' && mine.status !== 'offered') {
    throw new UserError(409, 'not-active', '这个预约已经结束，不能取消');
  }
  if (mine.status === 'booked') noteRoster(tx, mine, deps);
  const returnsAt = mine.status === 'booked' ? atRandom(policy, at) : at;
  await end(tx, mine.id, { status: 'cancelled', at, returnsAt });
  await tx.query(`UPDATE appointment_waiting SET status = 'gone' WHERE appointment_id = $1 AND status = 'offered'`, [
    mine.id,
  ]);
  return (await appointmentById(tx, mine.id))!;
}

function atRandom({ returnAfterMinutes: { least, most } }: Policy, at: Date): Date {
  return new Date(at.getTime() + randomInt(least * 60, most * 60 + 1) * 1000);
}

/**
 * Another time with the same department, in one step; the old place goes the way of one that is cancelled: first to who waits for it. Who gets no new place keeps the old one.
 * @throws like `book` and `cancel`
 */
export async function reschedule(
  tx: Tx,
  own: Own,
  { slotId, key, at }: Pick<Wanted, 'slotId' | 'key' | 'at'>,
  deps: Deps,
): Promise<Appointment> {
  const mine = await required(tx, own);
  if (mine.status !== 'booked') throw new UserError(409, 'not-active', '这个预约已经结束，不能改期');
  const policy = policyOf(mine.policy, deps);
  const last = lastMoment(mine, policy);
  if (at > last) throw new UserError(409, 'too-late', `${shanghai(last)} 之后不能改期`);
  if (slotId === mine.slot_id) throw new UserError(409, 'same', '新的时段与原来的相同');
  const person = {
    id: mine.person_id!,
    nameSealed: mine.name_sealed,
    phoneSealed: mine.phone_sealed!,
    phoneHash: mine.phone_hash!,
  };
  await takeTurns(tx, [person]);
  await lockSlots(tx, [mine.slot_id, slotId]);
  await end(tx, mine.id, { status: 'cancelled', at, returnsAt: atRandom(policy, at), reason: 'moved' });
  const moved = await book(tx, { slotId, key, at, person, accountId: own.accountId, openid: own.openid }, deps);
  if (moved.organisation_id !== mine.organisation_id)
    throw new UserError(409, 'elsewhere', '改期只能改到同一部门，去别的部门请重新预约');
  await tx.query('UPDATE appointments SET moved_from = $2 WHERE id = $1', [moved.id, mine.id]);
  await tell(tx, moved, 'moved', deps);
  for (const one of [mine, moved]) noteRoster(tx, one, deps);
  return moved;
}

/**
 * For one whom a limit keeps from holding a place: who went back to choose another time has not confirmed the one they hold there
 * that day, and lets go of it. @returns undefined where they hold none @throws like `hold`, and what they held stays theirs
 */
export async function holdInstead(tx: Tx, wanted: Wanted, deps: Deps): Promise<Appointment | undefined> {
  await takeTurns(tx, [wanted.person]);
  const kept = await unconfirmed(tx, wanted);
  if (!kept) return undefined;
  if (kept.slot_id === wanted.slotId && kept.until! > wanted.at) return kept;
  await lockSlots(tx, [kept.slot_id, wanted.slotId]);
  const returnsAt = kept.slot_id !== wanted.slotId && (await isWaitedFor(tx, kept)) ? wanted.at : null;
  await end(tx, kept.id, { status: 'expired', at: wanted.at, returnsAt, reason: 'instead' });
  return hold(tx, wanted, deps);
}

/** Whether somebody has put down their name for a place of that day: it is offered to them first. */
const isWaitedFor = async (tx: Tx, { resource_id, day }: Appointment): Promise<boolean> =>
  (
    await tx.query(
      `SELECT 1 FROM appointment_waiting WHERE resource_id = $1 AND day = $2 AND status = 'waiting' LIMIT 1`,
      [resource_id, day],
    )
  ).length > 0;

/** What a citizen holds for the same person at the same department on the same day; not what is being freed just now, whoever does so may want this turn. */
async function unconfirmed(tx: Tx, { slotId, accountId, openid, person }: Wanted): Promise<Appointment | undefined> {
  const [found] = await tx.query<Appointment>(
    `${selectAppointments} JOIN appointment_slots wanted ON wanted.id = $1
      WHERE a.person_id = $2 AND a.organisation_id = wanted.organisation_id AND a.day = wanted.day AND a.status = 'held'
        AND a.account_id = $3 AND a.openid = $4 FOR UPDATE OF a SKIP LOCKED`,
    [slotId, person.id, accountId, openid],
  );
  return found;
}

/** In one order, so that two who change places do not wait for each other. */
const lockSlots = (tx: Tx, ids: string[]) =>
  tx.query('SELECT 1 FROM appointment_slots WHERE id = ANY ($1::bigint[]) ORDER BY id FOR UPDATE', [ids]);

/** Until when a booking can be cancelled or moved online. */
export function lastMoment({ day, starts_at }: Pick<Appointment, 'day' | 'starts_at'>, policy: Policy): Date {
  const { cancelUntil, cancelMinutesBefore } = policy;
  return cancelUntil
    ? moment(plusDays(day, -cancelUntil.daysBefore), cancelUntil.time)
    : new Date(starts_at.getTime() - cancelMinutesBefore * 60_000);
}

/** Whether whoever it is may still give it up online. */
export function canCancel(one: Appointment, at: Date, deps: Pick<Deps, 'settings'>): boolean {
  if (one.status === 'booked') return at <= lastMoment(one, policyOf(one.policy, deps));
  return one.status === 'held' || one.status === 'offered';
}

export type Ending = {
  status: 'cancelled' | 'expired' | 'stopped' | 'no-show' | 'served';
  at: Date;
  /** null: its place is free at once; a time: from then on */
  returnsAt: Date | null;
  reason?: string;
};

/** Compare and swap on the status: of two who end the same booking one does, and its place is given back once. */
export async function end(tx: Tx, id: string, { status, at, returnsAt, reason }: Ending): Promise<boolean> {
  const [ended] = await tx.query<{ slot_id: string }>(
    `WITH ended AS (
       UPDATE appointments SET status = $2, ended_at = $3, returns_at = $4, end_reason = $5, until = NULL, version = version + 1
        WHERE id = $1 AND status IN ('offered','held','booked','checked-in') RETURNING slot_id)
     SELECT slot_id::text FROM ended`,
    [id, status, at, returnsAt, reason ?? null],
  );
  if (ended && returnsAt === null && status !== 'no-show' && status !== 'served') await giveBack(tx, ended.slot_id);
  return ended !== undefined;
}

/** A place at a time that no rule makes any more is nobody's again. */
export const giveBack = (tx: Tx, slotId: string) =>
  tx.query('UPDATE appointment_slots SET taken = taken - 1, capacity = capacity - withdrawn::int WHERE id = $1', [
    slotId,
  ]);

async function required(tx: Tx, own: Own): Promise<Appointment> {
  const mine = await lockOwn(tx, own);
  if (!mine) throw notFound('这个预约');
  return mine;
}
