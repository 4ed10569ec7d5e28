import { z } from 'zod';
import { departmentFor } from '../../dialogue/figures/departments';
import { type Exports, exportRoutes } from '../../dialogue/figures/exports';
import { asked } from '../../dialogue/figures/period';
import { staffRoute as route } from '../../dialogue/service';
import { figuresOf, readers, report } from './figures';

const exports: Exports = {
  service: 'questions',
  title: '部门答疑',
  readers,
  // the list is masked
  kinds: { list: '提问清单', days: '按日统计', clerks: '按人员统计' },
  action: 'question.export',
};

export const figuresRoutes = [
  route({
    method: 'get',
    path: '/figures',
    summary: '部门答疑统计：一个部门和它下面的，按提问的日子和办理人；窗口人员只看得到自己那一行',
    role: readers,
    query: z.object(asked),
    output: report,
    handler: async ({ query: { organisation, ...period }, caller }, deps) =>
      figuresOf(await departmentFor(deps.db, organisation, caller, readers), period, caller, deps),
  }),
  ...exportRoutes(exports),
];
