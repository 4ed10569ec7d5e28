import type { ServiceDeps } from '../../../src/dialogue/service';
import { bindPerson, type Person, personBoundTo } from '../../../src/people/identity/bindings';
import { checkCharacter, type IdentityDocument } from '../../../src/people/identity/documents';
import { organisationByKey } from '../../../src/people/organisations';
import { book, type Wanted } from '../../../src/services/appointments/booking';
import { moment } from '../../../src/services/appointments/days';
import { holdTogether } from '../../../src/services/appointments/hold-together';
import type { Policy } from '../../../src/services/appointments/policy';
import { anyone, startTestServer } from '../../support/server';

export type Hall = Awaited<ReturnType<typeof openHall>>;

/** A server with one department's resources, and time that stands still until it is set. */
export async function openHall(start = '2026-03-02 10:00') {
  const server = await startTestServer({ env: { ROLES: 'web', LOG_LEVEL: 'silent' } });
  let now = at(start);
  const clock = { now: () => now, millis: () => now.getTime() };
  const deps: ServiceDeps = { ...server.deps.serviceDeps, clock };
  const { db } = deps;
  const account = server.deps.accounts.byKey('demo')!;
  const organisation = (await organisationByKey(db, 'hospital-first-desk'))!;
  let made = 0;
  const inTurn = createTurns(10);

  return {
    server,
    deps,
    db,
    account,
    organisation,
    get now() {
      return now;
    },
    setTime: (time: string) => {
      now = at(time);
    },
    pass: (minutes: number) => {
      now = new Date(now.getTime() + minutes * 60_000);
    },
    async resource(policy: Partial<Policy> = {}, organisationId = organisation.id): Promise<number> {
      const [row] = await db.query<{ id: number }>(
        `INSERT INTO appointment_resources (key, organisation_id, kind, title, subtitle, policy)
         VALUES ($1, $2, 'doctor', '示例医生', '主任医师', $3::jsonb) RETURNING id`,
        [`resource-${++made}`, organisationId, JSON.stringify(policy)],
      );
      return row!.id;
    },
    /** A time that can be booked now. */
    async slot(resourceId: number, capacity: number, time = '2026-03-04 09:00', minutes = 30): Promise<string> {
      const [row] = await db.query<{ id: string }>(
        `INSERT INTO appointment_slots (resource_id, organisation_id, pool, day, starts_at, ends_at, opens_at, capacity)
         SELECT id, organisation_id, 'online', $2, $3, $4, $5, $6 FROM appointment_resources WHERE id = $1 RETURNING id::text`,
        [
          resourceId,
          time.slice(0, 10),
          at(time),
          new Date(at(time).getTime() + minutes * 60_000),
          at('2026-01-01 07:00'),
          capacity,
        ],
      );
      return row!.id;
    },
    taken: async (slotId: string) =>
      (await db.query<{ taken: number }>('SELECT taken FROM appointment_slots WHERE id = $1', [slotId]))[0]!.taken,
    /** One after another, so that what is measured by a crowd is the booking alone. */
    async crowd(size: number): Promise<Citizen[]> {
      const crowd: Citizen[] = [];
      while (crowd.length < size) crowd.push(await this.citizen());
      return crowd;
    },
    /** With an ID card of their own, or with this document. */
    async citizen(shown?: IdentityDocument): Promise<Citizen> {
      const openid = anyone();
      const key = { accountId: account.id, openid };
      const phone = `138${String(++made).padStart(8, '0')}`;
      const document = shown ?? { kind: 'id-card' as const, number: idCard(made) };
      const fresh = { ...key, relation: 'self' as const, name: '示例市民', phone, document, at: now };
      const id = await db.transaction((tx) => bindPerson(tx, fresh, deps.encryption));
      return { ...key, person: await personBoundTo(db, key, id, deps.encryption) };
    },
    wants: ({ accountId, openid, person }: Citizen, slotId: string, key = anyone()): Wanted => ({
      accountId,
      openid,
      person,
      slotId,
      key,
      at: now,
    }),
    book: (wanted: Wanted) => inTurn(() => db.transaction((tx) => book(tx, wanted, deps))),
    hold: (wanted: Wanted) => holdTogether(wanted, deps),
    close: () => server.stop(),
  };
}

/** As many at once as there are connections: the pool would keep the others waiting too, but gives them up after three seconds. */
function createTurns(most: number) {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running === most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}

export type Citizen = { accountId: number; openid: string; person: Person };

export const at = (time: string) => moment(time.slice(0, 10), time.slice(11));

/** An ID number that nobody has: region 000000 does not exist, so 11 with an order of our own. */
export function idCard(order: number, born = '19900228'): string {
  const first17 = `110000${born}${String(order % 1000).padStart(3, '0')}`;
  return first17 + checkCharacter(first17);
}

/** How many of a crowd got what they asked for. */
export const won = <T>(results: PromiseSettledResult<T>[]) =>
  results.filter(({ status }) => status === 'fulfilled').length;
/** What the others were told, each once. */
export const reasons = (results: PromiseSettledResult<unknown>[]) => [
  ...new Set(results.flatMap((one) => (one.status === 'rejected' ? [(one.reason as Error).message] : []))),
];
