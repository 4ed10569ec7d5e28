import { z } from 'zod';
import { departmentFor } from '../../../dialogue/figures/departments';
import { type Exports, exportRoutes } from '../../../dialogue/figures/exports';
import { asked } from '../../../dialogue/figures/period';
import { staffRoute as route } from '../../../dialogue/service';
import { readers, report } from './contract';
import { reportOf } from './report';

const exports: Exports = {
  service: 'appointments',
  title: '预约',
  readers,
  kinds: {
    list: '预约明细',
    days: '按日统计',
    weeks: '按周统计',
    departments: '按部门统计',
    resources: '按医生和窗口统计',
  },
  action: 'appointment.export',
};

export const figuresRoutes = [
  route({
    method: 'get',
    path: '/figures',
    summary: '预约统计：一个部门和它下面的，或其中一位医生或窗口，按来的日子；使用、爽约、取消、候补、提前几天约',
    role: readers,
    query: z.object({ ...asked, resource: asked.organisation.optional().describe('只看这一位') }),
    output: report,
    handler: async ({ query: { organisation, resource = null, ...period }, caller }, deps) =>
      reportOf(await departmentFor(deps.db, organisation, caller, readers), period, resource, deps),
  }),
  ...exportRoutes(exports),
];
