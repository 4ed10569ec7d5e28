import { z } from 'zod';
import { shortestPassword } from '../people/staff-changes';
import { UserError } from '../platform/errors';
import { done, route } from './contract';
import { withOwnPassword } from './own-password';
import { hashPassword } from './passwords';
import { endOtherSessions } from './sessions';
import { trace } from './trace';

export const ownPasswordRoutes = [
  route({
    method: 'post',
    path: '/password',
    summary: '修改自己的口令；其他设备上的登录全部结束',
    role: 'staff',
    body: z.strictObject({
      password: z.string().min(1, '请输入现在的口令').max(200),
      fresh: z.string().min(shortestPassword, `至少 ${shortestPassword} 个字符`).max(200, '最多 200 个字符'),
    }),
    output: done,
    handler: async (call, deps) => {
      const { body, caller, address } = call;
      if (body.fresh === body.password) throw unfit('应与现在的口令不同');
      if (tooEasy(body.fresh, caller.username)) throw unfit('太容易猜到：不要用用户名，也不要只用一两个字符重复');
      const hash = await hashPassword(body.fresh);
      await withOwnPassword(body.password, caller, address, deps, async (tx) => {
        await tx.query('UPDATE staff SET password_hash = $2, password_given = false WHERE id = $1', [caller.id, hash]);
        await endOtherSessions(tx, caller.id, caller.session.id, deps.clock.now());
        await trace(tx, call, { action: 'password.change', subject: `staff:${caller.username}` }, deps);
      });
      return { done: true as const };
    },
  }),
];

const unfit = (words: string) => new UserError(422, 'invalid-input', `新口令${words}`, { fresh: words });

const tooEasy = (password: string, username: string): boolean =>
  new Set(password).size < 4 || password.toLowerCase().includes(username);
