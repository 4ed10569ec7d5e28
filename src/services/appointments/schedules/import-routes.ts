import { z } from 'zod';
import { staffRoute as route } from '../../../dialogue/service';
import { fileOutput } from '../../../platform/http/file-answer';
import { xlsxType } from '../../../platform/sheets/exports';
import { resourceKinds, ruleContract } from './contract';
import { mostBytes } from './import-read';
import { template } from './import-template';
import { applyImport, importOf, takeFile } from './imports';
import { planners } from './managed';

const id = z.object({ id: z.string().regex(/^[0-9a-f]{32}$/, '编号有误') });
const mostShown = 200;

/** Doctors, counters and their rules from a sheet: read and checked first, applied when somebody has looked at it. */
export const importRoutes = [
  route({
    method: 'get',
    path: '/setup/import-template',
    summary: '预约设置：下载导入模板（XLSX）',
    role: planners,
    output: fileOutput(xlsxType),
    handler: () => template(),
  }),
  route({
    method: 'post',
    path: '/setup/imports',
    summary: '预约设置：上传 XLSX 或 CSV（UTF-8、GB18030），最大 2 MB、3000 行；先检查，不导入',
    role: planners,
    query: z.object({ name: z.string().trim().min(1).max(100).default('号源') }),
    upload: { mostBytes, types: ['application/vnd.openxmlformats', 'text/csv', 'application/vnd.ms-excel'] },
    output: z.object({ id: z.string() }),
    status: 202,
    handler: async (call, deps) => ({ id: await takeFile(call, call.query.name, await call.upload(), deps) }),
  }),
  route({
    method: 'get',
    path: '/setup/imports/:id',
    summary: '预约设置：一次导入的进度、逐行的错误和预览',
    role: planners,
    params: id,
    output: z.object({
      id: z.string(),
      fileName: z.string(),
      status: z.enum(['reading', 'faulty', 'ready', 'applying', 'done', 'failed']),
      done: z.number(),
      total: z.number().nullable(),
      faults: z.array(z.object({ line: z.number(), column: z.string(), message: z.string() })),
      summary: z
        .object({ resources: z.number(), fresh: z.number(), changed: z.number(), rules: z.number() })
        .nullable(),
      reason: z.string().nullable(),
      preview: z.array(
        z.object({
          line: z.number(),
          office: z.string(),
          id: z.number().nullable().describe('已有的；空则新建'),
          kind: z.enum(resourceKinds),
          title: z.string(),
          subtitle: z.string(),
          rules: z.array(ruleContract),
        }),
      ),
    }),
    handler: async ({ caller, params }, { db }) => {
      const { rows, ...one } = await importOf(db, caller, params.id);
      return { ...one, preview: (rows ?? []).slice(0, mostShown) };
    },
  }),
  route({
    method: 'post',
    path: '/setup/imports/:id/apply',
    summary: '预约设置：导入检查过的文件，全部成功或一条不导；文件里有的医生和窗口，规则换成文件里的',
    role: planners,
    params: id,
    output: z.object({ done: z.literal(true) }),
    status: 202,
    handler: async (call, deps) => {
      await applyImport(call, call.params.id, deps);
      return { done: true as const };
    },
  }),
];
