import { runDue } from '../../src/dialogue/privacy/run';
import { personBoundTo } from '../../src/people/identity/bindings';
import { organisationByKey } from '../../src/people/organisations';
import { book } from '../../src/services/appointments/booking';
import { recount } from '../../src/services/appointments/recount';
import { anyone, startTestServer, type TestServer } from '../support/server';
import { smsCode } from './citizen-client';
import { later, type Someone } from './registration';

export let server: TestServer;
export let resourceId: number;

/** A counter where citizens have bookings, whose copies and deletions are run by hand. */
export function openLeaving(): void {
  beforeAll(async () => {
    server = await startTestServer({ env: { ROLES: 'web', LOG_LEVEL: 'silent' } });
    const office = (await organisationByKey(server.deps.db, 'police-household'))!;
    const [row] = await server.deps.db.query<{ id: number }>(
      `INSERT INTO appointment_resources (key, organisation_id, kind, title) VALUES ('privacy', $1, 'counter', '示例窗口') RETURNING id`,
      [office.id],
    );
    resourceId = row!.id;
  });
  afterAll(async () => {
    expect(await recount(server.deps.db, '2000-01-01')).toEqual([]);
    await server.stop();
  });
}

export type Request = {
  id: string;
  status: string;
  dueAt: string;
  result: { title: string; erased: number; kept: number; why?: string; until?: string }[];
};
export type Privacy = { phone: string | null; formerUntil: string | null; items: Request[] };
export const run = () => runDue(server.deps.serviceDeps);
export const days = (count: number) => later(server, count * 24 * 3600);

/** Asks for it as the page does: a code to the registered phone, and the code back. */
export async function ask({ openid, citizen }: Someone, what: 'exports' | 'deletions') {
  later(server);
  expect((await citizen.post('/privacy/codes')).status).toBe(200);
  const answer = await citizen.post<Request>(`/privacy/${what}`, { code: await smsCode(server, openid) });
  expect(answer.status).toBe(201);
  return answer.body;
}

/** A place that begins in so many hours, booked. */
export async function booked({ openid, personId }: Someone & { personId: string }, hours: number): Promise<string> {
  const { db, clock, serviceDeps, accounts } = server.deps;
  const startsAt = new Date(clock.millis() + hours * 3600_000);
  const [slot] = await db.query<{ id: string }>(
    `INSERT INTO appointment_slots (resource_id, organisation_id, pool, day, starts_at, ends_at, opens_at, capacity)
     SELECT id, organisation_id, 'online', ($2::timestamptz AT TIME ZONE 'Asia/Shanghai')::date, $2,
            $2::timestamptz + interval '30 minutes', $2::timestamptz - interval '60 days', 1
       FROM appointment_resources WHERE id = $1 RETURNING id::text`,
    [resourceId, startsAt],
  );
  const citizen = { accountId: accounts.byKey('demo')!.id, openid };
  const person = await personBoundTo(db, citizen, personId, server.deps.encryption);
  const wanted = { ...citizen, person, slotId: slot!.id, key: anyone(), at: clock.now() };
  return (await db.transaction((tx) => book(tx, wanted, serviceDeps))).id;
}

export const everything = async () => {
  const tables = await server.deps.db.query<{ name: string }>(
    `SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = 'public' AND c.relkind = 'r'`,
  );
  let text = '';
  for (const { name } of tables)
    text += JSON.stringify(await server.deps.db.query(`SELECT '${name}' AS t, x.* FROM ${name} x`));
  return text;
};
export const privacy = async ({ citizen }: Someone) => (await citizen.get<Privacy>('/privacy')).body;
