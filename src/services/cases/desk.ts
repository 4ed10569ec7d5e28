import { z } from 'zod';
import { staffRoute as route, type ServiceDeps } from '../../dialogue/service';
import { UserError } from '../../platform/errors';
import { caseFor, listCases, show } from './desk-list';
import { kinds, kindTitle, stateTitle } from './kinds';
import { keepers, note, storedSourceFor, type Who } from './managed';
import { checkReport, full, otherKind, reportContract } from './report';
import { storeCases } from './store';

const time = z.iso.datetime();
const id = z.object({ id: z.string().regex(/^\d{1,18}$/, '编号有误') });
const brief = z.object({
  id: z.string(),
  sourceId: z.number(),
  number: z.string(),
  kind: z.string(),
  kindTitle: z.string(),
  state: z.string(),
  stateTitle: z.string(),
  ended: z.boolean(),
  place: z.string(),
  openedAt: time,
  movedAt: time,
  dueAt: time.nullable().describe('还在办的，应当办好的时间'),
  overdue: z.boolean(),
});
const whole = brief.extend({
  steps: z.array(z.object({ state: z.string(), title: z.string(), at: time, note: z.string() })),
  followers: z.number().describe('多少人订阅了'),
});

/** What people at an office see and do. */
export const deskRoutes = [
  route({
    method: 'get',
    path: '/kinds',
    summary: '办件：类型和它们的状态',
    role: keepers,
    output: z.object({
      items: z.array(
        z.object({
          key: z.string(),
          title: z.string(),
          states: z.array(z.object({ key: z.string(), title: z.string() })),
        }),
      ),
    }),
    handler: () => ({
      items: [...kinds.values()].map(({ key, title, states }) => ({
        key,
        title,
        states: Object.entries(states).map(([state, { title }]) => ({ key: state, title })),
      })),
    }),
  }),
  route({
    method: 'get',
    path: '/cases',
    summary: '办件：我看得到的来源里的；按编号查的按编号排，超期的按期限排，其他的新的在前',
    role: keepers,
    query: z.object({
      source: z.coerce.number().int().positive().max(2_147_483_647).optional(),
      search: z.string().trim().max(40).default('').describe('编号或它的开头'),
      kind: z.string().max(40).optional(),
      state: z.string().max(40).optional(),
      overdue: z
        .enum(['true', 'false'])
        .default('false')
        .transform((text) => text === 'true'),
      after: z.string().max(300).optional().describe('上一页给出的 next'),
      limit: z.coerce.number().int().min(1).max(100).default(30),
    }),
    output: z.object({ items: z.array(brief), next: z.string().nullable() }),
    handler: ({ caller, query }, deps) => listCases(query, caller, deps),
  }),
  route({
    method: 'get',
    path: '/cases/:id',
    summary: '办件：一件的全部进度；是谁的不显示，这里也没有',
    role: keepers,
    params: id,
    output: whole,
    handler: ({ caller, params }, deps) => wholeOf(params.id, caller, deps),
  }),
  route({
    method: 'post',
    path: '/cases',
    summary: '办件：手工登记一件',
    role: keepers,
    body: reportContract.extend({
      sourceId: z.number().int().positive().max(2_147_483_647),
      at: reportContract.shape.at.optional().describe('不写：现在'),
    }),
    output: whole,
    status: 201,
    handler: async (call, deps) => {
      // Checked by the contract, and read anew as it was sent.
      const { sourceId, at = deps.clock.now().toISOString(), ...row } = call.body;
      return report(call, sourceId, { ...row, at }, 'case.add', deps);
    },
  }),
  route({
    method: 'post',
    path: '/cases/:id/steps',
    summary: '办件：走到下一步；订阅的市民会被告知',
    role: keepers,
    params: id,
    body: reportContract.pick({ state: true, note: true, place: true, dueAt: true }).extend({
      at: reportContract.shape.at.optional().describe('不写：现在'),
    }),
    output: whole,
    handler: async (call, deps) => {
      const { number, kind, source_id } = await caseFor(deps.db, call.caller, call.params.id);
      const at = call.body.at ?? deps.clock.now().toISOString();
      return report(call, source_id, { ...call.body, at, number, kind }, 'case.step', deps);
    },
  }),
];

async function report(who: Who, sourceId: number, row: object, action: 'case.add' | 'case.step', deps: ServiceDeps) {
  const checked = checkReport(row, deps.clock.now());
  if ('faults' in checked) throw refused(checked.faults);
  const { number, kind, state } = checked.reported;
  const stored = await deps.db.transaction(async (tx) => {
    const { organisationId } = await storedSourceFor(tx, who.caller, sourceId, keepers);
    const [outcome] = await storeCases(tx, sourceId, [checked.reported], deps);
    if (outcome === 'other-kind') throw refused(otherKind(kinds.get(kind)!));
    if (outcome === 'full') throw refused(full);
    if (action === 'case.add' && outcome !== 'added') throw refused({ number: '这个编号已经有了，请打开它记下一步' });
    if (action === 'case.step' && outcome === 'same')
      throw refused({ state: '与最近一步相同，没有记下；确实又走了一次的，请写上说明' });
    const [one] = await tx.query<{ id: string }>('SELECT id FROM cases WHERE number = $1 AND source_id = $2', [
      number,
      sourceId,
    ]);
    const detail = { number, kind: kindTitle(kind), state: stateTitle(kind, state) };
    await note(tx, who, { organisationId, action, subject: `case:${one!.id}`, detail }, deps);
    return one!.id;
  });
  return wholeOf(stored, who.caller, deps);
}

const refused = (faults: Record<string, string>) =>
  new UserError(422, 'invalid-input', '填写的内容不符合要求，请按提示修改', faults);

async function wholeOf(caseId: string, caller: Who['caller'], { db }: ServiceDeps): Promise<z.input<typeof whole>> {
  const row = await caseFor(db, caller, caseId);
  const steps = row.steps.map(({ state, at, note = '' }) => ({ state, at, note, title: stateTitle(row.kind, state) }));
  return { ...show(row), steps, followers: row.followers };
}
