import type { ServiceDeps } from '../../../src/dialogue/service';
import type { Person } from '../../../src/people/identity/bindings';
import { findStaff } from '../../../src/people/staff';
import type { Tx } from '../../../src/platform/database';
import type { UserError } from '../../../src/platform/errors';
import { type Ask, joinLine, placeOf, linesOf as rushesOf } from '../../../src/services/appointments/admission';
import { serveLines, tellThoseInVain } from '../../../src/services/appointments/admission-serve';
import { alternativesTo, freeOn } from '../../../src/services/appointments/alternatives';
import { daysOf, officesBelow, resourcesOf, slotsOn } from '../../../src/services/appointments/availability';
import { book, hold } from '../../../src/services/appointments/booking';
import { cancel, confirm, reschedule } from '../../../src/services/appointments/change';
import { freePlaces, remind } from '../../../src/services/appointments/jobs';
import { linesOf } from '../../../src/services/appointments/lines';
import { markNoShows } from '../../../src/services/appointments/no-shows';
import { allOf as bookingsOf, comingOf, ownAppointment } from '../../../src/services/appointments/own';
import { recount } from '../../../src/services/appointments/recount';
import { roster } from '../../../src/services/appointments/roster';
import { waitFor } from '../../../src/services/appointments/waiting';
import { allOf, type Explained, explaining, type Node } from '../../support/plans';
import { fill, filled } from './filler';
import { type Hall, openHall } from './hall';

// With months of a city's bookings stored, everything that is asked about them reaches its rows by an index, and reads a number of rows
// that does not grow with what is stored. By the plans of the very statements that run.

const today = '2026-03-02';
let hall: Hall;
let explained: ReturnType<typeof explaining>;
let deps: ServiceDeps;
let resourceId: number;

beforeAll(async () => {
  hall = await openHall(`${today} 10:00`);
  const where = { accountId: hall.account.id, organisationId: hall.organisation.id, today };
  await fill(hall.db, where, hall.deps.encryption);
  explained = explaining(hall.db, /appointment|person_bindings/);
  deps = { ...hall.deps, db: explained.db };
  resourceId = (await hall.db.query<{ id: number }>(`SELECT id FROM appointment_resources WHERE key = 'filled-50'`))[0]!
    .id;
}, 300_000);
afterAll(() => hall?.close());

const stock = /^(appointments|appointment_(slots|admissions|waiting|no_shows)|person_bindings|persons)$/;
const readers = ({ plan }: Explained) =>
  allOf(plan).filter((node) => stock.test(node['Relation Name'] ?? '') && node['Node Type'] !== 'ModifyTable');
const rowsOf = (node: Node) => {
  const { 'Rows Removed by Filter': dropped = 0, 'Rows Removed by Index Recheck': unfit = 0 } = node;
  return (node['Actual Rows'] + dropped + unfit) * node['Actual Loops'];
};

/** What a piece of work asked went by index alone, and looked at no more rows than that. */
async function expectBounded<T>(most: number, work: () => Promise<T>): Promise<T> {
  explained.taken();
  const result = await work();
  const all = explained.taken();
  expect(all.length).toBeGreaterThan(0);
  const read = all.flatMap((one) => readers(one).map((node) => ({ sql: one.sql, node })));
  expect(read.filter(({ node }) => /Seq Scan/.test(node['Node Type'])).map(({ sql }) => sql)).toEqual([]);
  const rows = read.reduce((sum, { node }) => sum + rowsOf(node), 0);
  // Where they are too many, those that read most of them.
  const worst = read.sort((one, other) => rowsOf(other.node) - rowsOf(one.node)).slice(0, 3);
  expect(
    rows <= most ? [] : [rows, worst.map(({ sql, node }) => ({ sql, node: { ...node, Plans: undefined } }))],
  ).toEqual([]);
  return result;
}

const inTx = <T>(work: (tx: Tx) => Promise<T>) => deps.db.transaction(work);
/** One of those with bookings of many months, and none on the days used here. */
async function regular(n: number) {
  const [row] = await hall.db.query<{
    openid: string;
    person_id: string;
    name: string;
    phone: string;
    phone_hash: string;
  }>(
    `SELECT openid, person_id::text, name_sealed AS name, phone_sealed AS phone, phone_hash FROM person_bindings WHERE openid = $1`,
    [`filled-${n}`],
  );
  const { person_id, name, phone, phone_hash } = row!;
  const person = { id: person_id, nameSealed: name, phoneSealed: phone, phoneHash: phone_hash } as Person;
  return { accountId: hall.account.id, openid: row!.openid, person };
}
const slotOn = async (day: string, of = resourceId) =>
  (
    await hall.db.query<{ id: string }>(
      'SELECT id::text FROM appointment_slots WHERE resource_id = $1 AND day = $2 ORDER BY starts_at LIMIT 1',
      [of, day],
    )
  )[0]!.id;

