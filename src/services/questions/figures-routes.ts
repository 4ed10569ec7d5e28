import { z } from 'zod';
import { staffRoute as route } from '../../dialogue/service';
import { recordAudit } from '../../platform/audit';
import { fileOutput } from '../../platform/http/file-answer';
import { addJob } from '../../platform/jobs';
import { askForSheet, sheetFile, sheetsOf, xlsxType } from '../../platform/sheets/exports';
import { time } from './contract';
import { checkPeriod, departmentFor, departmentsFor, figuresOf, readers, report } from './figures';

export const sheetsJob = 'questions.sheets';

const asked = {
  organisation: z.coerce.number().int().positive().max(2_147_483_647),
  from: z.iso.date('应为日期，如 2026-03-01'),
  to: z.iso.date('应为日期，如 2026-03-31'),
};
const kinds = { list: '提问清单', days: '按日统计', clerks: '按人员统计' } as const;
const exported = z.object({
  id: z.string(),
  fileName: z.string(),
  status: z.enum(['waiting', 'running', 'done', 'failed']),
  done: z.number().describe('写了几行'),
  total: z.number().nullable(),
  askedAt: time,
  expiresAt: time,
});
const ownerOf = (caller: { id: number }) => `staff:${caller.id}`;

export const figuresRoutes = [
  route({
    method: 'get',
    path: '/figures/departments',
    summary: '部门答疑统计：可以看的部门',
    role: readers,
    output: z.object({ items: z.array(z.object({ id: z.number(), title: z.string(), depth: z.number() })) }),
    handler: async ({ caller }, { db }) => ({ items: await departmentsFor(db, caller) }),
  }),
  route({
    method: 'get',
    path: '/figures',
    summary: '部门答疑统计：一个部门和它下面的，按提问的日子和办理人；窗口人员只看得到自己那一行',
    role: readers,
    query: z.object(asked),
    output: report,
    handler: async ({ query: { organisation, ...period }, caller }, deps) =>
      figuresOf(await departmentFor(deps.db, organisation, caller), period, caller, deps),
  }),
  route({
    method: 'post',
    path: '/exports',
    summary: '导出 XLSX：提问清单（打码）、按日或按人员的统计；做好后一天内可下载',
    role: readers,
    body: z.strictObject({ kind: z.enum(['list', 'days', 'clerks']), ...asked }),
    output: z.object({ id: z.string() }),
    status: 202,
    handler: ({ body: { kind, ...what }, caller, address }, deps) =>
      deps.db.transaction(async (tx) => {
        checkPeriod(what);
        const department = await departmentFor(tx, what.organisation, caller);
        const id = await askForSheet(
          tx,
          {
            owner: ownerOf(caller),
            kind: `questions.${kind}`,
            parameters: { ...what, staffId: caller.id },
            fileName: `${department.title}-${kinds[kind]}-${what.from}至${what.to}.xlsx`,
            path: department.path,
            roles: readers,
          },
          deps,
        );
        await recordAudit(tx, {
          at: deps.clock.now(),
          staffId: caller.id,
          organisationId: department.id,
          action: 'question.export',
          subject: `organisation:${department.id}`,
          detail: { kind: kinds[kind], from: what.from, to: what.to },
          address,
        });
        await addJob(tx, sheetsJob, {}, {});
        return { id };
      }),
  }),
  route({
    method: 'get',
    path: '/exports',
    summary: '我导出的文件和进度',
    role: readers,
    output: z.object({ items: z.array(exported) }),
    handler: async ({ caller }, deps) => ({
      items: (await sheetsOf(deps.db, ownerOf(caller), deps)).map(({ kind: _kind, askedAt, expiresAt, ...one }) => ({
        ...one,
        askedAt: askedAt.toISOString(),
        expiresAt: expiresAt.toISOString(),
      })),
    }),
  }),
  route({
    method: 'get',
    path: '/exports/:id',
    summary: '下载导出的文件，只有导出的人能下载',
    role: readers,
    params: z.object({ id: z.string().max(100) }),
    output: fileOutput(xlsxType),
    handler: ({ params, caller }, deps) => sheetFile(params.id, ownerOf(caller), deps),
  }),
];
