import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Wanted } from '../../../src/services/appointments/booking';
import { recount } from '../../../src/services/appointments/recount';
import { workOnImports } from '../../../src/services/appointments/schedules/import-work';
import { addStaff, signIn } from '../../console/client';
import { testSecretKey } from '../../support/server';
import type { Order } from './booker';
import { type Hall, openHall } from './hall';
import type { Shift } from './worker';

let hall: Hall;
beforeAll(async () => {
  hall = await openHall();
  hall.server.deps.clock.offset = hall.now.getTime() - Date.now();
});
afterAll(() => hall.close());

/** Books in a process of its own, which is killed so many milliseconds after it began; undefined lets it finish. */
async function bookIn(wanted: Wanted[], killAfter?: number): Promise<Map<string, string>> {
  const child = fork(path.join(__dirname, 'booker.ts'), { execArgv: ['--import', 'tsx'] });
  const got = new Map<string, string>();
  const ended = once(child, 'exit');
  child.on('message', async (said: 'started' | { key: string; code: string }) => {
    if (said !== 'started') got.set(said.key, said.code);
    else if (killAfter !== undefined) {
      await pause(killAfter);
      child.kill('SIGKILL');
    }
  });
  const order: Order = {
    databaseUrl: hall.server.databaseUrl,
    wanted: wanted.map((one) => ({ ...one, at: one.at.toISOString() })),
  };
  child.send(order);
  await ended;
  return got;
}

test('200 bookings for 7 places in processes that are killed: 7 in the end, each kept that was told, and nothing counted wrong', async () => {
  const slot = await hall.slot(await hall.resource(), 7);
  const wanted = (await hall.crowd(200)).map((one) => hall.wants(one, slot));
  const told = new Map<string, string>();
  for (const rest of [0, 40, 80]) {
    const shares = [0, 1].map((share) => wanted.slice(rest).filter((_one, n) => n % 2 === share));
    const got = await Promise.all(shares.map((share) => bookIn(share, Math.random() * 60)));
    for (const [key, code] of got.flatMap((one) => [...one])) told.set(key, code);
    expect(await recount(hall.db, '2026-01-01')).toEqual([]);
  }
  for (const [key, code] of await bookIn(wanted)) {
    // Sent again with the same key it is the same booking.
    expect(told.get(key) ?? code).toBe(code);
    told.set(key, code);
  }
  expect(told.size).toBe(7);
  expect(await hall.taken(slot)).toBe(7);
  const rows = await hall.db.query<{ code: string }>('SELECT code FROM appointments WHERE slot_id = $1', [slot]);
  expect(rows.map(({ code }) => code).sort()).toEqual([...told.values()].sort());
  expect(await recount(hall.db, '2026-01-01')).toEqual([]);
}, 180_000);

/** Does in a process of its own what is left to do. */
function work(minutesLater = 0): { child: ChildProcess; ended: Promise<unknown> } {
  const child = fork(path.join(__dirname, 'worker.ts'), { execArgv: ['--import', 'tsx'] });
  const shift: Shift = {
    databaseUrl: hall.server.databaseUrl,
    secretKey: testSecretKey,
    at: new Date(hall.now.getTime() + minutesLater * 60_000).toISOString(),
  };
  child.send(shift);
  return { child, ended: once(child, 'exit') };
}

/** Works until so much is seen to be done, and is killed then. */
async function workAndDie(done: () => Promise<number>, enough: number): Promise<void> {
  const { child, ended } = work();
  while ((await done()) < enough && child.exitCode === null) await pause(1);
  child.kill('SIGKILL');
  await ended;
  expect(child.signalCode).toBe('SIGKILL');
}

const count = async (sql: string, values: unknown[]) =>
  (await hall.db.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${sql}`, values))[0]!.count;

test('a stop over 60 bookings, its process killed twice in the middle: each is released once and told once', async () => {
  const resource = await hall.resource();
  const slot = await hall.slot(resource, 60, '2026-03-05 10:00');
  const people = await hall.crowd(60);
  for (const one of people) await hall.book(hall.wants(one, slot));
  const clerk = await signIn(hall.server, 'clerk-hospital');
  const days = { from: '2026-03-05', to: '2026-03-05', reason: '医生临时参加抢救（示例）', instead: 'release' };
  const stop = { ...days, resources: [resource] };
  expect((await clerk.send('POST', '/services/appointments/stops', stop)).status).toBeLessThan(300);
  const released = () => count(`appointments WHERE resource_id = $1 AND status = 'stopped'`, [resource]);
  await workAndDie(released, 5);
  const first = await released();
  expect(first).toBeLessThan(60);
  await workAndDie(released, first + 5);
  await Promise.all([work().ended, work().ended]);
  expect(await released()).toBe(60);
  const told = await hall.db.query<{ times: number }>(
    `SELECT (SELECT count(*)::int FROM deliveries d WHERE d.openid = who) AS times FROM unnest($1::text[]) who`,
    [people.map(({ openid }) => openid)],
  );
  expect(told.filter(({ times }) => times !== 1)).toEqual([]);
  expect(await hall.taken(slot)).toBe(0);
  expect(await recount(hall.db, '2026-01-01')).toEqual([]);
}, 180_000);

test('a sheet of 80 doctors, its process killed in the middle: nothing of it is there, then all of it once', async () => {
  await addStaff(hall.server, 'planner-killed', 'operator', 'hospital-first');
  const planner = await signIn(hall.server, 'planner-killed');
  const header =
    '单位,科室或部门,类别,名称,职称或事项,地点,星期,班次,开始,结束,每号分钟,每个时段人数,号池,节假日照常,生效日期,截止日期';
  const names = Array.from({ length: 80 }, (_, n) => `中断${n}`);
  const lines = names.map(
    (name) => `示例市第一医院,门诊服务部,医生,${name},主任医师,2 层,一三五,上午,08:30,11:30,30,3,网上,否,2026-01-01,`,
  );
  const base = '/services/appointments/setup/imports';
  const response = await fetch(`${hall.server.url}/api/console${base}?name=${encodeURIComponent('示例.csv')}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${planner.token}`, 'content-type': 'text/csv' },
    body: [header, ...lines].join('\r\n'),
  });
  const { id } = (await response.json()) as { id: string };
  await workOnImports(hall.deps);
  expect((await planner.send('POST', `${base}/${id}/apply`)).status).toBe(202);
  const doctors = () => count(`appointment_resources WHERE title LIKE '中断%'`, []);
  const done = async () =>
    (await hall.db.query<{ done: number }>('SELECT rows_done AS done FROM appointment_imports WHERE id = $1', [id]))[0]!
      .done;
  await workAndDie(done, 10);
  expect(await doctors()).toBe(0);
  // Taken up again once the other is known to be gone, by one of two.
  await Promise.all([work(2).ended, work(2).ended]);
  await work(2).ended;
  expect((await planner.get(`${base}/${id}`)).body).toMatchObject({ status: 'done', done: 80, total: 80 });
  expect(await doctors()).toBe(80);
  expect(
    await count(
      `appointment_rules u JOIN appointment_resources r ON r.id = u.resource_id WHERE r.title LIKE '中断%'`,
      [],
    ),
  ).toBe(80);
  const slots = await hall.db.query<{ count: number }>(
    `SELECT count(s.id)::int AS count FROM appointment_resources r LEFT JOIN appointment_slots s ON s.resource_id = r.id AND s.day = '2026-03-04'
      WHERE r.title LIKE '中断%' GROUP BY r.id`,
  );
  expect(new Set(slots.map((one) => one.count))).toEqual(new Set([6]));
}, 180_000);
