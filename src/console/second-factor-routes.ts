import { toDataURL } from 'qrcode';
import { z } from 'zod';
import { type AuditAction, recordAudit } from '../platform/audit';
import type { Tx } from '../platform/database';
import { UserError } from '../platform/errors';
import { done, route } from './contract';
import type { ConsoleDeps } from './deps';
import { admitOwnPassword, holdOwn, withOwnPassword } from './own-password';
import {
  confirmFactor,
  isRequired,
  offerFactor,
  recoveryCodesLeft,
  removeFactor,
  renewRecoveryCodes,
  useCode,
} from './second-factor';
import type { SignedInStaff } from './session';
import { endOtherSessions } from './sessions';

const withPassword = z.strictObject({ password: z.string().min(1, '请输入口令').max(200) });
/** The password alone must not be enough to be rid of what is there for the case that someone else knows it. */
const withBoth = withPassword.extend({
  code: z.string().trim().min(1, '请输入动态口令或一个恢复码').max(32).describe('动态口令，或一个恢复码'),
});
const recoveryCodes = z.array(z.string()).describe('每个能代替动态口令一次；只在这里给出');

export const secondFactorRoutes = [
  route({
    method: 'get',
    path: '/second-factor',
    summary: '我的动态口令：开了没有，恢复码还剩几个',
    role: 'staff',
    output: z.object({
      state: z.enum(['on', 'off', 'needed']),
      required: z.boolean().describe('我的角色必须有，不能关闭'),
      recoveryCodesLeft: z.number().int(),
    }),
    handler: async ({ caller }, deps) => ({
      state: caller.secondFactor,
      required: isRequired(caller, deps),
      recoveryCodesLeft: await recoveryCodesLeft(deps.db, caller.id),
    }),
  }),
  route({
    method: 'post',
    path: '/second-factor',
    summary: '开始设置动态口令：给出要扫的二维码；确认之前不起作用',
    role: 'staff',
    body: withPassword,
    output: z.object({
      image: z.string().describe('二维码，data: 地址'),
      secret: z.string().describe('扫不了时手工输入'),
    }),
    handler: async ({ body, caller, address }, deps) => {
      const { uri, secret } = await withOwnPassword(body.password, caller, address, deps, async (tx) => {
        const offered = await offerFactor(tx, caller, deps);
        await trace(tx, 'second-factor.offer', caller, address, deps);
        return offered;
      });
      return { image: await toDataURL(uri, { width: 240, margin: 2 }), secret };
    },
  }),
  route({
    method: 'post',
    path: '/second-factor/confirm',
    summary: '用手机上的动态口令确认，从此登录时要它；给出恢复码',
    role: 'staff',
    body: z.strictObject({
      code: z
        .string()
        .trim()
        .regex(/^\d{6}$/, '应为 6 位数字'),
    }),
    output: z.object({ recoveryCodes }),
    handler: ({ body, caller, address }, deps) =>
      deps.db.transaction(async (tx) => {
        // Whoever is signing in by the password alone has either come in before, and is sent away below, or is asked for a code.
        await holdOwn(tx, caller, deps);
        const codes = await confirmFactor(tx, caller, body.code, deps);
        // They came in by the password alone, and one of them may be whom the factor is to keep out.
        await endOtherSessions(tx, caller.id, caller.session.id, deps.clock.now());
        await trace(tx, 'second-factor.on', caller, address, deps);
        return { recoveryCodes: codes };
      }),
  }),
  route({
    method: 'post',
    path: '/second-factor/recovery-codes',
    summary: '换一批恢复码，原来的作废',
    role: 'staff',
    body: withBoth,
    output: z.object({ recoveryCodes }),
    handler: ({ body, caller, address }, deps) =>
      withBothFactors(body, caller, address, deps, async (tx) => {
        await trace(tx, 'second-factor.recovery-codes', caller, address, deps);
        return { recoveryCodes: await renewRecoveryCodes(tx, caller.id, deps) };
      }),
  }),
  route({
    method: 'post',
    path: '/second-factor/off',
    summary: '关闭动态口令',
    role: 'staff',
    body: withBoth,
    output: done,
    handler: async ({ body, caller, address }, deps) => {
      if (isRequired(caller, deps))
        throw new UserError(409, 'required', '按现在的登录安全设置，您的角色必须有动态口令，不能关闭');
      await withBothFactors(body, caller, address, deps, async (tx) => {
        if (await removeFactor(tx, caller.id)) await trace(tx, 'second-factor.off', caller, address, deps);
      });
      return { done: true as const };
    },
  }),
];

/** The same with a code of the phone besides, or a recovery code, which is used up. */
async function withBothFactors<T>(
  { password, code }: { password: string; code: string },
  caller: SignedInStaff,
  address: string,
  deps: ConsoleDeps,
  act: (tx: Tx) => Promise<T>,
): Promise<T> {
  if (caller.secondFactor !== 'on') throw new UserError(409, 'off', '动态口令还没有开启');
  const attempt = await admitOwnPassword(password, caller, address, deps);
  const acted = await deps.db.transaction(async (tx) => {
    await attempt.hold(tx);
    if (!(await useCode(tx, caller.id, code, deps))) return undefined;
    await attempt.succeeded(tx);
    return { value: await act(tx) };
  });
  if (acted) return acted.value;
  await attempt.failed(caller, 'code');
  throw new UserError(422, 'invalid-input', '动态口令不对，或已经用过', {
    code: '应为手机上现在显示的 6 位数字，或一个没用过的恢复码',
  });
}

const trace = (tx: Tx, action: AuditAction, caller: SignedInStaff, address: string, { clock }: ConsoleDeps) =>
  recordAudit(tx, {
    at: clock.now(),
    staffId: caller.id,
    organisationId: caller.organisation.id,
    action,
    subject: `staff:${caller.username}`,
    address,
  });
