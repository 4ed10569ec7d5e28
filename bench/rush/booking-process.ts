import { Client } from 'pg';
import { phoneHash } from '../../src/people/identity/bindings';
import { openDatabase } from '../../src/platform/database';
import { openEvents } from '../../src/platform/events';
import { createLog } from '../../src/platform/log';
import { holdTogether } from '../../src/services/appointments/hold-together';
import { encryption, type Hall, type Registered } from './city';

export type Work = {
  kind: 'ours' | 'script';
  databaseUrl: string;
  accountId: number;
  hall: Hall;
  people: Registered[];
  /** people under way at a time: the script has a connection for each */
  connections: number;
  at: number;
};

/** Seconds by the clock, and of the processor. */
export type Done = { seconds: number; processor: number };
export type Said = 'ready' | Done;
export type Order = 'go' | 'end';

type Booker = { book(person: Registered, slotId: string): Promise<void>; close(): Promise<void> };

// One process that books one place for each of its people, as fast as it can: by our transaction, or by a bare one. Each time it is told to.
process.once('message', async (work: Work) => {
  const bookers = await (work.kind === 'ours' ? ours(work) : bare(work));
  process.on('message', async (order: Order) => {
    if (order === 'go') return process.send!(await bookAll(work, bookers));
    for (const booker of bookers) await booker.close();
    process.disconnect();
  });
  process.send!('ready' satisfies Said);
});

async function bookAll({ hall, people }: Work, bookers: Booker[]): Promise<Done> {
  const slots = hall.doctors.flatMap((doctor) => doctor.slots);
  const start = performance.now();
  const before = process.cpuUsage();
  let next = 0;
  await Promise.all(
    bookers.map(async (booker) => {
      for (let n = next++; n < people.length; n = next++) await booker.book(people[n]!, slots[n % slots.length]!);
    }),
  );
  const { user, system } = process.cpuUsage(before);
  return { seconds: (performance.now() - start) / 1000, processor: (user + system) / 1e6 };
}

/** As the service does it for its page: turns, limits, the place, and the whole booking with the names of what was booked as the answer. */
async function ours({ databaseUrl, accountId, connections, at }: Work): Promise<Booker[]> {
  const log = createLog('silent', false);
  const db = await openDatabase(databaseUrl, log);
  const events = await openEvents(databaseUrl, db, log);
  const settings = { get: <T>(_key: string, otherwise: T) => otherwise, set: async () => {} };
  const deps = { db, events, settings };
  const [nameSealed, phoneSealed] = [encryption.seal('示例市民'), encryption.seal('13900000000')];
  let open = connections;
  // As the script has: all are open before anything is measured.
  await Promise.all(Array.from({ length: connections }, () => db.transaction((tx) => tx.query('SELECT 1'))));
  return Array.from({ length: connections }, () => ({
    async book({ openid, personId, phone }, slotId) {
      const person = { id: personId, nameSealed, phoneSealed, phoneHash: phoneHash(phone, encryption) };
      await holdTogether({ slotId, accountId, openid, person, key: 'bench', at: new Date(at) }, deps);
    },
    close: async () => {
      if (--open > 0) return;
      await events.close();
      await db.close();
    },
  }));
}

/** What a script would do that knows neither limits nor turns: the same UPDATE and INSERT on the same rows, prepared. */
async function bare({ databaseUrl, accountId, connections, at }: Work): Promise<Booker[]> {
  const [name, phone] = [encryption.seal('示例市民'), encryption.seal('13900000000')];
  const open = async (): Promise<Booker> => {
    const client = new Client({ connectionString: databaseUrl });
    await client.connect();
    return {
      async book(one, slotId) {
        await client.query('BEGIN');
        const { rows } = await client.query({ name: 'place', text: takePlace, values: [slotId] });
        const [{ resource_id, organisation_id, day, starts_at }] = rows;
        const values = [
          // Unlike each other for certain: it does not look.
          one.personId.padStart(8, '0'),
          slotId,
          resource_id,
          organisation_id,
          day,
          starts_at,
          accountId,
          one.openid,
          one.personId,
          name,
          phoneHash(one.phone, encryption),
          phone,
          new Date(at),
        ];
        await client.query({ name: 'booking', text: writeBooking, values });
        await client.query('COMMIT');
      },
      close: () => client.end(),
    };
  };
  return Promise.all(Array.from({ length: connections }, open));
}

const takePlace = `UPDATE appointment_slots SET taken = taken + 1 WHERE id = $1 AND status = 'open' AND taken < capacity
  RETURNING resource_id, organisation_id, day::text, starts_at`;
const writeBooking = `INSERT INTO appointments (code, slot_id, resource_id, organisation_id, day, starts_at, account_id, openid, person_id,
    name_sealed, phone_hash, phone_sealed, status, key, made_at, booked_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'booked', 'bench', $13, $13)`;
