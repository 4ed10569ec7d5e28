import { z } from 'zod';
import { staffRoute as route } from '../../dialogue/service';
import { assignmentContract, listAssignments, setAssignment } from './assignment';
import { toAct } from './change';
import { changed, dispatchers, id, oneQuestion, reason, workers } from './contract';
import { endJoint, invite } from './joint';
import { resendAnswer } from './resend';

const organisationId = z.coerce.number().int().positive().max(2_147_483_647);

/** Together with others (协办), once more, and who in a department gets what. */
export const jointRoutes = [
  route({
    method: 'post',
    path: '/:id/joint',
    summary: '请另一个部门协办；它能看到、写备注，答复仍由首接部门发出',
    role: workers,
    params: oneQuestion,
    body: z.object({ organisationId: z.number().int().positive().max(2_147_483_647), reason }),
    output: changed,
    handler: (call, deps) => invite(toAct(call, 'joint'), call.body, deps),
  }),
  route({
    method: 'post',
    path: '/:id/joint/:organisationId/end',
    summary: '结束协办：协办部门写明意见，或写明理由不接受；首接部门也可以结束',
    role: workers,
    params: oneQuestion.extend({ organisationId }),
    body: z.object({ outcome: z.enum(['done', 'declined']), text: reason }),
    output: changed,
    handler: (call, deps) => endJoint(toAct(call, 'joint-end'), call.params.organisationId, call.body, deps),
  }),
  route({
    method: 'post',
    path: '/:id/messages/:messageId/resend',
    summary: '把没有送到的答复再发一次',
    role: workers,
    params: oneQuestion.extend({ messageId: id }),
    output: changed,
    handler: (call, deps) => resendAnswer(toAct(call, 'resend'), call.params.messageId, deps),
  }),
  route({
    method: 'get',
    path: '/assignments',
    summary: '部门内怎么分派：看得到的、自定做法的部门；没写的随上级，都没有则各自认领',
    role: workers,
    output: z.object({ items: z.array(assignmentContract.extend({ organisationId: z.number(), title: z.string() })) }),
    handler: async ({ caller }, deps) => ({ items: await listAssignments(caller, deps) }),
  }),
  route({
    method: 'put',
    path: '/assignments/:organisationId',
    summary: '定一个部门（及下级）内怎么分派',
    role: dispatchers,
    params: z.object({ organisationId }),
    body: assignmentContract,
    output: z.object({ done: z.literal(true) }),
    handler: async (call, deps) => {
      await setAssignment(call.params.organisationId, call.body, call, deps);
      return { done: true as const };
    },
  }),
];
