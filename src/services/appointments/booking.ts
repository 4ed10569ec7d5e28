import { randomInt } from 'node:crypto';
import type { ServiceDeps } from '../../dialogue/service';
import type { Person } from '../../people/identity/bindings';
import { shanghai } from '../../platform/clock';
import type { Queryable, Tx } from '../../platform/database';
import { UserError } from '../../platform/errors';
import { refuseWhatIsUsed, takeTurns, type Used, usedSql } from './limits';
import { policyOf } from './policy';
import { type Appointment, appointmentById, titleColumns, titleTables } from './tables';

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
  person: Pick<Person, 'id' | 'nameSealed' | 'phoneSealed' | 'phoneHash'>;
  /** the sender's own: sent again, it is the same booking */
  key: string;
  at: Date;
  /** it is their turn in the line */
  fromLine?: boolean;
};

type Deps = Pick<ServiceDeps, 'settings'>;

/**
 * Takes a place and keeps it while the citizen reads what they agree to.
 * @throws NoPlace when there is none to be had, Crowded, UserError 409 with the limit that stands in the way
 */
export const hold = (tx: Tx, wanted: Wanted, deps: Deps): Promise<Appointment> => take(tx, wanted, 'held', deps);

/** Takes a place for good, for a chat that has asked already. @throws like `hold` */
export const book = (tx: Tx, wanted: Wanted, deps: Deps): Promise<Appointment> => take(tx, wanted, 'booked', deps);

/** Who comes next waits for the slot's row from the second statement to the commit. */
async function take(tx: Tx, wanted: Wanted, status: 'held' | 'booked', deps: Deps): Promise<Appointment> {
  // Sent together; the second begins when it is the person's turn, so it sees all they have.
  const [, found] = await Promise.all([takeTurns(tx, wanted.person), occupy(tx, wanted, status, deps)]);
  refuseSlot(found, wanted);
  if (found.earlier) return (await appointmentById(tx, found.earlier))!;
  refuseWhatIsUsed(found, policyOf(found.policy, deps));
  if (found.id === null) throw new NoPlace('full', '该时段刚被约满，请另选');
  return { ...found, ...asWritten(wanted, status) };
}

