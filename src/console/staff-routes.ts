import { z } from 'zod';
import { lockOrganisation, mustBeInUse } from '../people/organisation-changes';
import { scopeOf, staffRoles } from '../people/staff';
import { addStaff, disableStaff, type HeldRole, setPassword, setRoles, usernameRule } from '../people/staff-changes';
import type { Tx } from '../platform/database';
import { UserError } from '../platform/errors';
import { done, route } from './contract';
import { hashPassword, newPassword } from './passwords';
import type { SignedInStaff } from './session';
import { endSessions } from './sessions';
import { managers, mustBeInCharge } from './staff-access';
import { act } from './staff-safety';
import { trace } from './trace';
import { unlockName } from './tries';

const params = z.object({ username: z.string().max(64) });
const name = z.string().trim().min(1, '请输入姓名').max(40, '最多 40 个字');
const organisationKey = z.string().max(64);
const roles = z
  .array(z.strictObject({ role: z.enum(staffRoles, '没有这样的角色'), organisation: organisationKey }))
  .max(50, '最多 50 个角色');
const password = z.string().describe('起初的口令，只在这里给出；本人第一次登录时必须改掉');

export const staffRoutes = [
  route({
    method: 'post',
    path: '/staff',
    summary: '添加一位人员，给出起初的口令。由系统管理员办理；设了安全管理员的地方，角色另由其授予',
    role: 'admin',
    body: z.strictObject({
      username: z.string().trim().regex(usernameRule.pattern, usernameRule.words),
      name,
      organisation: organisationKey,
      roles: roles.default([]),
    }),
    output: z.object({ password }),
    handler: async (call, deps) => {
      const { username, name, organisation: key } = call.body;
      const password = newPassword();
      const passwordHash = await hashPassword(password);
      await deps.db.transaction(async (tx) => {
        const organisation = await lockOrganisation(tx, key, scopeOf(call.caller, ['admin']));
        mustBeInUse(organisation);
        const held = await grantable(tx, call.caller, call.body.roles);
        const fresh = {
          username,
          name,
          organisationId: organisation.id,
          roles: held,
          passwordHash,
          passwordGiven: true,
        };
        await addStaff(tx, fresh, deps.clock.now());
        const detail = { name, organisation: key, roles: call.body.roles.map(written) };
        const about = { organisationId: organisation.id, subject: `staff:${username}` };
        await trace(tx, call, { ...about, action: 'staff.add', detail }, deps);
      });
      return { password };
    },
  }),
  route({
    method: 'patch',
    path: '/staff/:username',
    summary: '改姓名，或调到另一个组织；角色不随之改变',
    role: managers,
    params,
    body: z
      .strictObject({ name: name.optional(), organisation: organisationKey.optional() })
      .refine((fresh) => Object.values(fresh).some((one) => one !== undefined), '至少要改一项'),
    output: done,
    handler: (call, deps) =>
      act(call, 'system', deps, async (tx, person) => {
        const { name, organisation: key } = call.body;
        const organisation =
          key === undefined ? undefined : await lockOrganisation(tx, key, scopeOf(call.caller, ['admin']));
        if (organisation) mustBeInUse(organisation);
        await tx.query(
          'UPDATE staff SET name = coalesce($2, name), organisation_id = coalesce($3, organisation_id) WHERE id = $1',
          [person.id, name ?? null, organisation?.id ?? null],
        );
        return { action: 'staff.edit', detail: { ...call.body, before: person.name } };
      }),
  }),
  route({
    method: 'put',
    path: '/staff/:username/roles',
    summary: '此人的全部角色，各在一个组织及其下级有效。设了安全管理员的地方由其授予；谁也不能给自己',
    role: managers,
    params,
    body: z.strictObject({ roles }),
    output: done,
    handler: (call, deps) =>
      act(call, 'safety', deps, async (tx, person) => {
        const held = await grantable(tx, call.caller, call.body.roles);
        const before = await tx.query<{ role: string; organisation: string }>(
          `SELECT r.role, o.key AS organisation FROM staff_roles r JOIN organisations o ON o.id = r.organisation_id
            WHERE r.staff_id = $1 ORDER BY o.path, r.role`,
          [person.id],
        );
        await setRoles(tx, person.id, held);
        return {
          action: 'staff.roles',
          detail: { before: before.map(written), after: call.body.roles.map(written) },
        };
      }),
  }),
  route({
    method: 'post',
    path: '/staff/:username/password',
    summary: '重置口令：已有的登录全部结束，本人登录后必须改掉',
    role: managers,
    params,
    output: z.object({ password }),
    handler: async (call, deps) => {
      const password = newPassword();
      const hash = await hashPassword(password);
      await act(call, 'system', deps, async (tx, { id, username, disabled }) => {
        if (disabled) throw new UserError(409, 'disabled', '此人已停用，请先启用');
        const at = deps.clock.now();
        await setPassword(tx, username, hash, at, true);
        await endSessions(tx, id, at);
        await unlockName(tx, username, deps);
        return { action: 'staff.password' };
      });
      return { password };
    },
  }),
  route({
    method: 'post',
    path: '/staff/:username/disable',
    summary: '停用：立即不能登录；记录都留着',
    role: managers,
    params,
    output: done,
    handler: (call, deps) =>
      act(call, 'system', deps, async (tx, { id, username }) => {
        const at = deps.clock.now();
        await disableStaff(tx, username, at);
        await endSessions(tx, id, at);
        return { action: 'staff.disable' };
      }),
  }),
  route({
    method: 'post',
    path: '/staff/:username/enable',
    summary: '重新启用，角色和口令如前',
    role: managers,
    params,
    output: done,
    handler: (call, deps) =>
      act(call, 'system', deps, async (tx, person) => {
        if (!person.disabled) throw new UserError(409, 'enabled', '此人没有停用');
        const places = [person.organisation_id, ...person.roles.map(({ organisationId }) => organisationId)];
        const [gone] = await tx.query<{ title: string }>(
          'SELECT title FROM organisations WHERE id = ANY ($1) AND disabled_at IS NOT NULL LIMIT 1',
          [places],
        );
        if (gone) throw new UserError(409, 'disabled', `「${gone.title}」已停用，请先启用它`);
        await tx.query('UPDATE staff SET disabled_at = NULL WHERE id = $1', [person.id]);
        return { action: 'staff.enable' };
      }),
  }),
];

type AskedRole = z.output<typeof roles>[number];

/** Those the caller may give out, each where it is asked for. @throws UserError */
async function grantable(tx: Tx, caller: SignedInStaff, asked: readonly AskedRole[]): Promise<HeldRole[]> {
  const held: HeldRole[] = [];
  for (const { role, organisation: key } of asked) {
    const organisation = await lockOrganisation(tx, key, scopeOf(caller, managers));
    mustBeInUse(organisation);
    await mustBeInCharge(tx, caller, 'safety', organisation.path);
    held.push({ role, organisationId: organisation.id });
  }
  return held;
}

const written = ({ role, organisation }: { role: string; organisation: string }) => `${role}@${organisation}`;
