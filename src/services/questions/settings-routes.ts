import { z } from 'zod';
import { staffRoute as route, type ServiceDeps } from '../../dialogue/service';
import { prefixes } from '../../people/organisations';
import { type Staff, scopeOf } from '../../people/staff';
import { recordAudit } from '../../platform/audit';
import { calendarContract, calendarKey, lastYearKnown, readCalendar } from '../../platform/calendar-setting';
import type { Tx } from '../../platform/database';
import { UserError } from '../../platform/errors';
import { addJob } from '../../platform/jobs';
import { lockRules } from './clocks';
import { policiesContract, policiesKey, readPolicies } from './policies';
import { recomputeJob } from './recompute';

const supervisor = ['supervisor'] as const;
const done = z.object({ done: z.literal(true) });

export const settingsRoutes = [
  route({
    method: 'get',
    path: '/calendar',
    summary: '工作日历：办公时间、放假、调休',
    role: 'staff',
    output: z.object({
      calendar: calendarContract,
      lastYear: z.number().nullable().describe('放假安排录到哪一年；以后的年份只按周末算'),
    }),
    handler: async (_call, { db }) => {
      const calendar = await readCalendar(db);
      return { calendar, lastYear: lastYearKnown(calendar) };
    },
  }),
  route({
    method: 'put',
    path: '/calendar',
    summary: '改工作日历；没有办结的问题随即重新计算期限',
    role: supervisor,
    body: calendarContract,
    output: done,
    handler: (call, deps) =>
      change(call, deps, async (tx) => {
        const before = await readCalendar(tx);
        await deps.settings.set(calendarKey, call.body, tx);
        return { action: 'calendar.change', subject: calendarKey, detail: { before, after: call.body } };
      }),
  }),
  route({
    method: 'get',
    path: '/policies',
    summary: '时限规则：首次答复、办结、提醒、催办、督办、自动关闭',
    role: 'staff',
    output: z.object({ policies: policiesContract }),
    handler: async (_call, { db }) => ({ policies: await readPolicies(db) }),
  }),
  route({
    method: 'put',
    path: '/policies',
    summary: '改时限规则；没有办结的问题随即重新计算期限',
    role: supervisor,
    body: policiesContract,
    output: done,
    handler: (call, deps) =>
      change(call, deps, async (tx) => {
        const before = await readPolicies(tx);
        await deps.settings.set(policiesKey, call.body, tx);
        return { action: 'question-policies.change', subject: policiesKey, detail: { before, after: call.body } };
      }),
  }),
];

type Change = { action: string; subject: string; detail: Record<string, unknown> };

/** What is changed, its trace and the job that reckons the due times anew, in one transaction. */
async function change(
  { caller, address }: { caller: Staff; address: string },
  { db, clock }: ServiceDeps,
  act: (tx: Tx) => Promise<Change>,
): Promise<{ done: true }> {
  await db.transaction(async (tx) => {
    await mustRuleTheCity(tx, caller);
    await lockRules(tx);
    const made = await act(tx);
    await recordAudit(tx, {
      at: clock.now(),
      staffId: caller.id,
      organisationId: caller.organisation.id,
      address,
      ...made,
    });
    await addJob(tx, recomputeJob, {}, { key: recomputeJob, queue: recomputeJob });
  });
  return { done: true };
}

/** They hold for every department, also those outside the caller's subtree. @throws UserError 403 */
async function mustRuleTheCity(tx: Tx, caller: Staff): Promise<void> {
  const [root] = await tx.query('SELECT 1 FROM organisations WHERE parent_id IS NULL AND path LIKE ANY ($1)', [
    prefixes(scopeOf(caller, supervisor)),
  ]);
  if (!root) throw new UserError(403, 'not-allowed', '只有全市的督查人员能改，各部门共用一份');
}
