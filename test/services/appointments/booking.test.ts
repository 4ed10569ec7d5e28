import { findStaff } from '../../../src/people/staff';
import { cancel, confirm, holdInstead, reschedule } from '../../../src/services/appointments/change';
import { freePlaces } from '../../../src/services/appointments/jobs';
import { markNoShows } from '../../../src/services/appointments/no-shows';
import { recount } from '../../../src/services/appointments/recount';
import { addExtra, changeCapacity } from '../../../src/services/appointments/schedules/day-acts';
import { waitFor } from '../../../src/services/appointments/waiting';
import { type Hall, openHall, reasons, won } from './hall';

let hall: Hall;
beforeAll(async () => {
  hall = await openHall();
});
beforeEach(() => hall.setTime('2026-03-02 10:00'));
afterAll(async () => {
  expect(await recount(hall.db, '2026-01-01')).toEqual([]);
  await hall.close();
});

describe('many at once', () => {
  test('200 bookings for 7 places: 7 get one, 193 are told that it is full', async () => {
    const slot = await hall.slot(await hall.resource(), 7);
    const citizens = await hall.crowd(200);
    const results = await Promise.allSettled(citizens.map((one) => hall.book(hall.wants(one, slot))));
    expect(won(results)).toBe(7);
    expect(reasons(results)).toEqual(['该时段刚被约满，请另选']);
    expect(await hall.taken(slot)).toBe(7);
  });

  test('one person who asks for ten times at once gets one', async () => {
    const resource = await hall.resource();
    const slots = await Promise.all(
      Array.from({ length: 10 }, (_, index) => hall.slot(resource, 5, `2026-03-04 1${index}:00`)),
    );
    const citizen = await hall.citizen();
    const results = await Promise.allSettled(slots.map((slot) => hall.book(hall.wants(citizen, slot))));
    expect(won(results)).toBe(1);
    expect(reasons(results)).toEqual(['同一人同一天在同一部门只能约一次；已约的在「我的预约」里，可以改期或取消']);
  });

  test('the same form sent five times at once is one booking', async () => {
    const slot = await hall.slot(await hall.resource(), 5);
    const wanted = hall.wants(await hall.citizen(), slot);
    const made = await Promise.all(Array.from({ length: 5 }, () => hall.book(wanted)));
    expect(new Set(made.map(({ code }) => code)).size).toBe(1);
    expect(await hall.taken(slot)).toBe(1);
  });

  test('a place cancelled twice at once is given back once', async () => {
    const slot = await hall.slot(await hall.resource({ returnAfterMinutes: { least: 0, most: 0 } }), 2);
    const citizen = await hall.citizen();
    await hall.book(hall.wants(await hall.citizen(), slot));
    const { id } = await hall.book(hall.wants(citizen, slot));
    await Promise.all(
      [1, 2, 3].map(() => hall.db.transaction((tx) => cancel(tx, { ...citizen, id }, hall.now, hall.deps))),
    );
    await Promise.all([freePlaces(hall.deps), freePlaces(hall.deps)]);
    expect(await hall.taken(slot)).toBe(1);
  });

  test('two who change places with each other both get through or keep what they had', async () => {
    const resource = await hall.resource();
    const [one, two] = [
      await hall.slot(resource, 2, '2026-03-05 09:00'),
      await hall.slot(resource, 2, '2026-03-05 10:00'),
    ];
    const [anna, bert] = [await hall.citizen(), await hall.citizen()];
    const [a, b] = [await hall.book(hall.wants(anna, one)), await hall.book(hall.wants(bert, two))];
    await Promise.all([
      hall.db.transaction((tx) =>
        reschedule(tx, { ...anna, id: a.id }, { slotId: two, key: 'anna moves', at: hall.now }, hall.deps),
      ),
      hall.db.transaction((tx) =>
        reschedule(tx, { ...bert, id: b.id }, { slotId: one, key: 'bert moves', at: hall.now }, hall.deps),
      ),
    ]);
    // What they left is free again as if they had cancelled: after a while.
    expect([await hall.taken(one), await hall.taken(two)]).toEqual([2, 2]);
    hall.pass(21);
    await freePlaces(hall.deps);
    expect([await hall.taken(one), await hall.taken(two)]).toEqual([1, 1]);
  });
});

