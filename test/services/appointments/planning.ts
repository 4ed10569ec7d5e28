import { recount } from '../../../src/services/appointments/recount';
import { addStaff, type Client, signIn } from '../../console/client';
import { type Hall, openHall } from './hall';

export let hall: Hall;
export let planner: Client;
export let police: Client;

/** A hospital and a police house that plan; after each test every place is accounted for. */
export function openPlanning(): void {
  beforeAll(async () => {
    hall = await openHall();
    hall.server.deps.clock.offset = hall.now.getTime() - Date.now();
    await addStaff(hall.server, 'planner-hospital', 'operator', 'hospital-first');
    await addStaff(hall.server, 'planner-police', 'supervisor', 'police');
    planner = await signIn(hall.server, 'planner-hospital');
    police = await signIn(hall.server, 'planner-police');
  });
  afterAll(() => hall?.close());
  afterEach(async () => {
    expect(await recount(hall.db, '2026-01-01')).toEqual([]);
  });
}

export const base = '/services/appointments/setup';
export const rule = {
  weekdays: [1, 2, 3, 4, 5],
  from: '09:00',
  to: '10:30',
  minutes: 30,
  capacity: 3,
  pool: 'online',
  validFrom: '2026-01-01',
};
export type Slot = {
  id: string;
  startsAt: string;
  capacity: number;
  taken: number;
  status: string;
  withdrawn: boolean;
};

export let made = 0;
export async function newDoctor(rules: object[] = [rule]): Promise<number> {
  const body = { organisationId: hall.organisation.id, kind: 'doctor', title: `示例医生${++made}` };
  const { id } = (await planner.send('POST', `${base}/resources`, body)).body as { id: number };
  if (rules.length > 0) expect((await setRules(id, rules)).status).toBe(200);
  return id;
}
export const versionOf = async (id: number) =>
  ((await planner.get(`${base}/resources/${id}`)).body as { version: number }).version;
export const setRules = async (id: number, rules: object[]) =>
  planner.send('PUT', `${base}/resources/${id}/rules`, { version: await versionOf(id), rules });
export const slotsOn = async (id: number, day: string) =>
  ((await planner.get(`${base}/resources/${id}/days/${day}`)).body as { items: Slot[] }).items;
export const times = async (id: number, day: string) =>
  (await slotsOn(id, day)).map(({ startsAt, capacity }) => `${time(startsAt)} ${capacity}`);
export const time = (iso: string) => new Date(Date.parse(iso) + 8 * 3600_000).toISOString().slice(11, 16);
export async function bookAt(slotId: string) {
  const citizen = await hall.citizen();
  return { ...(await hall.book(hall.wants(citizen, slotId))), openid: citizen.openid };
}
export const toldOf = (openid: string) =>
  hall.db
    .query<{ kind: string }>(`SELECT body->'notice'->>'kind' AS kind FROM deliveries WHERE openid = $1 ORDER BY id`, [
      openid,
    ])
    .then((rows) => rows.map(({ kind }) => kind));

/** Nobody stays signed in for so long. */
export async function signPlannerIn(): Promise<void> {
  planner = await signIn(hall.server, 'planner-hospital');
}
