import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Wanted } from '../../../src/services/appointments/booking';
import { recount } from '../../../src/services/appointments/recount';
import { testSecretKey } from '../../support/server';
import type { Order } from './booker';
import { type Hall, openHall } from './hall';

let hall: Hall;
beforeAll(async () => {
  hall = await openHall();
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
    secretKey: testSecretKey,
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
