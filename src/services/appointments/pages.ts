import { z } from 'zod';
import { citizenRoute as route, type ServiceDeps } from '../../dialogue/service';
import { organisationOfAccount } from '../../people/organisations';
import { notFound } from '../../platform/errors';
import { daysOf, officesBelow, resourcesOf, type SlotState, slotsOn } from './availability';
import { dayOf } from './days';
import { holdPages } from './hold-pages';
import { lately } from './lately';
import { ownPages } from './own-pages';
import { policyOf } from './policy';

const numbered = z.object({ id: z.coerce.number().int().positive().max(2_147_483_647) });
const day = z.iso.date('应为日期，如 2026-03-01');
const dayState = z.object({
  day,
  free: z.number(),
  state: z
    .enum(['free', 'full', 'over', 'stopped', 'not-open', 'none'])
    .describe('有号、约满、当天的时段都已过、停诊停办、未放号、不出诊'),
});
const time = z.iso.datetime();

/** The days shown in one strip. */
const strip = 14;

/** What can be booked. Open to anyone: nobody has to say who they are to see whether there is a place. */
const browse = [
  route({
    method: 'get',
    path: '/appointments/offices',
    summary: '预约：可以预约的科室和窗口',
    role: 'public',
    query: z.object({ account: z.string().max(32) }),
    output: z.object({
      items: z.array(z.object({ id: z.number(), title: z.string(), house: z.string().nullable() })),
    }),
    handler: async ({ query }, { db }) => ({
      items: await officesBelow(db, await organisationOfAccount(db, query.account)),
    }),
  }),
  route({
    method: 'get',
    path: '/appointments/offices/:id',
    summary: '预约：一个科室近 14 天有没有号',
    role: 'public',
    params: numbered,
    output: z.object({ title: z.string(), house: z.string().nullable(), days: z.array(dayState) }),
    handler: async ({ params }, { db, clock }) => {
      const [office] = await db.query<{ title: string; house: string | null }>(
        `SELECT o.title, CASE WHEN o.kind = 'department' THEN h.title END AS house
           FROM organisations o LEFT JOIN organisations h ON h.id = o.parent_id WHERE o.id = $1`,
        [params.id],
      );
      const resources = await resourcesOf(db, params.id);
      if (!office || resources.length === 0) throw notFound('这个科室或窗口');
      const ids = resources.map(({ id }) => id);
      return { ...office, days: await daysOf(db, ids, strip, clock.now()) };
    },
  }),
  route({
    method: 'get',
    path: '/appointments/offices/:id/days/:day',
    summary: '预约：一个科室某一天的医生或窗口，和各时段余号',
    role: 'public',
    params: numbered.extend({ day }),
    output: z.object({
      items: z.array(
        z.object({
          id: z.number(),
          kind: z.enum(['doctor', 'clinic', 'counter']),
          title: z.string(),
          subtitle: z.string(),
          note: z.string(),
          place: z.string(),
          holdMinutes: z.number(),
          slots: z.array(
            z.object({
              id: z.string(),
              startsAt: time,
              endsAt: time,
              free: z.number(),
              status: z.enum(['open', 'stopped']),
              opensAt: time,
            }),
          ),
        }),
      ),
    }),
    handler: async ({ params }, deps) => {
      if (params.day < dayOf(deps.clock.now())) return { items: [] };
      const items = await lately(`office ${params.id} day ${params.day}`, deps, () => timesOf(params, deps));
      return { items };
    },
  }),
];

/** Everybody who looks at a department on a day: two queries, however many are there. */
async function timesOf({ id, day }: { id: number; day: string }, deps: ServiceDeps) {
  const resources = await resourcesOf(deps.db, id);
  const { holdMinutes } = policyOf({}, deps);
  const items = new Map(resources.map((one) => [one.id, { ...one, holdMinutes, slots: [] as ShownSlot[] }]));
  for (const slot of await slotsOn(deps.db, [...items.keys()], day, deps.clock.now()))
    items.get(slot.resource_id)!.slots.push(shownSlot(slot));
  return [...items.values()].filter(({ slots }) => slots.length > 0);
}

type ShownSlot = ReturnType<typeof shownSlot>;
const shownSlot = ({ id, free, status, starts_at, ends_at, opens_at }: SlotState) => ({
  id,
  free,
  status,
  startsAt: starts_at.toISOString(),
  endsAt: ends_at.toISOString(),
  opensAt: opens_at.toISOString(),
});

export const citizenRoutes = [...browse, ...holdPages, ...ownPages];
