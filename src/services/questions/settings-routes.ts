import { z } from 'zod';
import { staffRoute as route, type ServiceDeps } from '../../dialogue/service';
import { prefixes } from '../../people/organisations';
import { type Staff, type StaffRole, scopeOf } from '../../people/staff';
import { type AuditAction, recordAudit } from '../../platform/audit';
import { calendarContract, calendarKey, lastYearKnown, readCalendar } from '../../platform/calendar-setting';
import { shanghai } from '../../platform/clock';
import type { Queryable, Tx } from '../../platform/database';
import { notFound, UserError } from '../../platform/errors';
import { addJob } from '../../platform/jobs';
import { lockRules } from './clocks';
import { reason } from './contract';
import { limitsContract, limitsKey, readLimits } from './limits';
import { type Policies, policiesContract, policiesKey, readPolicies } from './policies';
import { countOpen, progressOf, recomputeJob } from './recompute';

/** Who says when offices are open, and who says how long an answer may take. */
const keepers = ['operator', 'supervisor', 'admin'] as const;
const rulers = ['supervisor', 'admin'] as const;
const done = z.object({ done: z.literal(true) });
const organisation = z.object({ organisation: z.coerce.number().int().positive().max(2_147_483_647) });

export const settingsRoutes = [
  route({
    method: 'get',
    path: '/calendar',
    summary: '工作日历：办公时间、放假、调休',
    role: 'staff',
    output: z.object({
      calendar: calendarContract,
      today: z.iso.date(),
      lastYear: z.number().nullable().describe('放假安排录到哪一年；以后的年份只按周末算'),
      mayChange: z.boolean(),
    }),
    handler: async ({ caller }, { db, clock }) => {
      const calendar = await readCalendar(db);
      const today = shanghai(clock.now()).slice(0, 10);
      const mayChange = (await rootWithin(db, caller, keepers)) !== undefined;
      return { calendar, today, lastYear: lastYearKnown(calendar), mayChange };
    },
  }),
  route({
    method: 'put',
    path: '/calendar',
    summary: '改工作日历，要理由；没有办结的提问随即重新计算时限',
    role: keepers,
    body: z.strictObject({ calendar: calendarContract, reason }),
    output: done,
    handler: (call, deps) =>
      change(call, deps, async (tx) => {
        await mustRuleTheCity(tx, call.caller, keepers);
        const before = await readCalendar(tx);
        await deps.settings.set(calendarKey, call.body.calendar, tx);
        const detail = { reason: call.body.reason, before, after: call.body.calendar };
        return { action: 'calendar.change', subject: calendarKey, detail };
      }),
  }),
  route({
    method: 'get',
    path: '/policies',
    summary: '时限规则：首次答复、办结、提醒、催办、督办、自动关闭；全市的，和自定规则的部门的',
    role: 'staff',
    output: z.object({
      city: policiesContract,
      own: z.array(z.object({ organisationId: z.number(), title: z.string(), policies: policiesContract })),
      limits: limitsContract,
      mayChange: z.boolean().describe('能改全市的'),
    }),
    handler: async ({ caller }, { db }) => ({
      ...(await readPolicies(db)),
      limits: await readLimits(db),
      mayChange: (await rootWithin(db, caller, rulers)) !== undefined,
    }),
  }),
  route({
    method: 'put',
    path: '/policies',
    summary: '改全市的时限规则；没有办结的提问随即重新计算时限',
    role: rulers,
    body: policiesContract,
    output: done,
    handler: (call, deps) =>
      change(call, deps, async (tx) => {
        await mustRuleTheCity(tx, call.caller, rulers);
        const before = (await readPolicies(tx)).city;
        await deps.settings.set(policiesKey, call.body, tx);
        return { action: 'question-policies.change', subject: policiesKey, detail: { before, after: call.body } };
      }),
  }),
  route({
    method: 'put',
    path: '/policies/:organisation',
    summary: '一个部门（和它下面的）自定时限规则',
    role: rulers,
    params: organisation,
    body: policiesContract,
    output: done,
    handler: (call, deps) => change(call, deps, (tx) => setOwn(tx, call, call.body)),
  }),
  route({
    method: 'delete',
    path: '/policies/:organisation',
    summary: '一个部门不再自定时限规则，用上级的',
    role: rulers,
    params: organisation,
    output: done,
    handler: (call, deps) => change(call, deps, (tx) => setOwn(tx, call, null)),
  }),
  route({
    method: 'put',
    path: '/limits',
    summary: '改全市的限度：每人每天几个提问、退单几次、一次延期几天',
    role: rulers,
    body: limitsContract,
    output: done,
    handler: (call, deps) =>
      change(call, deps, async (tx) => {
        await mustRuleTheCity(tx, call.caller, rulers);
        const before = await readLimits(tx);
        await deps.settings.set(limitsKey, call.body, tx);
        return { action: 'question-limits.change', subject: limitsKey, detail: { before, after: call.body } };
      }),
  }),
  route({
    method: 'get',
    path: '/due-times',
    summary: '改日历或规则会重算几个没有办结的提问的时限；上一次重算到哪里了',
    role: keepers,
    query: z.object({ organisation: organisation.shape.organisation.optional().describe('不写：全市') }),
    output: z.object({
      open: z.number(),
      progress: z.object({ done: z.number(), total: z.number(), at: z.iso.datetime() }).nullable(),
    }),
    handler: async ({ query, caller }, { db }) => {
      const path = query.organisation === undefined ? '/' : await pathWithin(db, query.organisation, caller, keepers);
      return { open: await countOpen(db, path), progress: await progressOf(db) };
    },
  }),
];

