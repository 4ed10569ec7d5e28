import { z } from 'zod';
import { findStaff, type Staff, staffRoles } from '../people/staff';
import { recordAudit } from '../platform/audit';
import type { Limiter } from '../platform/cache';
import { UserError } from '../platform/errors';
import { done, route } from './contract';
import { demoPeople } from './demo-people';
import type { ConsoleDeps } from './deps';
import { passwordMatches } from './passwords';
import { cookieOptions, endSession, sessionCookie, signSession } from './session';

const me = z.object({
  username: z.string(),
  name: z.string(),
  organisation: z.string(),
  roles: z.array(z.enum(staffRoles)),
});

export const signInRoutes = [
  route({
    method: 'get',
    path: '/sign-in',
    summary: '登录页要知道的：是否为演示环境',
    role: 'public',
    output: z.object({
      demo: z
        .object({
          password: z.string().nullable().describe('只在用默认口令时给出'),
          people: z.array(z.object({ username: z.string(), title: z.string() })),
        })
        .nullable(),
    }),
    handler: (_, { config }) => ({ demo: config.simulator ? demoHints(config.demoPassword) : null }),
  }),
  route({
    method: 'post',
    path: '/login',
    summary: '登录：返回令牌，并写入会话 Cookie',
    role: 'public',
    body: z.strictObject({ username: z.string().trim().min(1).max(64), password: z.string().min(1).max(200) }),
    output: me.extend({ token: z.string().describe('可作为 Bearer 令牌使用，8 小时内有效') }),
    handler: async ({ body, address, cookies }, deps) => {
      const staff = await signIn(body, address, deps);
      const token = signSession(staff, deps);
      const options = cookieOptions(deps);
      // Behind a proxy that ends TLS the connection itself is plain; PUBLIC_URL says what the browser sees.
      cookies.secure = options.secure;
      cookies.set(sessionCookie, token, options);
      return { ...describeStaff(staff), token };
    },
  }),
  route({
    method: 'get',
    path: '/me',
    summary: '我是谁，有哪些角色',
    role: 'staff',
    output: me,
    handler: ({ caller }) => describeStaff(caller),
  }),
  route({
    method: 'post',
    path: '/logout',
    summary: '退出登录；everywhere 为 true 时在所有设备上退出',
    role: 'staff',
    body: z.strictObject({ everywhere: z.boolean().default(false) }),
    output: done,
    handler: async ({ body, caller, address, cookies }, deps) => {
      await deps.db.transaction(async (tx) => {
        const at = deps.clock.now();
        await endSession(caller.session, tx, at);
        if (body.everywhere) await tx.query('UPDATE staff SET signed_out_at = $2 WHERE id = $1', [caller.id, at]);
        await recordAudit(tx, {
          at,
          staffId: caller.id,
          organisationId: caller.organisation.id,
          action: body.everywhere ? 'session.end-all' : 'session.end',
          subject: `staff:${caller.username}`,
          address,
        });
      });
      cookies.set(sessionCookie, null, { path: cookieOptions(deps).path });
      return { done: true as const };
    },
  }),
];

async function signIn(
  { username, password }: { username: string; password: string },
  address: string,
  deps: ConsoleDeps,
): Promise<Staff> {
  const tries = triesOf(deps);
  const key = `${username.toLowerCase()}|${address}`;
  const wait = await tries.consume(key);
  if (wait > 0) throw new UserError(429, 'too-many-tries', `登录尝试过于频繁，请 ${Math.ceil(wait / 60)} 分钟后再试`);
  const found = await findStaff(deps.db, { username });
  const matches = await passwordMatches(found?.passwordHash, password);
  if (found) await traceSignIn(found.staff, matches, address, deps);
  if (!found || !matches) throw new UserError(401, 'wrong-password', '用户名或口令不对');
  await tries.forget(key);
  return found.staff;
}

const traceSignIn = (staff: Staff, matches: boolean, address: string, { db, clock }: ConsoleDeps): Promise<void> =>
  db.transaction((tx) =>
    recordAudit(tx, {
      at: clock.now(),
      // A wrong password proves nothing about who typed it.
      staffId: matches ? staff.id : null,
      organisationId: staff.organisation.id,
      action: matches ? 'session.start' : 'session.refused',
      subject: `staff:${staff.username}`,
      address,
    }),
  );

const limiters = new WeakMap<object, Limiter>();
/** Ten tries in a quarter of an hour for one username from one address. */
function triesOf({ cache }: ConsoleDeps): Limiter {
  const limiter = limiters.get(cache) ?? cache.limiter('console-login', 10, 15 * 60);
  limiters.set(cache, limiter);
  return limiter;
}

const describeStaff = (staff: Staff): z.input<typeof me> => ({
  username: staff.username,
  name: staff.name,
  organisation: staff.organisation.title,
  roles: [...new Set(staff.roles.map(({ role }) => role))],
});

const demoHints = (password: string) => ({
  password: password === 'weiban-demo' ? password : null,
  people: demoPeople.map(({ username, name }) => ({ username, title: name })),
});
