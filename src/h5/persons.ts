import { z } from 'zod';
import { changePhone, personBoundTo, personsOf, shownPerson } from '../people/identity/bindings';
import { consentKind } from '../people/identity/consents';
import { documentContract } from '../people/identity/documents';
import { nameContract as name, mobileContract as phone, smsCodeContract as smsCode } from '../people/identity/entered';
import { unbindPerson } from '../people/identity/leave';
import { done, id, relation, shownPersonContract as shown, version } from './contract';
import { tellingOfPhoneChange } from './phone-change';
import { register } from './register';
import { route } from './route';
import { mustHoldPhone, sendCode } from './sms';

/** 实名: who a citizen acts for, and that the phone is theirs. */
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
    method: 'post',
    path: '/phone-codes',
    summary: '市民：发一条短信验证码，10 分钟内有效',
    role: 'citizen',
    body: z.object({ phone }),
    output: done,
    handler: async ({ caller, body, address }, deps) => {
      await sendCode(caller, body.phone, address, deps);
      return { done: true as const };
    },
  }),
  route({
    method: 'post',
    path: '/persons',
    summary:
      '市民：登记本人或家人，须同意授权说明并有短信验证码，代家人的同意记在这位家人名下；已登记的更新姓名、手机号和关系',
    role: 'citizen',
    body: z.object({
      relation,
      name,
      document: documentContract,
      born: z.iso.date('应为日期，如 2015-03-01').optional().describe('证件号里没有出生日期的要填，不保存'),
      phone,
      code: smsCode,
      consents: z.array(z.object({ kind: consentKind, version })).max(8),
    }),
    output: shown,
    status: 201,
    handler: ({ caller, body }, deps) => register(caller, body, deps),
  }),
  route({
    method: 'post',
    path: '/persons/:id/phone',
    summary: '市民：换手机号，验证码发到新的手机号；已有的预约仍记着原来的',
    role: 'citizen',
    params: z.object({ id }),
    body: z.object({ phone, code: smsCode }),
    output: shown,
    handler: async ({ caller, params, body }, deps) => {
      // First whose it is: nobody learns by a code which numbers there are.
      await personBoundTo(deps.db, caller, params.id, deps.encryption);
      await mustHoldPhone(caller, body, deps);
      const change = { personId: params.id, phone: body.phone, at: deps.clock.now() };
      return tellingOfPhoneChange(caller, deps, async (tx) => {
        await changePhone(tx, caller, change, deps.encryption);
        return shownPerson(await personBoundTo(tx, caller, params.id, deps.encryption));
      });
    },
  }),
  route({
    method: 'delete',
    path: '/persons/:id',
    summary: '市民：解除一个人，为他（她）的声明随之撤回；已有的预约不受影响',
    role: 'citizen',
    params: z.object({ id }),
    output: done,
    handler: async ({ caller, params }, deps) => {
      await tellingOfPhoneChange(caller, deps, (tx) => unbindPerson(tx, caller, params.id, deps.clock.now()));
      return { done: true as const };
    },
  }),
];