test('who books while the time goes over to a substitute is with the substitute', async () => {
  const [away, substitute] = [await hall.resource(), await hall.resource()];
  const slot = await hall.slot(away, 1, '2026-03-06 15:00');
  const wanted = hall.wants(await hall.citizen(), slot);
  const { made } = await hall.db.transaction(async (tx) => {
    await tx.query('UPDATE appointment_slots SET resource_id = $2 WHERE id = $1', [slot, substitute]);
    const made = hall.book(wanted);
    const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    while ((await hall.db.query(waiting)).length === 0);
    return { made };
  });
  const booked = await made;
  expect(booked.resource_id).toBe(substitute);
  const [row] = await hall.db.query('SELECT resource_id FROM appointments WHERE id = $1', [booked.id]);
  expect(row).toEqual({ resource_id: substitute });
});

describe('a hold', () => {
  test('takes the place, becomes a booking within five minutes, and is free again after them', async () => {
    const slot = await hall.slot(await hall.resource(), 1);
    const [first, second] = [await hall.citizen(), await hall.citizen()];
    const held = await hall.hold(hall.wants(first, slot));
    expect(held).toMatchObject({ status: 'held', until: new Date(hall.now.getTime() + 300_000) });
    await expect(hall.book(hall.wants(second, slot))).rejects.toMatchObject({ code: 'full' });
    hall.pass(5);
    await expect(
      hall.db.transaction((tx) => confirm(tx, { ...first, id: held.id }, hall.now, hall.deps)),
    ).rejects.toMatchObject({ status: 409, message: '保留的时间已过，请重新选择时段' });
    await freePlaces(hall.deps);
    expect(await hall.taken(slot)).toBe(0);
    const again = await hall.hold(hall.wants(second, slot));
    const booked = await hall.db.transaction((tx) => confirm(tx, { ...second, id: again.id }, hall.now, hall.deps));
    expect(booked).toMatchObject({ status: 'booked', until: null });
  });

  test('is let go of by who goes back and chooses another time; a booking is not', async () => {
    const resource = await hall.resource();
    const [one, two] = [
      await hall.slot(resource, 1, '2026-03-06 09:00'),
      await hall.slot(resource, 1, '2026-03-06 10:00'),
    ];
    const citizen = await hall.citizen();
    const instead = (slot: string) =>
      hall.db.transaction((tx) => holdInstead(tx, hall.wants(citizen, slot), hall.deps));
    expect(await instead(one)).toBeUndefined();
    const first = await hall.hold(hall.wants(citizen, one));
    expect((await instead(one))?.id).toBe(first.id);
    const second = (await instead(two))!;
    expect([second.status, await hall.taken(one), await hall.taken(two)]).toEqual(['held', 0, 1]);
    // Where the other time is full, what they hold stays theirs.
    await hall.hold(hall.wants(await hall.citizen(), one));
    await expect(instead(one)).rejects.toMatchObject({ code: 'full' });
    await hall.db.transaction((tx) => confirm(tx, { ...citizen, id: second.id }, hall.now, hall.deps));
    expect(await instead(one)).toBeUndefined();
  });

  test('that is let go of goes first to who waits for that day', async () => {
    const [full, other] = [await hall.resource(), await hall.resource()];
    const [only, elsewhere] = [
      await hall.slot(full, 1, '2026-03-10 09:00'),
      await hall.slot(other, 1, '2026-03-10 09:00'),
    ];
    const [citizen, waiting] = [await hall.citizen(), await hall.citizen()];
    await hall.hold(hall.wants(citizen, only));
    const day = { resourceId: full, day: '2026-03-10', at: hall.now };
    await hall.db.transaction((tx) => waitFor(tx, { ...waiting, ...day }));
    await hall.db.transaction((tx) => holdInstead(tx, hall.wants(citizen, elsewhere), hall.deps));
    await expect(hall.hold(hall.wants(await hall.citizen(), only))).rejects.toMatchObject({ code: 'full' });
    await freePlaces(hall.deps);
    const offered = `SELECT status FROM appointments WHERE slot_id = $1 AND openid = $2`;
    expect(await hall.db.query(offered, [only, waiting.openid])).toEqual([{ status: 'offered' }]);
  });

  test('of somebody else is not there', async () => {
    const held = await hall.hold(hall.wants(await hall.citizen(), await hall.slot(await hall.resource(), 1)));
    const other = await hall.citizen();
    for (const act of [confirm, cancel])
      await expect(
        hall.db.transaction((tx) => act(tx, { ...other, id: held.id }, hall.now, hall.deps)),
      ).rejects.toMatchObject({ status: 404 });
  });
});

