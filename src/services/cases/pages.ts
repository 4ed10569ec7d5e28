import { z } from 'zod';
import { citizenRoute as route, type ServiceDeps } from '../../dialogue/service';
import type { Citizen } from '../../people/citizen';
import { maskName } from '../../people/identity/bindings';
import { notFound } from '../../platform/errors';
import { type Case, factorForm, normalFactor, normalNumber, numberForm } from './case';
import { follow, isFollowed, unfollow } from './follow';
import { casesOf, findCase } from './look-up';
import { openProof, provenCase, type Right, sealProof } from './proof';
import { told } from './wording';

const time = z.iso.datetime();
const token = z.string().min(1).max(2000);
const brief = z.object({
  token: z.string().describe('打开它的凭据，只对这位市民有效'),
  number: z.string(),
  title: z.string(),
  state: z.string(),
  at: time,
  ended: z.boolean(),
  person: z.string().nullable().describe('代办的家人，已打码'),
  asOf: z.object({ at: time, office: z.string() }).nullable().describe('单位暂时没有应答：这是它那时说的'),
});
const whole = brief.extend({
  words: z.string(),
  steps: z.array(z.object({ title: z.string(), at: time, note: z.string() })),
  due: time.nullable(),
  late: z.boolean(),
  place: z.string(),
  bring: z.array(z.string()),
  ask: z.string(),
  followed: z.boolean(),
});
const down = z.array(z.string()).describe('暂时没有应答的单位');

export const citizenRoutes = [
  route({
    method: 'get',
    path: '/cases',
    summary: '办件：我的和家人的，各单位一起查，新的在前',
    role: 'citizen',
    output: z.object({ known: z.boolean().describe('是否已经实名'), items: z.array(brief), down }),
    handler: async ({ caller }, deps) => {
      const { known, found, down } = await casesOf(caller, deps);
      const items = found.map((one) => ({
        ...shortly(one, caller, { personId: one.person.id }, deps),
        person: one.person.relation === 'self' ? null : maskName(one.person.name),
      }));
      return { known, items, down: down.map(({ title }) => title) };
    },
  }),
  route({
    method: 'post',
    path: '/cases/find',
    summary: '办件：按编号加证件号后 4 位或查询码查一件；编号不存在和对不上答得一样',
    role: 'citizen',
    body: z.object({
      number: z
        .string()
        .max(64)
        .transform(normalNumber)
        .refine((text) => numberForm.test(text), '编号应为 6 到 32 位'),
      factor: z
        .string()
        .max(32)
        .transform(normalFactor)
        .refine((text) => factorForm.test(text), '应为证件号的最后 4 位，或回执上的查询码'),
    }),
    output: z.object({ item: brief.nullable(), down }),
    handler: async ({ caller, body, address }, deps) => {
      const { found, down } = await findCase({ citizen: caller, address, ...body }, deps);
      return {
        item: found ? shortly(found, caller, { factor: body.factor }, deps) : null,
        down: down.map(({ title }) => title),
      };
    },
  }),
  route({
    method: 'post',
    path: '/cases/open',
    summary: '办件：一件的全部进度',
    role: 'citizen',
    body: z.object({ token }),
    output: whole,
    handler: async ({ caller, body }, deps) => {
      const theirs = await provenCase(body.token, caller, deps);
      if (!theirs) throw notFound('这个办件，请重新查询');
      return wholly(theirs.one, caller, theirs.right, deps);
    },
  }),
  route({
    method: 'post',
    path: '/cases/follow',
    summary: '办件：有进展时告诉我，或不用再告诉',
    role: 'citizen',
    body: z.object({ token, follow: z.boolean() }),
    output: z.object({ followed: z.boolean() }),
    handler: async ({ caller, body }, deps) => {
      const proven = openProof(body.token, caller, deps);
      if (!proven) throw notFound('这个办件，请重新查询');
      await deps.db.transaction((tx) =>
        body.follow ? follow(tx, caller, proven, deps.clock.now(), deps.encryption) : unfollow(tx, caller, proven),
      );
      return { followed: body.follow };
    },
  }),
];

function shortly(
  one: Case,
  caller: Citizen,
  right: Right,
  deps: Pick<ServiceDeps, 'encryption'>,
): z.input<typeof brief> {
  const { number, title, state, ended } = told(one);
  const at = one.steps.at(-1)!.at.toISOString();
  const asOf = one.asOf ? { at: one.asOf.at.toISOString(), office: one.asOf.office } : null;
  return { token: sealProof(caller, one, right, deps), number, title, state, at, ended, person: null, asOf };
}

async function wholly(one: Case, caller: Citizen, right: Right, deps: ServiceDeps): Promise<z.input<typeof whole>> {
  const { steps, due, ...rest } = told(one);
  return {
    ...shortly(one, caller, right, deps),
    ...rest,
    steps: steps.map(({ at, ...step }) => ({ ...step, at: at.toISOString() })),
    due: due?.toISOString() ?? null,
    late: due !== null && due < deps.clock.now(),
    followed: await isFollowed(deps.db, caller, one),
  };
}
