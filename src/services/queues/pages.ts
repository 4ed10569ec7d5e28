import { z } from 'zod';
import { citizenRoute as route } from '../../dialogue/service';
import { organisationOfAccount } from '../../people/organisations';
import { notFound } from '../../platform/errors';
import { nextOpening, officesOf } from './offices';
import { turnsOf } from './openers';
import { officeWords, turnWords, waitWords } from './wording';

const time = z.iso.datetime();
const served = {
  waiting: z.number(),
  state: z.enum(['open', 'later', 'over', 'none']).describe('正在办、今天稍后办、今天已结束、今天不办'),
  words: z.string().describe('给市民看的一句话'),
};
const ofAccount = z.object({ account: z.string().max(32) });
const numbered = z.object({ id: z.coerce.number().int().positive().max(2_147_483_647) });

/** What the pages `/h5/#/queues` read. How many wait is no secret; who waits is never said. */
export const citizenRoutes = [
  route({
    method: 'get',
    path: '/queues',
    summary: '排队人数：各科室和窗口现在有几个人在等',
    role: 'public',
    query: ofAccount,
    output: z.object({
      at: time,
      next: time.nullable().describe('都没有在办时，最早什么时候开始'),
      offices: z.array(z.object({ id: z.number(), title: z.string(), ...served })),
    }),
    handler: async ({ query }, deps) => {
      const offices = await officesOf(await organisationOfAccount(deps.db, query.account), deps);
      return {
        at: deps.clock.now().toISOString(),
        next: nextOpening(offices, deps)?.toISOString() ?? null,
        offices: offices.map((one) => ({ ...one, words: officeWords(one) })),
      };
    },
  }),
  route({
    method: 'get',
    path: '/queues/mine',
    summary: '排队人数：我今天的号排到哪里',
    role: 'citizen',
    output: z.object({
      turns: z.array(z.object({ title: z.string(), place: z.string(), words: z.string(), called: z.boolean() })),
    }),
    handler: async ({ caller }, deps) => {
      const turns = await turnsOf(caller, { deps });
      return { turns: turns.map((one) => ({ ...one, words: turnWords(one), called: one.state === 'called' })) };
    },
  }),
  route({
    method: 'get',
    path: '/queues/:id',
    summary: '排队人数：一个科室里每位医生、每个窗口',
    role: 'public',
    params: numbered,
    query: ofAccount,
    output: z.object({
      at: time,
      title: z.string(),
      counters: z.array(
        z.object({
          title: z.string(),
          place: z.string(),
          called: z.array(z.number()).describe('正在叫的号'),
          ...served,
        }),
      ),
    }),
    handler: async ({ params, query }, deps) => {
      const offices = await officesOf(await organisationOfAccount(deps.db, query.account), deps);
      const office = offices.find(({ id }) => id === params.id);
      if (!office) throw notFound('这个科室或窗口');
      return {
        at: deps.clock.now().toISOString(),
        title: office.title,
        counters: office.counters.map((one) => ({ ...one, words: waitWords(one) })),
      };
    },
  }),
];