describe('limits', () => {
  test('twice a week, and not by going through cancelled ones', async () => {
    const resource = await hall.resource();
    const citizen = await hall.citizen();
    const slots = [];
    for (const day of ['09', '10', '11']) slots.push(await hall.slot(resource, 5, `2026-03-${day} 09:00`));
    await hall.book(hall.wants(citizen, slots[0]!));
    const { id } = await hall.book(hall.wants(citizen, slots[1]!));
    await expect(hall.book(hall.wants(citizen, slots[2]!))).rejects.toMatchObject({
      message: '同一人每周在同一部门最多约 2 次',
    });
    await hall.db.transaction((tx) => cancel(tx, { ...citizen, id }, hall.now, hall.deps));
    await hall.book(hall.wants(citizen, slots[2]!));
  });

  test('who did not come three times in 90 days may not book for 180 days', async () => {
    const resource = await hall.resource();
    const citizen = await hall.citizen();
    for (const day of ['03', '04', '10'])
      await hall.book(hall.wants(citizen, await hall.slot(resource, 1, `2026-03-${day} 15:00`)));
    hall.setTime('2026-03-11 00:05');
    await Promise.all([markNoShows(hall.deps), markNoShows(hall.deps)]);
    const later = await hall.slot(resource, 1, '2026-03-20 09:00');
    await expect(hall.book(hall.wants(citizen, later))).rejects.toMatchObject({
      status: 403,
      message: '您已爽约 3 次，2026-09-06 前不能预约；有原因的请联系该部门撤销',
    });
    await hall.db.query('UPDATE appointment_no_shows SET forgiven_at = $2 WHERE person_id = $1', [
      citizen.person.id,
      hall.now,
    ]);
    await hall.book(hall.wants(citizen, later));
  });

  test.each([
    ['2026-03-01 09:00', '这个时段已经开始，请另选'],
    ['2026-03-04 09:00', '这个时段已停诊或停办，请另选'],
  ])('a slot that cannot be booked says why (%s)', async (time, message) => {
    const slot = await hall.slot(await hall.resource(), 1, time);
    await hall.db.query(`UPDATE appointment_slots SET status = 'stopped' WHERE id = $1 AND starts_at > $2`, [
      slot,
      hall.now,
    ]);
    await expect(hall.book(hall.wants(await hall.citizen(), slot))).rejects.toMatchObject({ message });
  });
});