test('a place: held, confirmed, moved, cancelled, and had by the next', async () => {
  const citizen = await hall.citizen();
  const own = { accountId: citizen.accountId, openid: citizen.openid };
  const wanted = hall.wants(citizen, await slotOn('2026-03-10'));
  const held = await expectBounded(60, () => inTx((tx) => hold(tx, wanted, deps)));
  await expectBounded(60, () => inTx((tx) => confirm(tx, { ...own, id: held.id }, hall.now, deps)));
  const other = { slotId: await slotOn('2026-03-11'), key: 'moved to another', at: hall.now };
  const moved = await expectBounded(120, () => inTx((tx) => reschedule(tx, { ...own, id: held.id }, other, deps)));
  await expectBounded(60, () => inTx((tx) => cancel(tx, { ...own, id: moved.id }, hall.now, deps)));
  hall.pass(25);
  await expectBounded(300, () => freePlaces(deps));
});

test('a place asked for by one with bookings of many months', async () => {
  const wanted = hall.wants(await regular(7), await slotOn('2026-03-12'));
  // Whether a limit stands in the way or not.
  await expectBounded(120, () => inTx((tx) => book(tx, wanted, deps)).catch((error: UserError) => error.code));
});

test('what is free', async () => {
  const { db } = deps;
  const sought = { resourceId, day: '2026-03-04', at: hall.now };
  await expectBounded(1000, () => officesBelow(db, hall.account.organisationId));
  await expectBounded(500, () => resourcesOf(db, hall.organisation.id));
  await expectBounded(200, () => daysOf(db, [resourceId], 30, hall.now));
  await expectBounded(20, () => slotsOn(db, [resourceId], '2026-03-04', hall.now));
  await expectBounded(20, () => freeOn(db, sought));
  // All doctors of the department on that day, and this one on all days.
  await expectBounded(filled.resources * 8, () => alternativesTo(db, sought));
});

test('a roster, and what a citizen has', async () => {
  const { db } = deps;
  const clerk = (await findStaff(hall.db, { username: 'clerk-hospital' }))!.staff;
  expect(await expectBounded(200, () => roster(db, clerk, resourceId, '2026-03-04'))).toHaveLength(16);
  const citizen = await regular(9);
  await expectBounded(200, () => comingOf(db, citizen, hall.now));
  const [first] = await expectBounded(100, () => bookingsOf(db, citizen, { limit: 5 }));
  await expectBounded(100, () => bookingsOf(db, citizen, { limit: 5, before: first!.id }));
  await expectBounded(10, () => ownAppointment(db, citizen, first!.id));
});

test('who waits for a day that is full', async () => {
  const full = await hall.resource();
  await hall.slot(full, 0, '2026-03-05 09:00');
  const citizen = await hall.citizen();
  const waiter = { ...citizen, resourceId: full, day: '2026-03-05', at: hall.now };
  await expectBounded(60, () => inTx((tx) => waitFor(tx, waiter)));
  await expectBounded(300, () => linesOf(deps.db, citizen, today, hall.now));
  await expectBounded(300, async () => linesOf(deps.db, await regular(25), today, hall.now));
});

test('a line in a rush: joined, looked at, served, told', async () => {
  const busy = await hall.resource();
  const slotId = await hall.slot(busy, 2, '2026-03-06 09:00');
  const crowd = await hall.crowd(5);
  const asks = crowd.map(
    ({ accountId, openid, person }): Ask => ({
      ...{ accountId, openid, personId: person.id, resourceId: busy, slotId, day: '2026-03-06' },
      ...{ key: 'in a rush', via: 'chat', at: hall.now },
    }),
  );
  const places = await expectBounded(200, () => Promise.all(asks.map((ask) => joinLine(ask, deps))));
  expect(places.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5]);
  await expectBounded(100, () => placeOf(crowd[0]!, places[0]!.id, deps));
  await expectBounded(100, () => rushesOf(deps.db, crowd[1]!, hall.now));
  // While another process serves them all, whoever looks for lines reads a row of each, however many stand in them.
  await hall.db.transaction(async (tx) => {
    await tx.query(`SELECT pg_advisory_xact_lock(7269043, id) FROM appointment_resources`);
    await expectBounded(10, () => serveLines(deps));
  });
  // The 900 who stand in the other three lines are served as well: 13 rows each, and to end a day may read all who wait. Were one row
  // read of each who waits, whenever somebody is served, it would be hundreds.
  await expectBounded(900 * 18, () => serveLines(deps));
  await expectBounded(900 * 200, () => tellThoseInVain(deps));
}, 120_000);

test('what time decides: reminders, who did not come, the count of every night', async () => {
  hall.setTime(`${today} 18:30`);
  const perDay = filled.appointments / filled.days;
  await expectBounded(perDay * 20, () => remind(deps));
  hall.setTime('2026-03-03 00:30');
  await expectBounded(perDay * 40, () => markNoShows(deps));
  // The days to come and their bookings, nothing of the months gone by.
  expect(await expectBounded(perDay * 14 * 1.3 * 2, () => recount(deps.db, '2026-03-03'))).toEqual([]);
}, 120_000);