/** @throws NoPlace where it cannot be booked at all now, Crowded */
function refuseSlot(slot: Found | undefined, { at, fromLine }: Wanted): asserts slot is Found {
  if (slot?.pool !== 'online') throw noSuchSlot();
  if (slot.slot_status !== 'open') throw new NoPlace('stopped', '这个时段已停诊或停办，请另选');
  if (slot.starts_at <= at) throw new NoPlace('closed', '这个时段已经开始，请另选');
  if (slot.opens_at > at) throw new NoPlace('not-open', `这一天的号 ${shanghai(slot.opens_at)} 放出，请到时再来`);
  if (slot.line && !fromLine) throw new Crowded(slot.resource_id, slot.day);
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

/** What a booking says because it was asked for so: what was just written need not be read back. */
const asWritten = ({ slotId, accountId, openid, person, at }: Wanted, status: 'held' | 'booked') => ({
  slot_id: slotId,
  account_id: accountId,
  openid,
  person_id: person.id,
  name_sealed: person.nameSealed,
  phone_sealed: person.phoneSealed,
  phone_hash: person.phoneHash,
  status,
  made_at: at,
  booked_at: status === 'booked' ? at : null,
  queue_number: null,
  called_at: null,
  version: 1,
});

/** The slot, what the person has used, and what a booking made there says beyond what was asked for, if one was made. */
type Found = Omit<Appointment, keyof ReturnType<typeof asWritten> | 'id' | 'code' | 'until'> & {
  slot_status: string;
  opens_at: Date;
  pool: string;
  /** somebody stands in line */
  line: boolean;
  earlier: string | null;
} & Used &
  (Pick<Appointment, 'id' | 'code' | 'until'> | { id: null });

/**
 * One statement looks at the slot and the limits, takes the place and writes the booking: where a limit stands in the way, or the slot
 * is full or stopped, the update finds nothing, so nothing is written.
 */
async function occupy(
  tx: Tx,
  { slotId, accountId, openid, person, key, at, fromLine = false }: Wanted,
  status: 'held' | 'booked',
  deps: Deps,
): Promise<Found | undefined> {
  const [found] = await tx.named<Found>('appointments-occupy', occupySql, [
    slotId,
    person.id,
    person.phoneHash,
    JSON.stringify(policyOf({}, deps)),
    at,
    fromLine,
    accountId,
    openid,
    key,
    newCodes(),
    person.nameSealed,
    person.phoneSealed,
    status,
  ]);
  return found;
}

// What a new part of it costs is paid by everybody who books: each node of its plan, and each column that it returns.
const occupySql = `
  WITH asked AS MATERIALIZED (
    SELECT s.resource_id, s.organisation_id, s.day, s.starts_at, s.status AS slot_status, s.opens_at, s.pool, ${titleColumns},
           $2::bigint AS person_id, $3::text AS phone_hash, $5::timestamptz AS at, $4::jsonb || r.policy AS rules,
           ${inLine('s.resource_id')} AS line,
           (SELECT id FROM appointments WHERE account_id = $7::int AND openid = $8 AND key = $9) AS earlier
      FROM appointment_slots s ${titleTables} WHERE s.id = $1),
  found AS MATERIALIZED (${usedSql}),
  place AS (
    UPDATE appointment_slots SET taken = taken + 1
     WHERE id = $1 AND status = 'open' AND taken < capacity AND pool = 'online' AND starts_at > $5 AND opens_at <= $5
       AND (SELECT why IS NULL AND earlier IS NULL AND ($6::boolean OR NOT line) FROM found)
    RETURNING id, resource_id, organisation_id, day, starts_at),
  made AS (
    INSERT INTO appointments (code, slot_id, resource_id, organisation_id, day, starts_at, account_id, openid, person_id,
                              name_sealed, phone_hash, phone_sealed, status, until, key, made_at, booked_at)
    SELECT ${freeCode('$10', 'place.day')}, id, resource_id, organisation_id, day, starts_at, $7, $8, $2, $11, $3, $12, $13::text,
           CASE WHEN $13 = 'held' THEN $5 + (SELECT rules ->> 'holdMinutes' FROM found)::int * interval '1 minute' END, $9, $5,
           CASE WHEN $13 = 'booked' THEN $5 END
      FROM place
    RETURNING id, code, until)
  SELECT resource_id, organisation_id, day::text, starts_at, ends_at, resource_title, resource_subtitle, place, policy,
         organisation_title, organisation_path, house_title, slot_status, opens_at, pool, line, earlier::text, missed, last_missed, why,
         made.id::text, code, until
    FROM found LEFT JOIN made ON true`;

/**
 * Whether somebody stands in line for a resource: one row read. In this order, or Postgres would look for one of them among those who
 * stand in all the other lines; BETWEEN, or it would think nothing of that order.
 */
function inLine(resourceId: string): string {
  return `(SELECT id FROM appointment_admissions WHERE resource_id BETWEEN ${resourceId} AND ${resourceId} AND status = 'waiting'
             ORDER BY resource_id, id LIMIT 1) IS NOT NULL`;
}

/** Eight digits, as candidates: the first that nobody has on that day is taken. */
export const newCodes = (): string[] => Array.from({ length: 4 }, () => String(randomInt(10_000_000, 100_000_000)));

/** OFFSET 0: else Postgres would compare them with all codes of that day at once instead of looking each up. */
export function freeCode(codes: string, day: string): string {
  const had = `SELECT FROM appointments a WHERE a.day = ${day} AND a.code = code.code OFFSET 0`;
  return `(SELECT code FROM unnest(${codes}::text[]) code WHERE NOT EXISTS (${had}) LIMIT 1)`;
}
