import type { Store } from '../callback/store';
import { createHistogram } from '../support/histogram';
import { cpuSeconds, familyCpuSeconds } from '../support/processes';
import { type ServerProcess, startServer } from '../support/server-process';
import { type Answered, createCitizens } from './citizens';
import { agreeToHealth, type Hall, openHall, type Registered } from './city';
import { passFiveMinutes } from './later';

const wechatWaits = 5000;
const places = 60;

/**
 * Everybody at once for sixty places of three doctors: half of them confirm in the chat, half tap on the page. Then five minutes
 * pass, and what was held and not confirmed is asked for again.
 * @returns what is wrong, nothing if all is well
 */
export async function release(store: Store, people: Registered[], processes: number): Promise<string[]> {
  const { client } = store;
  await client.query(
    'TRUNCATE appointments, appointment_admissions, appointment_waiting, appointment_no_shows CASCADE',
  );
  const hall = await openHall(client, { now: new Date(), slots: places / 3, capacity: 1 });
  const accountId = (await client.query<{ id: number }>('SELECT min(id) AS id FROM accounts')).rows[0]!.id;
  const chatters = people.filter(({ n }) => n % 2 === 0);
  await standAtConfirmation(store, chatters, hall, accountId);
  const servers: ServerProcess[] = [];
  try {
    while (servers.length < processes) servers.push(await startServer(store.start()));
    await agreeToHealth(client, people, servers[0]!.port);
    const all = createCitizens(
      servers.map(({ port }) => port),
      accountId,
    );
    const wrong = await rush(store, hall, people, all, servers);
    all.close();
    return wrong;
  } finally {
    for (const server of servers) await server.stop();
  }
}

type Citizens = ReturnType<typeof createCitizens>;

async function rush(
  store: Store,
  hall: Hall,
  people: Registered[],
  citizens: Citizens,
  servers: ServerProcess[],
): Promise<string[]> {
  const processes = servers.length;
  const spent = () => ({
    servers: servers.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0),
    postgres: familyCpuSeconds(store.postgres),
    citizens: (process.cpuUsage().user + process.cpuUsage().system) / 1e6,
  });
  const wrong: string[] = [];
  const seen = { chat: createHistogram(), page: createHistogram() };
  const note = (by: 'chat' | 'page', { millis, status, body }: Answered) => {
    seen[by].add(millis);
    if (status >= 500 || (by === 'chat' && (status !== 200 || body === 'success')))
      wrong.push(`${by}: ${status} ${body.slice(0, 80)}`);
  };
  const since = Date.now() * 1000;
  const said = people.map((person) => (person.n % 2 === 0 ? citizens.toSay(person, '1', since + person.n) : undefined));
  for (const person of people) if (person.n % 2 === 1) citizens.signIn(person);
  const start = performance.now();
  const atRest = spent();
  const results = await Promise.all(
    people.map(async (person, index) => {
      const slot = slotFor(hall, person.n);
      const words = said[index];
      if (words) return void note('chat', await words());
      const { first, held } = await citizens.tap(person, slot);
      note('page', first);
      // Every tenth who got a place goes away.
      if (held && person.n % 10 !== 1) await citizens.confirm(person, held);
    }),
  );
  const decided = (performance.now() - start) / 1000;
  const used = spent();
  await lineIsEmpty(store);
  await confirmInChat(store, people, citizens);
  const before = await count(store, hall);
  if (before.booked + before.held !== places)
    wrong.push(`${before.booked} booked and ${before.held} held of ${places}`);
  await passFiveMinutes(store.url);
  const after = await count(store, hall);
  if (after.held > 0) wrong.push(`${after.held} still held after five minutes`);
  await again(store, hall, people, citizens);
  const end = await count(store, hall);
  if (end.booked !== places || end.taken !== places) wrong.push(`${end.booked} booked, ${end.taken} taken in the end`);
  if (end.twice > 0) wrong.push(`${end.twice} people have two places`);
  for (const [by, one] of Object.entries(seen))
    if (one.longest() > wechatWaits) wrong.push(`${by}: an answer took ${one.longest().toFixed(0)} ms`);
  console.log(
    `${processes} web process${processes > 1 ? 'es' : ''}: ${results.length} at once, all decided after ${decided.toFixed(1)} s; ${before.booked} booked, ${before.held} held and not confirmed, free again after five minutes; in the end ${end.booked} booked`,
  );
  const seconds = (by: keyof typeof used) => (used[by] - atRest[by]).toFixed(1);
  console.log(
    `  processor until all were decided: servers ${seconds('servers')} s, PostgreSQL ${seconds('postgres')} s, the citizens themselves ${seconds('citizens')} s`,
  );
  for (const [by, one] of Object.entries(seen))
    console.log(
      `  ${by}: ${one.count()} first answers, p50 ${one.quantile(0.5).toFixed(0)} ms, p99 ${one.quantile(0.99).toFixed(0)} ms, longest ${one.longest().toFixed(0)} ms`,
    );
  return wrong;
}

