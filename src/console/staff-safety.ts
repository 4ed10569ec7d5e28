import { z } from 'zod';
import type { AuditAction } from '../platform/audit';
import type { Tx } from '../platform/database';
import { UserError } from '../platform/errors';
import { done, route } from './contract';
import type { ConsoleDeps } from './deps';
import { removeFactor } from './second-factor';
import type { SignedInStaff } from './session';
import { endSessions } from './sessions';
import { type Duty, lockManaged, type Managed, managers } from './staff-access';
import { trace } from './trace';
import { unlockName } from './tries';

const params = z.object({ username: z.string().max(64) });

/** What is done to how somebody else gets in: a lost phone, a lock, a device in wrong hands. */
export const staffSafetyRoutes = [
  route({
    method: 'post',
    path: '/staff/:username/unlock',
    summary: '解除因多次输错而来的锁定',
    role: managers,
    params,
    output: done,
    handler: (call, deps) =>
      act(call, 'either', deps, async (tx, { username }) => {
        const locked = await unlockName(tx, username, deps);
        return { action: 'staff.unlock', detail: { locked } };
      }),
  }),
  route({
    method: 'delete',
    path: '/staff/:username/second-factor',
    summary: '重置丢失的动态口令：登录不再要它，已有的登录全部结束',
    role: managers,
    params,
    output: done,
    handler: (call, deps) =>
      act(call, 'safety', deps, async (tx, { id, username }) => {
        if (!(await removeFactor(tx, id))) throw new UserError(409, 'off', `${username} 没有开启动态口令`);
        await endSessions(tx, id, deps.clock.now());
        return { action: 'staff.reset-factor' };
      }),
  }),
  route({
    method: 'delete',
    path: '/staff/:username/sessions',
    summary: '结束此人的全部登录',
    role: managers,
    params,
    output: done,
    handler: (call, deps) =>
      act(call, 'either', deps, async (tx, { id }) => {
        await endSessions(tx, id, deps.clock.now());
        return { action: 'staff.end-sessions' };
      }),
  }),
];

type Call = { params: { username: string }; caller: SignedInStaff; address: string };

/** One change of somebody else and its trace, in one transaction. */
export async function act(
  call: Call,
  duty: Duty,
  deps: ConsoleDeps,
  work: (tx: Tx, person: Managed) => Promise<{ action: AuditAction; detail?: Record<string, unknown> }>,
): Promise<{ done: true }> {
  await deps.db.transaction(async (tx) => {
    const person = await lockManaged(tx, call.params.username, call.caller, duty);
    const made = await work(tx, person);
    const about = { organisationId: person.organisation_id, subject: `staff:${person.username}` };
    await trace(tx, call, { ...about, ...made }, deps);
    const title = toldOf[made.action]?.(call.caller.name);
    if (title) await deps.notify(tx, [{ staffIds: [person.id], kind: 'safety', title, link: '/me' }]);
  });
  return { done: true };
}

/** What somebody should know that others have done to their way in: it may not have been wanted. */
const toldOf: Record<string, (by: string) => string> = {
  'staff.password': (by) => `${by}重置了您的口令`,
  'staff.reset-factor': (by) => `${by}重置了您的动态口令，请重新设置`,
  'staff.end-sessions': (by) => `${by}结束了您的全部登录`,
  'staff.roles': (by) => `${by}更改了您的角色`,
};
