import { holdTogether } from '../../../src/services/appointments/hold-together';
import { lately } from '../../../src/services/appointments/lately';
import { recount } from '../../../src/services/appointments/recount';
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

const refusals = async (asked: Promise<unknown>[]) => reasons(await Promise.allSettled(asked));

test('those who come at the same moment have the places in the order in which they came, also where two processes take them', async () => {
  const [slot, second] = [await hall.slot(await hall.resource(), 7), await hall.slot(await hall.resource(), 70)];
  const crowd = await hall.crowd(90);
  const all = await Promise.allSettled(crowd.map((one) => hall.hold(hall.wants(one, slot))));
  expect(all.map(({ status }) => status === 'fulfilled')).toEqual(crowd.map((_one, n) => n < 7));
  expect(reasons(all)).toEqual(['该时段刚被约满，请另选']);
  expect(await hall.taken(slot)).toBe(7);

  const other = { ...hall.deps, events: { ...hall.deps.events } };
  const deps = [hall.deps, other];
  const rest = crowd.slice(7).map((one, n) => holdTogether(hall.wants(one, second), deps[n % 2]!));
  expect(won(await Promise.allSettled(rest))).toBe(70);
  expect(await hall.taken(second)).toBe(70);
});

test('those who want several times across each other in two processes do not wait for each other', async () => {
  const resource = await hall.resource();
  const slots: string[] = [];
  for (const minute of [10, 20, 30, 40, 50]) slots.push(await hall.slot(resource, 30, `2026-03-04 14:${minute}`, 5));
  const other = { ...hall.deps, events: { ...hall.deps.events } };
  const crowd = await hall.crowd(100);
  const held = await Promise.all(
    crowd.flatMap((one, n) => {
      const slot = slots[n % 2 ? n % 5 : 4 - (n % 5)]!;
      return holdTogether(hall.wants(one, slot), n % 2 ? hall.deps : other);
    }),
  );
  expect(new Set(held.map(({ code }) => code)).size).toBe(100);
  for (const slot of slots) expect(await hall.taken(slot)).toBe(20);
});

test('those who come together are each held to their own limits: a second time of the day, the fourth of a phone', async () => {
  const resource = await hall.resource({ personsPerPhone: 3 });
  const [one, two] = [
    await hall.slot(resource, 9, '2026-03-06 09:00'),
    await hall.slot(resource, 9, '2026-03-06 10:00'),
  ];
  const citizen = await hall.citizen();
  expect(await refusals([one, two].map((slot) => hall.hold(hall.wants(citizen, slot))))).toEqual([
    '同一人同一天在同一部门只能约一次；已约的在「我的预约」里，可以改期或取消',
  ]);
  const family = (await hall.crowd(5)).map((each) => ({
    ...each,
    person: { ...each.person, phoneHash: 'the same phone' },
  }));
  const asked = await Promise.allSettled(family.map((each) => hall.hold(hall.wants(each, two))));
  expect(asked.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected']);
  expect(reasons(asked)).toEqual(['一个手机号每天在同一部门最多为 3 个人预约']);
});

test('those who come together do not suffer by one among them that Postgres refuses', async () => {
  const slot = await hall.slot(await hall.resource(), 9);
  const [first, broken, last] = (await hall.crowd(3)).map((one) => hall.wants(one, slot));
  const all = await Promise.allSettled([first!, { ...broken!, openid: 'no\0text' }, last!].map(hall.hold));
  expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await hall.taken(slot)).toBe(2);
});

test('the same form sent five times at once is one place', async () => {
  const slot = await hall.slot(await hall.resource(), 5);
  const wanted = hall.wants(await hall.citizen(), slot);
  const made = await Promise.all(Array.from({ length: 5 }, () => hall.hold(wanted)));
  expect(new Set(made.map(({ code }) => code)).size).toBe(1);
  expect(await hall.taken(slot)).toBe(1);
});

test('one who wants what another transaction has keeps nobody waiting who wants something else', async () => {
  const resource = await hall.resource();
  const [busy, free] = [
    await hall.slot(resource, 9, '2026-03-09 09:00'),
    await hall.slot(resource, 9, '2026-03-09 10:00'),
  ];
  const [first, second, third] = await hall.crowd(3);
  const order: string[] = [];
  const held = (one: string, asked: Promise<unknown>) => asked.then(() => order.push(one));
  let all: Promise<unknown> = Promise.resolve();
  await hall.db.transaction(async (tx) => {
    await tx.query('SELECT 1 FROM appointment_slots WHERE id = $1 FOR UPDATE', [busy]);
    const waiting = held('busy', hall.hold(hall.wants(first!, busy)));
    await held('with it', hall.hold(hall.wants(second!, free)));
    await held('after it', hall.hold(hall.wants(third!, free)));
    all = waiting;
  });
  await all;
  expect(order).toEqual(['with it', 'after it', 'busy']);
});

test('what many ask in the same second is read once, and nothing of it is kept beyond that second', async () => {
  const events = { ...hall.deps.events };
  let read = 0;
  const ask = (second: number) =>
    lately('a day', { events, clock: { ...hall.deps.clock, millis: () => second * 1000 } }, async () => ++read);
  expect(await Promise.all([ask(1), ask(1)])).toEqual([1, 1]);
  expect([await ask(2), await ask(2), await ask(1)]).toEqual([2, 2, 3]);
});
