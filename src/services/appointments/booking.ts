import { randomInt } from 'node:crypto';
import type { ServiceDeps } from '../../dialogue/service';
import type { Person } from '../../people/identity/bindings';
import { shanghai } from '../../platform/clock';
import type { Tx } from '../../platform/database';
import { UserError } from '../../platform/errors';
import { checkLimits, takeTurns } from './limits';
import { type Policy, policyOf } from './policy';
import { type Appointment, appointmentById } from './tables';

/** Why a place could not be had, in words for the citizen. */
export class NoPlace extends UserError {
  constructor(
    readonly why: 'full' | 'stopped' | 'closed' | 'not-open',
    message: string,
  ) {
    super(409, why, message);
  }
}

export type Wanted = {
  slotId: string;
  accountId: number;
  openid: string;
  person: Pick<Person, 'id' | 'name' | 'phone' | 'phoneHash'>;
  /** the sender's own: sent again, it is the same booking */
  key: string;
  at: Date;
};

type Deps = Pick<ServiceDeps, 'settings' | 'encryption'>;

/**
 * Takes a place and keeps it while the citizen reads what they agree to.
 * @throws NoPlace when there is none to be had, UserError 409/429 with the limit that stands in the way
 */
export const hold = (tx: Tx, wanted: Wanted, deps: Deps): Promise<Appointment> => take(tx, wanted, 'held', deps);

/** Takes a place for good, for a chat that has asked already. @throws like `hold` */
export const book = (tx: Tx, wanted: Wanted, deps: Deps): Promise<Appointment> => take(tx, wanted, 'booked', deps);

async function take(tx: Tx, wanted: Wanted, status: 'held' | 'booked', deps: Deps): Promise<Appointment> {
  const slot = await slotOf(tx, wanted.slotId, wanted.at);
  const policy = policyOf(slot.policy, deps);
  await takeTurns(tx, wanted.person);
  const earlier = await madeWith(tx, wanted);
  if (earlier) return earlier;
  await checkLimits(tx, { ...wanted, slot, policy });
  const id = await occupy(tx, wanted, status, policy, deps);
  return (await appointmentById(tx, id))!;
}

export type SlotToTake = {
  id: string;
  organisation_id: number;
  resource_id: number;
  day: string;
  starts_at: Date;
  policy: Partial<Policy>;
};

/** The slot, if it can be booked at all now. Whether a place is left only the update can say. */
async function slotOf(tx: Tx, id: string, at: Date): Promise<SlotToTake> {
  const [slot] = await tx.query<SlotToTake & { status: string; opens_at: Date; pool: string }>(
    `SELECT s.id::text, s.organisation_id, s.resource_id, s.day::text, s.starts_at, s.status, s.opens_at, s.pool, r.policy
       FROM appointment_slots s JOIN appointment_resources r ON r.id = s.resource_id WHERE s.id = $1`,
    [id],
  );
  if (slot?.pool !== 'online') throw new NoPlace('closed', '没有这个时段，请重新选择');
  if (slot.status !== 'open') throw new NoPlace('stopped', '这个时段已停诊或停办，请另选');
  if (slot.starts_at <= at) throw new NoPlace('closed', '这个时段已经开始，请另选');
  if (slot.opens_at > at) throw new NoPlace('not-open', `这一天的号 ${shanghai(slot.opens_at)} 放出，请到时再来`);
  return slot;
}

/**
 * One statement takes the place and writes the booking: where the slot is full or stopped the update finds nothing, so nothing is
 * written. The slot's row is held from here to the commit and no longer.
 */
async function occupy(tx: Tx, wanted: Wanted, status: 'held' | 'booked', policy: Policy, deps: Deps): Promise<string> {
  const { slotId, accountId, openid, person, key, at } = wanted;
  const until = status === 'held' ? new Date(at.getTime() + policy.holdMinutes * 60_000) : null;
  const [made] = await tx.query<{ id: string }>(
    `WITH place AS (
       UPDATE appointment_slots SET taken = taken + 1 WHERE id = $1 AND status = 'open' AND taken < capacity
       RETURNING id, resource_id, organisation_id, day, starts_at)
     INSERT INTO appointments (code, slot_id, resource_id, organisation_id, day, starts_at, account_id, openid, person_id,
                               name_sealed, phone_hash, phone_sealed, status, until, key, made_at, booked_at)
     SELECT (SELECT code FROM unnest($2::text[]) code
              WHERE NOT EXISTS (SELECT 1 FROM appointments a WHERE a.day = place.day AND a.code = code.code) LIMIT 1),
            id, resource_id, organisation_id, day, starts_at, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
            CASE WHEN $9 = 'booked' THEN $12::timestamptz END FROM place
     RETURNING id::text`,
    [
      slotId,
      newCodes(),
      accountId,
      openid,
      person.id,
      deps.encryption.seal(person.name),
      person.phoneHash,
      deps.encryption.seal(person.phone),
      status,
      until,
      key,
      at,
    ],
  );
  if (!made) throw new NoPlace('full', '该时段刚被约满，请另选');
  return made.id;
}

/** Eight digits, as candidates: the first that nobody has on that day is taken. */
export const newCodes = (): string[] => Array.from({ length: 4 }, () => String(randomInt(10_000_000, 100_000_000)));

async function madeWith(tx: Tx, { accountId, openid, key }: Wanted): Promise<Appointment | undefined> {
  const [row] = await tx.query<{ id: string }>(
    'SELECT id::text FROM appointments WHERE account_id = $1 AND openid = $2 AND key = $3',
    [accountId, openid, key],
  );
  return row && appointmentById(tx, row.id);
}
