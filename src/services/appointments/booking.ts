import { randomInt } from 'node:crypto';
import type { ServiceDeps } from '../../dialogue/service';
import type { Person } from '../../people/identity/bindings';
import { shanghai } from '../../platform/clock';
import type { Queryable, Tx } from '../../platform/database';
import { UserError } from '../../platform/errors';
import { limitParameters, refuseWhatIsUsed, turnsSql, type Used, usedSql } from './limits';
import { type Policy, policyOf } from './policy';
import { type Appointment, appointmentById, appointmentColumns, tablesOf } from './tables';

/** Why a place could not be had, in words for the citizen. */
export class NoPlace extends UserError {
  constructor(
    readonly why: 'full' | 'stopped' | 'closed' | 'not-open',
    message: string,
  ) {
    super(409, why, message);
  }
}

/** Others stand in line for this doctor or window: who comes now stands behind them. */
export class Crowded extends UserError {
  constructor(
    readonly resourceId: number,
    readonly day: string,
  ) {
    super(409, 'crowded', '现在约这位医生或窗口的人多，正按先后办理，请稍后再试');
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
  /** it is their turn in the line */
  fromLine?: boolean;
};

type Deps = Pick<ServiceDeps, 'settings' | 'encryption'>;

/**
 * Takes a place and keeps it while the citizen reads what they agree to.
 * @throws NoPlace when there is none to be had, Crowded, UserError 409 with the limit that stands in the way
 */
export const hold = (tx: Tx, wanted: Wanted, deps: Deps): Promise<Appointment> => take(tx, wanted, 'held', deps);

/** Takes a place for good, for a chat that has asked already. @throws like `hold` */
export const book = (tx: Tx, wanted: Wanted, deps: Deps): Promise<Appointment> => take(tx, wanted, 'booked', deps);

/** Three statements and no more: whoever comes next waits for the slot's row from the last of them to the commit. */
async function take(tx: Tx, wanted: Wanted, status: 'held' | 'booked', deps: Deps): Promise<Appointment> {
  const slot = await slotInTurn(tx, wanted);
  if (slot.line && !wanted.fromLine) throw new Crowded(slot.resource_id, slot.day);
  const policy = policyOf(slot.policy, deps);
  const { earlier, used, made } = await occupy(tx, wanted, { slot, status, policy }, deps);
  if (earlier) return (await appointmentById(tx, earlier))!;
  refuseWhatIsUsed(used, policy);
  if (!made) throw new NoPlace('full', '该时段刚被约满，请另选');
  return made;
}

/** Whose slot it is and when, before anything is tried. @throws NoPlace */
export async function slotPlace(slotId: string, on: Queryable): Promise<{ resourceId: number; day: string }> {
  const [slot] = await on.query<{ resource_id: number; day: string }>(
    'SELECT resource_id, day::text FROM appointment_slots WHERE id = $1',
    [slotId],
  );
  if (!slot) throw noSuchSlot();
  return { resourceId: slot.resource_id, day: slot.day };
}
const noSuchSlot = () => new NoPlace('closed', '没有这个时段，请重新选择');

export type SlotToTake = {
  id: string;
  organisation_id: number;
  resource_id: number;
  day: string;
  starts_at: Date;
  policy: Partial<Policy>;
  /** somebody stands in line */
  line: boolean;
};

/** The slot, if it can be booked at all now; whether a place is left only the update can say. It is this person's turn then. */
async function slotInTurn(tx: Tx, { slotId, person, at }: Wanted): Promise<SlotToTake> {
  const [slot] = await tx.named<SlotToTake & { status: string; opens_at: Date; pool: string }>(
    'appointments-slot-in-turn',
    `SELECT s.id::text, s.organisation_id, s.resource_id, s.day::text, s.starts_at, s.status, s.opens_at, s.pool, r.policy,
            EXISTS (SELECT FROM appointment_admissions WHERE resource_id = s.resource_id AND status = 'waiting') AS line,
            ${turnsSql('$2', '$3')}
       FROM appointment_slots s JOIN appointment_resources r ON r.id = s.resource_id WHERE s.id = $1`,
    [slotId, person.phoneHash, person.id],
  );
  if (slot?.pool !== 'online') throw noSuchSlot();
  if (slot.status !== 'open') throw new NoPlace('stopped', '这个时段已停诊或停办，请另选');
  if (slot.starts_at <= at) throw new NoPlace('closed', '这个时段已经开始，请另选');
  if (slot.opens_at > at) throw new NoPlace('not-open', `这一天的号 ${shanghai(slot.opens_at)} 放出，请到时再来`);
  return slot;
}

type Occupied = { earlier: string | null; used: Used; made: Appointment | undefined };

/**
 * One statement looks at the limits, takes the place and writes the booking: where a limit stands in the way, or the slot is full or
 * stopped, the update finds nothing, so nothing is written. It begins when it is the person's turn, so it sees all they have.
 */
async function occupy(
  tx: Tx,
  wanted: Wanted,
  { slot, status, policy }: { slot: SlotToTake; status: 'held' | 'booked'; policy: Policy },
  deps: Deps,
): Promise<Occupied> {
  const { slotId, accountId, openid, person, key, at } = wanted;
  const until = status === 'held' ? new Date(at.getTime() + policy.holdMinutes * 60_000) : null;
  const [row] = await tx.named<Used & { earlier: string | null } & (Appointment | { id: null })>(
    'appointments-occupy',
    occupySql,
    [
      ...limitParameters({ person, slot, policy, at }),
      slotId,
      newCodes(),
      accountId,
      openid,
      deps.encryption.seal(person.name),
      deps.encryption.seal(person.phone),
      status,
      until,
      key,
      at,
    ],
  );
  return { earlier: row!.earlier, used: row!, made: row!.id === null ? undefined : row };
}

const occupySql = `
  WITH used AS (${usedSql}),
  earlier AS (SELECT id FROM appointments WHERE account_id = $17::int AND openid = $18 AND key = $23),
  place AS (
    UPDATE appointment_slots SET taken = taken + 1
     WHERE id = $15 AND status = 'open' AND taken < capacity
       AND (SELECT why IS NULL FROM used) AND NOT EXISTS (SELECT FROM earlier)
    RETURNING id, resource_id, organisation_id, day, starts_at, ends_at),
  made AS (
    INSERT INTO appointments (code, slot_id, resource_id, organisation_id, day, starts_at, account_id, openid, person_id,
                              name_sealed, phone_hash, phone_sealed, status, until, key, made_at, booked_at)
    SELECT (SELECT code FROM unnest($16::text[]) code
             WHERE NOT EXISTS (SELECT 1 FROM appointments a WHERE a.day = place.day AND a.code = code.code) LIMIT 1),
           id, resource_id, organisation_id, day, starts_at, $17, $18, $1, $19, $8, $20, $21, $22::timestamptz, $23, $24::timestamptz,
           CASE WHEN $21 = 'booked' THEN $24 END FROM place
    RETURNING *)
  SELECT (SELECT id::text FROM earlier) AS earlier, used.*, booked.*
    FROM used LEFT JOIN (SELECT ${appointmentColumns} FROM ${tablesOf('made', 'place')}) booked ON true`;

/** Eight digits, as candidates: the first that nobody has on that day is taken. */
export const newCodes = (): string[] => Array.from({ length: 4 }, () => String(randomInt(10_000_000, 100_000_000)));
