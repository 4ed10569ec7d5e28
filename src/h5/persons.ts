import { z } from 'zod';
import type { Citizen } from '../people/citizen';
import {
  bindPerson,
  personBoundTo,
  personsOf,
  type Relation,
  relations,
  shownPerson,
  unbindPerson,
} from '../people/identity/bindings';
import { type ConsentKind, consentKinds, giveConsent, versionOf } from '../people/identity/consents';
import { ageOn, bornOn, documentContract, documentKinds } from '../people/identity/documents';
import { makeCode, useCode } from '../people/identity/phone-codes';
import { shanghai } from '../platform/clock';
import { UserError } from '../platform/errors';
import type { H5Deps } from './deps';
import { route } from './route';

const relation = z.enum(Object.keys(relations) as [Relation, ...Relation[]]);
const consentKind = z.enum(Object.keys(consentKinds) as [ConsentKind, ...ConsentKind[]]);
const phone = z.string().regex(/^1[3-9]\d{9}$/, '应为 11 位手机号');
const id = z.string().regex(/^\d{1,18}$/, '编号有误');
const done = z.object({ done: z.literal(true) });
const shown = z.object({
  id: z.string(),
  relation,
  name: z.string().describe('已打码'),
  phone: z.string().describe('已打码'),
  documentKind: z.enum(Object.keys(documentKinds) as [keyof typeof documentKinds]),
  document: z.string().describe('已打码'),
});

/** 实名: who a citizen acts for, what they have agreed to, and that the phone is theirs. */
export const personRoutes = [
  route({
    method: 'get',
    path: '/persons',
    summary: '市民：实名的本人和家人',
    role: 'citizen',
    output: z.object({ items: z.array(shown) }),
    handler: async ({ caller }, deps) => ({
      items: (await personsOf(deps.db, caller, deps.encryption)).map(shownPerson),
    }),
  }),
  route({
    method: 'get',
    path: '/consents/:kind',
    summary: '市民：一份授权说明和它的版本，登记时传回版本表示同意',
    role: 'public',
    params: z.object({ kind: consentKind }),
    output: z.object({ title: z.string(), version: z.string(), text: z.string() }),
    handler: ({ params: { kind } }, deps) => {
      const text = consentText(kind, deps);
      return { title: consentKinds[kind], version: versionOf(text), text };
    },
  }),
  route({
    method: 'post',
    path: '/phone-codes',
    summary: '市民：发一条短信验证码，10 分钟内有效',
    role: 'citizen',
    body: z.object({ phone }),
    output: done,
    handler: async ({ caller, body }, deps) => {
      await sendCode(caller, body.phone, deps);
      return { done: true as const };
    },
  }),
  route({
    method: 'post',
    path: '/persons',
    summary: '市民：登记本人或家人，须同意授权说明并有短信验证码；已登记的更新姓名、手机号和关系',
    role: 'citizen',
    body: z.object({
      relation,
      name: z
        .string()
        .trim()
        .regex(/^[\p{L}·. ]{2,40}$/u, '请写证件上的姓名，2 到 40 个字'),
      document: documentContract,
      phone,
      code: z.string().regex(/^\d{6}$/, '应为 6 位验证码'),
      consents: z.array(z.object({ kind: consentKind, version: z.string().max(64) })).max(5),
    }),
    output: shown,
    status: 201,
    handler: ({ caller, body }, deps) => register(caller, body, deps),
  }),
  route({
    method: 'delete',
    path: '/persons/:id',
    summary: '市民：解除一个人；已有的预约不受影响',
    role: 'citizen',
    params: z.object({ id }),
    output: done,
    handler: async ({ caller, params }, deps) => {
      await deps.db.transaction((tx) => unbindPerson(tx, caller, params.id, deps.clock.now()));
      return { done: true as const };
    },
  }),
];

async function sendCode(caller: Citizen, to: string, deps: H5Deps): Promise<void> {
  const code = await deps.db.transaction((tx) =>
    makeCode(tx, { ...caller, phone: to, at: deps.clock.now() }, deps.encryption),
  );
  try {
    await deps.sms.send({
      ...caller,
      phone: to,
      text: deps.texts.say('identity.sms-code', { code }, caller.accountId),
    });
  } catch (error) {
    deps.log.error({ error: (error as Error).message }, 'a text message did not leave');
    throw new UserError(503, 'sms-unavailable', '短信没有发出去，请过一分钟再试');
  }
}

type Registration = {
  relation: Relation;
  name: string;
  document: z.output<typeof documentContract>;
  phone: string;
  code: string;
  consents: { kind: ConsentKind; version: string }[];
};

async function register(caller: Citizen, body: Registration, deps: H5Deps) {
  const at = deps.clock.now();
  for (const kind of neededFor(body.relation))
    if (!body.consents.some((one) => one.kind === kind))
      throw new UserError(422, 'consent-needed', `请先阅读并同意《${consentKinds[kind]}授权说明》`);
  refuseImpossible(body, at);
  const right = await deps.db.transaction((tx) => useCode(tx, { ...caller, ...body, at }, deps.encryption));
  if (!right) throw new UserError(422, 'wrong-code', '验证码不对或已过期，请重新获取', { code: '不对或已过期' });
  return deps.db.transaction(async (tx) => {
    for (const { kind, version } of body.consents)
      await giveConsent(tx, caller, { kind, text: consentText(kind, deps), agreedTo: version, at });
    const personId = await bindPerson(tx, { ...caller, ...body, at }, deps.encryption);
    return shownPerson(await personBoundTo(tx, caller, personId, deps.encryption));
  });
}

/** Who acts for somebody else says that they may. */
const neededFor = (relation: Relation): ConsentKind[] => (relation === 'self' ? ['identity'] : ['identity', 'family']);

/** Somebody under 14 does not sign up for themselves (PIPL, article 31). */
function refuseImpossible({ relation, document }: Registration, at: Date): void {
  const born = bornOn(document);
  const today = shanghai(at).slice(0, 10);
  if (!born) return;
  if (born > today) throw new UserError(422, 'invalid-input', '证件上的出生日期还没有到，请检查');
  if (relation === 'self' && ageOn(born, today) < 14)
    throw new UserError(422, 'too-young', '未满 14 周岁的，请由父母登记为「子女」');
}

const consentText = (kind: ConsentKind, { texts }: H5Deps) => texts.say(`consent.${kind}`);
