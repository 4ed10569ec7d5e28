import { z } from 'zod';
import { staffRoute as route } from '../../../dialogue/service';
import { fileOutput } from '../../../platform/http/file-answer';
import { xlsxType } from '../../../platform/sheets/exports';
import { importers } from '../managed';
import { mostBytes, mostLines } from './file';
import { applyImport, faultsOf, type Import, importOf, importsOf, takeFile } from './imports';
import { faultSheet, template } from './template';

const id = z.object({ id: z.string().max(40) });
const mostShown = 200;

const brief = z.object({
  id: z.string(),
  sourceId: z.number(),
  fileName: z.string(),
  status: z.enum(['uploading', 'checking', 'faulty', 'ready', 'storing', 'done', 'failed']),
  done: z.number(),
  total: z.number().nullable(),
  faults: z.number().describe('错误的总数'),
  reason: z.string().nullable(),
  askedAt: z.iso.datetime(),
});
const fault = z.object({ line: z.number(), place: z.string().describe('列'), message: z.string() });

/** Cases from a sheet: checked as a whole first, stored when somebody has looked at it. */
export const importRoutes = [
  route({
    method: 'get',
    path: '/import-template',
    summary: '办件：下载导入模板（XLSX）',
    role: importers,
    output: fileOutput(xlsxType),
    handler: () => template(),
  }),
  route({
    method: 'get',
    path: '/imports',
    summary: '办件：我最近一天的导入，新的在前',
    role: importers,
    output: z.object({ items: z.array(brief) }),
    handler: async ({ caller }, { db }) => ({ items: (await importsOf(db, caller)).map(shortly) }),
  }),
  route({
    method: 'post',
    path: '/imports',
    summary: `办件：上传 XLSX 或 CSV（UTF-8、GB18030），最多 ${mostLines} 行；先检查，不导入`,
    role: importers,
    query: z.object({
      source: z.coerce.number().int().positive().max(2_147_483_647).describe('来源的编号'),
      name: z.string().trim().min(1).max(100).default('办件'),
    }),
    upload: { mostBytes, types: ['application/vnd.openxmlformats', 'text/csv', 'application/vnd.ms-excel'] },
    output: z.object({ id: z.string() }),
    status: 202,
    handler: async (call, deps) => ({
      id: await takeFile(call, { sourceId: call.query.source, name: call.query.name }, call.uploadParts, deps),
    }),
  }),
  route({
    method: 'get',
    path: '/imports/:id',
    summary: '办件：一次导入的进度、前面的错误和预览',
    role: importers,
    params: id,
    output: brief.extend({
      summary: z.object({ rows: z.number(), cases: z.number(), fresh: z.number().describe('还没有的办件') }).nullable(),
      preview: z.array(
        z.object({
          line: z.number(),
          number: z.string(),
          kind: z.string(),
          state: z.string(),
          at: z.iso.datetime(),
          place: z.string(),
        }),
      ),
      firstFaults: z.array(fault),
    }),
    handler: async ({ caller, params }, { db }) => {
      const one = await importOf(db, caller, params.id);
      const firstFaults = [];
      for await (const each of faultsOf(db, params.id)) if (firstFaults.push(each) >= mostShown) break;
      return { ...shortly(one), summary: one.summary, preview: one.preview, firstFaults };
    },
  }),
  route({
    method: 'get',
    path: '/imports/:id/faults',
    summary: '办件：下载一次导入逐行的错误（XLSX）',
    role: importers,
    params: id,
    output: fileOutput(xlsxType),
    handler: async ({ caller, params }, { db }) => {
      await importOf(db, caller, params.id);
      return faultSheet(faultsOf(db, params.id));
    },
  }),
  route({
    method: 'post',
    path: '/imports/:id/apply',
    summary: '办件：导入检查过的文件；中断了会自己接着来',
    role: importers,
    params: id,
    output: z.object({ done: z.literal(true) }),
    status: 202,
    handler: async (call, deps) => {
      await applyImport(call, call.params.id, deps);
      return { done: true as const };
    },
  }),
];

const shortly = ({ askedAt, ...one }: Import) => ({ ...one, askedAt: askedAt.toISOString() });