const slotFor = ({ doctors }: Hall, n: number): string => {
  const { slots } = doctors[n % doctors.length]!;
  return slots[(Math.imul(n + 1, 0x9e3779b1) >>> 8) % slots.length]!;
};

/** Who chats has chosen already, and is asked whether to book. */
async function standAtConfirmation(
  { client }: Store,
  people: Registered[],
  hall: Hall,
  accountId: number,
): Promise<void> {
  await client.query('TRUNCATE sessions');
  const doctorOf = new Map(hall.doctors.flatMap((doctor) => doctor.slots.map((slot) => [slot, doctor] as const)));
  const states = people.map(({ n, personId }) => {
    const slot = slotFor(hall, n);
    const { resourceId, organisationId } = doctorOf.get(slot)!;
    const answers = {
      office: String(organisationId),
      resource: String(resourceId),
      day: hall.day,
      slot,
      person: personId,
    };
    const flow = { flow: 'appointments.book', answers, asked: 'confirm', offered: [] };
    return JSON.stringify({ flow, at: Math.floor(Date.now() / 1000) });
  });
  await client.query(
    `INSERT INTO sessions (account_id, openid, version, state, following, first_at, last_at, waiting, message_left, tap_left)
     SELECT $1, openid, 1, state, true, $4, $4, 0, 0, 0 FROM unnest($2::text[], $3::json[]) AS t (openid, state)`,
    [accountId, people.map(({ openid }) => openid), states, new Date()],
  );
}

async function lineIsEmpty({ client }: Store): Promise<void> {
  for (;;) {
    const { rows } = await client.query(`SELECT FROM appointment_admissions WHERE status = 'waiting' LIMIT 1`);
    if (rows.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Who was kept another time than they chose follows the link of the notice. */
async function confirmInChat({ client }: Store, people: Registered[], citizens: Citizens): Promise<void> {
  const { rows } = await client.query<{ id: string; openid: string }>(
    `SELECT a.id::text, a.openid FROM appointments a JOIN appointment_admissions q ON q.appointment_id = a.id
      WHERE a.status = 'held' AND q.via = 'chat'`,
  );
  const byOpenid = new Map(people.map((person) => [person.openid, person]));
  for (const { id, openid } of rows) await citizens.confirm(byOpenid.get(openid)!, id);
}

/** What has become free is asked for by those who went away empty-handed. */
async function again({ client }: Store, { doctors }: Hall, people: Registered[], citizens: Citizens): Promise<void> {
  const { rows } = await client.query<{ openid: string }>(`SELECT openid FROM appointments`);
  const had = new Set(rows.map(({ openid }) => openid));
  const others = people.filter(({ openid, n }) => n % 2 === 1 && !had.has(openid));
  const free = await client.query<{ id: string }>(
    'SELECT id::text FROM appointment_slots WHERE resource_id = ANY ($1::int[]) AND taken < capacity',
    [doctors.map(({ resourceId }) => resourceId)],
  );
  await Promise.all(
    free.rows.flatMap(({ id }, index) =>
      others.slice(index * 10, index * 10 + 10).map(async (person) => {
        const { held } = await citizens.tap(person, id);
        if (held) await citizens.confirm(person, held);
      }),
    ),
  );
}

async function count({ client }: Store, { doctors }: Hall) {
  const { rows } = await client.query<{ booked: number; held: number; taken: number; twice: number }>(
    `SELECT (SELECT count(*)::int FROM appointments WHERE status = 'booked') AS booked,
            (SELECT count(*)::int FROM appointments WHERE status = 'held') AS held,
            (SELECT sum(taken)::int FROM appointment_slots WHERE resource_id = ANY ($1::int[])) AS taken,
            (SELECT count(*)::int FROM (SELECT FROM appointments WHERE status IN ('booked','held') GROUP BY person_id HAVING count(*) > 1) t) AS twice`,
    [doctors.map(({ resourceId }) => resourceId)],
  );
  return rows[0]!;
}
