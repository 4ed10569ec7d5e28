import { z } from 'zod';
import { findStaff, type Staff, type StaffAtTheDoor, staffRoles } from '../people/staff';
import { recordAudit } from '../platform/audit';
import { UserError } from '../platform/errors';
import { done, route } from './contract';
import { demoPeople } from './demo-people';
import type { ConsoleDeps } from './deps';
import { passwordMatches } from './passwords';
import { writeToken } from './refresh-token';
import { type FactorState, factorState, hasFactor, useCode } from './second-factor';
import { setCookies, signAccess } from './session';
import { fromOurPage, originOf } from './session-origin';
import { endSession, endSessions, type Origin, startSession } from './sessions';
import { admitTry, type Try } from './tries';

const me = z.object({
  username: z.string(),
  name: z.string(),
  organisation: z.string(),
  roles: z.array(z.enum(staffRoles)),
  secondFactor: z.enum(['on', 'off', 'needed']).describe('动态口令；needed：先设置好，才能做别的'),
  passwordGiven: z.boolean().describe('口令是别人给的：先改掉，才能做别的'),
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
    summary: '登录：返回令牌，并写入会话 Cookie；开了动态口令而没带 code 时答 401 second-factor',
    role: 'public',
    body: z.strictObject({
      username: z.string().trim().min(1).max(64),
      password: z.string().min(1).max(200),
      code: z.string().trim().min(1).max(32).optional().describe('动态口令，或一个恢复码'),
    }),
    output: me.extend({
      token: z.string().describe('可作为 Bearer 令牌使用，15 分钟内有效'),
      refreshToken: z.string().optional().describe('给程序：用它到 /refresh 换新的令牌。网页的只在 Cookie 里'),
    }),
    handler: async ({ body, address, cookies }, deps) => {
      const { staff, session, token, secondFactor, passwordGiven } = await signIn(
        body,
        originOf(cookies, address),
        deps,
      );
      const [access, refresh] = [signAccess(session, deps), writeToken(token)];
      setCookies(cookies, { access, refresh }, deps);
      const forPrograms = fromOurPage(cookies) ? {} : { refreshToken: refresh };
      return { ...describeStaff(staff, secondFactor, passwordGiven), token: access, ...forPrograms };
    },
  }),
  route({
    method: 'get',
    path: '/me',
    summary: '我是谁，有哪些角色',
    role: 'staff',
    output: me,
    handler: ({ caller }) => describeStaff(caller, caller.secondFactor, caller.passwordGiven),
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
        if (body.everywhere) await endSessions(tx, caller.id, at);
        else await endSession(tx, caller.id, caller.session.id, at);
        await recordAudit(tx, {
          at,
          staffId: caller.id,
          organisationId: caller.organisation.id,
          action: body.everywhere ? 'session.end-all' : 'session.end',
          subject: `staff:${caller.username}`,
          address,
        });
      });
      setCookies(cookies, null, deps);
      return { done: true as const };
    },
  }),
];

type Given = { username: string; password: string; code?: string | undefined };

async function signIn({ username, password, code }: Given, origin: Origin, deps: ConsoleDeps) {
  const attempt = await admitTry(username, origin.address, deps);
  const found = await findStaff(deps.db, { username });
  if (!(await passwordMatches(found?.passwordHash, password)) || !found) {
    await attempt.failed(found?.staff, 'password');
    throw new UserError(401, 'wrong-password', '用户名或口令不对');
  }
  const { staff } = found;
  const started = await enter(found, code, origin, attempt, deps);
  if (!started) {
    await attempt.failed(staff, 'code');
    throw new UserError(401, 'wrong-code', '动态口令不对，或已经用过');
  }
  return {
    ...started,
    staff,
    secondFactor: factorState(staff, started.protectedByCode, deps),
    passwordGiven: found.passwordGiven,
  };
}

/** The code is used up and the session starts together; nothing when the code is not right. */
const enter = (
  { staff, passwordHash }: StaffAtTheDoor,
  code: string | undefined,
  origin: Origin,
  attempt: Try,
  deps: ConsoleDeps,
) =>
  deps.db.transaction(async (tx) => {
    // Held, so that a password that is being changed, a code that is asked for from now on, or a person being disabled, does not let
    // this one in behind.
    const [same] = await tx.query(
      'SELECT 1 FROM staff WHERE id = $1 AND password_hash = $2 AND disabled_at IS NULL FOR SHARE',
      [staff.id, passwordHash],
    );
    if (!same) throw new UserError(401, 'wrong-password', '用户名或口令不对');
    const protectedByCode = await hasFactor(tx, staff.id);
    if (protectedByCode && code === undefined) throw new UserError(401, 'second-factor', '请输入动态口令');
    const by = protectedByCode ? await useCode(tx, staff.id, code!, deps) : 'password';
    if (!by) return undefined;
    await attempt.succeeded(tx);
    const at = deps.clock.now();
    await recordAudit(tx, {
      at,
      staffId: staff.id,
      organisationId: staff.organisation.id,
      action: 'session.start',
      subject: `staff:${staff.username}`,
      detail: by === 'password' ? {} : { by },
      address: origin.address,
    });
    return { ...(await startSession(tx, staff.id, origin, at)), protectedByCode };
  });

const describeStaff = (staff: Staff, secondFactor: FactorState, passwordGiven: boolean): z.input<typeof me> => ({
  username: staff.username,
  name: staff.name,
  organisation: staff.organisation.title,
  roles: [...new Set(staff.roles.map(({ role }) => role))],
  secondFactor,
  passwordGiven,
});

const demoHints = (password: string) => ({
  password: password === 'weiban-demo' ? password : null,
  people: demoPeople.map(({ username, name }) => ({ username, title: name })),
});
