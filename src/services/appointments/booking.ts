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
export const hold = async (tx: Tx, wanted: Wanted, deps: Deps): Promise<Appointment> =>
  had(await take(tx, [wanted], 'held', deps));

/** Takes a place for good, for a chat that has asked already. @throws like `hold` */
export const book = async (tx: Tx, wanted: Wanted, deps: Deps): Promise<Appointment> =>
  had(await take(tx, [wanted], 'booked', deps));

function had([taken]: Taken[]): Appointment {
  if (taken instanceof UserError) throw taken;
  return taken!;
}

/** A place, or why there was none for this one, as `hold` would throw it. */
export type Taken = Appointment | UserError;

/**
 * Takes a place for each, who comes first before who comes next. No two of them are of one person, one phone or one request. Who
 * wants the same slot from elsewhere waits for its row from the second statement to the commit.
 */
export async function take(tx: Tx, wanted: Wanted[], status: 'held' | 'booked', deps: Deps): Promise<Taken[]> {
  // Sent together; the second begins when it is the turn of these persons, so it sees all they have.
  const persons = wanted.map(({ person }) => person);
  const [, found] = await Promise.all([takeTurns(tx, persons), occupy(tx, wanted, status, deps)]);
  const byPlace = new Map(found.map((one) => [one.n, one]));
  const all: Taken[] = [];
  for (const [n, one] of wanted.entries()) all.push(await outcome(tx, one, byPlace.get(n), status, deps));
  return all;
}

async function outcome(
  tx: Tx,
  wanted: Wanted,
  found: Found | undefined,
  status: 'held' | 'booked',
  deps: Deps,
): Promise<Taken> {
  try {
    refuseSlot(found, wanted);
    if (found.earlier) return (await appointmentById(tx, found.earlier))!;
    refuseWhatIsUsed(found, policyOf(found.policy, deps));
    if (found.id === null) throw new NoPlace('full', '该时段刚被约满，请另选');
    // It went over to a substitute while this waited.
    if (found.whose !== found.resource_id) return (await appointmentById(tx, found.id))!;
    return { ...found, ...asWritten(wanted, status) };
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
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
  end_reason: null,
  version: 1,
});

/** The slot, what the person has used, and what a booking made there says beyond what was asked for, if one was made. */
type Found = Omit<Appointment, keyof ReturnType<typeof asWritten> | 'id' | 'code' | 'until'> & {
  /** whose it is: the place among those asked for */
  n: number;
  slot_status: string;
  opens_at: Date;
  pool: string;
  /** somebody stands in line */
  line: boolean;
  earlier: string | null;
} & Used &
  ((Pick<Appointment, 'id' | 'code' | 'until'> & { whose: number }) | { id: null });

/**
 * One statement looks at the slots and the limits, takes the places and writes the bookings: where a limit stands in the way, or the
 * slot is full or stopped, nothing is written for this one.
 */
const occupy = (tx: Tx, wanted: Wanted[], status: 'held' | 'booked', deps: Deps): Promise<Found[]> =>
  tx.named<Found>('appointments-occupy', occupySql, [
    wanted.map(({ slotId }) => slotId),
    wanted.map(({ person }) => person.id),
    wanted.map(({ person }) => person.phoneHash),
    wanted.map(({ at }) => at),
    wanted.map(({ fromLine = false }) => fromLine),
    wanted.map(({ accountId }) => accountId),
    wanted.map(({ openid }) => openid),
    wanted.map(({ key }) => key),
    wanted.map(({ person }) => person.nameSealed),
    wanted.map(({ person }) => person.phoneSealed),
    wanted.flatMap(newCodes),
    JSON.stringify(policyOf({}, deps)),
    status,
  ]);

// What a new part of it costs is paid by everybody who books: each node of its plan, and each column that it returns.
const occupySql = `
  WITH asked AS MATERIALIZED (
    SELECT w.*, s.resource_id, s.organisation_id, s.day, s.starts_at, s.status AS slot_status, s.opens_at, s.pool, ${titleColumns},
           $12::jsonb || r.policy AS rules, ${inLine('s.resource_id')} AS line,
           (SELECT id FROM appointments a WHERE a.account_id = w.account_id AND a.openid = w.openid AND a.key = w.key) AS earlier
      FROM ROWS FROM (unnest($1::bigint[]), unnest($2::bigint[]), unnest($3::text[]), unnest($4::timestamptz[]), unnest($5::boolean[]),
                      unnest($6::int[]), unnest($7::text[]), unnest($8::text[]), unnest($9::text[]), unnest($10::text[])) WITH ORDINALITY
           AS w (slot_id, person_id, phone_hash, at, from_line, account_id, openid, key, name_sealed, phone_sealed, n)
      JOIN appointment_slots s ON s.id = w.slot_id ${titleTables}),
  found AS MATERIALIZED (${usedSql}),
  -- Held in one order, so that two who each want several cannot wait for each other. Whose time it is is read once it is held: it may
  -- have gone over to a substitute while this waited.
  place AS MATERIALIZED (
    SELECT id, resource_id AS whose, capacity - taken AS free, starts_at, opens_at FROM appointment_slots
     WHERE id IN (SELECT slot_id FROM found WHERE why IS NULL AND earlier IS NULL AND (from_line OR NOT line))
       AND status = 'open' AND taken < capacity AND pool = 'online'
     ORDER BY id FOR NO KEY UPDATE),
  first_come AS MATERIALIZED (
    SELECT * FROM (
      SELECT f.*, place.free, place.whose, row_number() OVER (PARTITION BY f.slot_id ORDER BY n) AS rank
        FROM found f JOIN place ON place.id = f.slot_id AND place.starts_at > f.at AND place.opens_at <= f.at
       WHERE why IS NULL AND earlier IS NULL AND (from_line OR NOT line)) f
     WHERE rank <= free),
  occupied AS (
    UPDATE appointment_slots s SET taken = taken + c.places FROM (SELECT slot_id, count(*)::int AS places FROM first_come GROUP BY 1) c
     WHERE s.id = c.slot_id),
  made AS (
    INSERT INTO appointments (code, slot_id, resource_id, organisation_id, day, starts_at, account_id, openid, person_id,
                              name_sealed, phone_hash, phone_sealed, status, until, key, made_at, booked_at)
    SELECT ${freeCode('($11::text[])[4 * n - 3 : 4 * n]', 'f.day')}, slot_id, whose, organisation_id, day, starts_at, account_id, openid,
           person_id, name_sealed, phone_hash, phone_sealed, $13::text,
           CASE WHEN $13 = 'held' THEN at + (rules ->> 'holdMinutes')::int * interval '1 minute' END, key, at,
           CASE WHEN $13 = 'booked' THEN at END
      FROM first_come f
    RETURNING id, code, until, person_id, resource_id AS whose)
  SELECT (n - 1)::int AS n, resource_id, organisation_id, day::text, starts_at, ends_at, resource_title, resource_subtitle, place, policy,
         organisation_title, organisation_path, house_title, slot_status, opens_at, pool, line, earlier::text, missed, last_missed, why,
         made.id::text, code, until, whose
    FROM found LEFT JOIN made USING (person_id)`;

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