type Change = { action: AuditAction; subject: string; detail: Record<string, unknown>; organisationId?: number };

/** What is changed, its trace and the job that reckons the due times anew, in one transaction. */
async function change(
  { caller, address }: { caller: Staff; address: string },
  { db, clock }: ServiceDeps,
  act: (tx: Tx) => Promise<Change>,
): Promise<{ done: true }> {
  await db.transaction(async (tx) => {
    await lockRules(tx);
    const { organisationId = caller.organisation.id, ...made } = await act(tx);
    await recordAudit(tx, { at: clock.now(), staffId: caller.id, organisationId, address, ...made });
    await addJob(tx, recomputeJob, {}, { key: recomputeJob, queue: recomputeJob });
  });
  return { done: true };
}

type OwnCall = { caller: Staff; params: z.infer<typeof organisation> };

async function setOwn(tx: Tx, { caller, params }: OwnCall, policies: Policies | null): Promise<Change> {
  const id = params.organisation;
  await pathWithin(tx, id, caller, rulers);
  const before = (await readPolicies(tx)).own.find(({ organisationId }) => organisationId === id)?.policies ?? null;
  if (policies === null) await tx.query('DELETE FROM question_policies WHERE organisation_id = $1', [id]);
  else
    await tx.query(
      `INSERT INTO question_policies (organisation_id, policies) VALUES ($1, $2::jsonb)
       ON CONFLICT (organisation_id) DO UPDATE SET policies = excluded.policies`,
      [id, JSON.stringify(policies)],
    );
  const subject = `organisation:${id}`;
  return { action: 'question-policies.change', subject, detail: { before, after: policies }, organisationId: id };
}

/** @throws UserError 404 where the caller holds none of the roles */
async function pathWithin(on: Queryable, id: number, caller: Staff, roles: readonly StaffRole[]): Promise<string> {
  const [row] = await on.query<{ path: string }>(
    'SELECT path FROM organisations WHERE id = $1 AND path LIKE ANY ($2)',
    [id, prefixes(scopeOf(caller, roles))],
  );
  if (!row) throw notFound('这个部门');
  return row.path;
}

async function rootWithin(on: Queryable, caller: Staff, roles: readonly StaffRole[]): Promise<object | undefined> {
  const [root] = await on.query<object>('SELECT 1 FROM organisations WHERE parent_id IS NULL AND path LIKE ANY ($1)', [
    prefixes(scopeOf(caller, roles)),
  ]);
  return root;
}

/** They hold for every department, also those outside the caller's subtree. @throws UserError 403 */
async function mustRuleTheCity(tx: Tx, caller: Staff, roles: readonly StaffRole[]): Promise<void> {
  if (!(await rootWithin(tx, caller, roles)))
    throw new UserError(403, 'not-allowed', '只有管全市的人员能改，各部门共用一份');
}