describe('the waiting list', () => {
  test('a place that is given up goes to the first in line, then to the next, and only then to anyone', async () => {
    const resource = await hall.resource({ returnAfterMinutes: { least: 10, most: 10 } });
    const slot = await hall.slot(resource, 1);
    const [holder, first, second, stranger] = await Promise.all([1, 2, 3, 4].map(() => hall.citizen()));
    const { id } = await hall.book(hall.wants(holder!, slot));
    const line = (one: typeof first) =>
      hall.db.transaction((tx) => waitFor(tx, { ...one!, resourceId: resource, day: '2026-03-04', at: hall.now }));
    expect([await line(first), await line(second), await line(first)]).toEqual([1, 2, 1]);
    await hall.db.transaction((tx) => cancel(tx, { ...holder!, id }, hall.now, hall.deps));
    await freePlaces(hall.deps);
    await expect(hall.book(hall.wants(stranger!, slot))).rejects.toMatchObject({ code: 'full' });
    hall.pass(10);
    await freePlaces(hall.deps);
    expect(await offerOf(first!)).toMatchObject({ status: 'offered' });
    expect(await hall.taken(slot)).toBe(1);
    hall.pass(15);
    await freePlaces(hall.deps);
    expect(await offerOf(first!)).toMatchObject({ status: 'expired' });
    const offer = await offerOf(second!);
    await hall.db.transaction((tx) => confirm(tx, { ...second!, id: offer!.id }, hall.now, hall.deps));
    expect(await hall.taken(slot)).toBe(1);
    const told = await hall.db.query(`SELECT 1 FROM deliveries WHERE openid = $1`, [second!.openid]);
    expect(told).toHaveLength(2);
  });

  test('a place that staff add is kept for those in line, and free for anyone once nobody wants it', async () => {
    const resource = await hall.resource();
    const slot = await hall.slot(resource, 1);
    const [holder, first, second, stranger] = await hall.crowd(4);
    await hall.book(hall.wants(holder!, slot));
    for (const one of [first, second])
      await hall.db.transaction((tx) =>
        waitFor(tx, { ...one!, resourceId: resource, day: '2026-03-04', at: hall.now }),
      );
    const { staff } = (await findStaff(hall.db, { username: 'supervisor' }))!;
    const who = { caller: staff, address: 'test' };
    const added = { resourceId: resource, slotId: slot, capacity: 2 };
    expect(await changeCapacity(who, added, hall.deps)).toMatchObject({ capacity: 2, taken: 2 });
    await expect(hall.book(hall.wants(stranger!, slot))).rejects.toMatchObject({ code: 'full' });
    const extra = { day: '2026-03-04', from: '15:00', to: '15:30', capacity: 3, pool: 'online' as const };
    // One more waits: one of the three places is for them, two are for anyone.
    expect(await addExtra(who, resource, extra, hall.deps)).toMatchObject({ capacity: 3, taken: 1 });
    await freePlaces(hall.deps);
    expect([(await offerOf(first!))?.status, (await offerOf(second!))?.status]).toEqual(['offered', 'offered']);
    hall.pass(15);
    await freePlaces(hall.deps);
    expect(await hall.taken(slot)).toBe(1);
    await hall.book(hall.wants(stranger!, slot));
  });

  const offerOf = async ({ openid }: { openid: string }) =>
    (
      await hall.db.query<{ id: string; status: string }>(
        'SELECT id::text, status FROM appointments WHERE openid = $1',
        [openid],
      )
    )[0];
});

describe('cancelling', () => {
  test('up to half an hour before, or as the policy of the resource says', async () => {
    const strict = await hall.resource({ cancelUntil: { daysBefore: 1, time: '17:00' } });
    const citizen = await hall.citizen();
    const { id } = await hall.book(hall.wants(citizen, await hall.slot(strict, 1)));
    hall.setTime('2026-03-03 17:01');
    await expect(
      hall.db.transaction((tx) => cancel(tx, { ...citizen, id }, hall.now, hall.deps)),
    ).rejects.toMatchObject({
      message: '2026-03-03 17:00 之后不能在线取消，请联系门诊服务部',
    });
    hall.setTime('2026-03-03 17:00');
    expect(await hall.db.transaction((tx) => cancel(tx, { ...citizen, id }, hall.now, hall.deps))).toMatchObject({
      status: 'cancelled',
    });
  });
});
