import type { Department } from '../../../dialogue/figures/departments';
import { askedFor } from '../../../dialogue/figures/exports';
import type { Period } from '../../../dialogue/figures/period';
import type { ServiceDeps } from '../../../dialogue/service';
import { type Table, type Tables, tableOf } from '../../../platform/sheets/make';
import { type Cell, type Column, dayCell } from '../../../platform/sheets/workbook';
import { type Figures, leadSteps, readers } from './contract';
import { visitList } from './list';
import { figuresOf, type Whole } from './report';

/** The tables that can be had as a file; what the asker may see is decided anew when the file is made. */
export const tables = (deps: ServiceDeps): Tables => {
  const of =
    (toTable: (found: Whole) => Table) =>
    async (parameters: Record<string, unknown>): Promise<Table> => {
      const { department, period } = await askedFor(parameters, readers, deps);
      return toTable(await figuresOf(department, period, null, deps));
    };
  return {
    'appointments.list': async (parameters) => {
      const { department, period }: { department: Department; period: Period } = await askedFor(
        parameters,
        readers,
        deps,
      );
      return visitList(department, period, deps);
    },
    'appointments.days': of(({ days, total }) => dated('按日', '日期', days, total)),
    'appointments.weeks': of(({ weeks, total }) => dated('按周', '周一', weeks, total)),
    'appointments.departments': of(({ departments, total }) =>
      tableOf(
        '按部门',
        [{ title: '部门', width: 30 }, ...columns],
        [...departments.map((one) => [one.title, ...cellsOf(one)]), ['合计', ...cellsOf(total)]],
      ),
    ),
    'appointments.resources': of(({ resources, total }) =>
      tableOf(
        '按医生和窗口',
        [{ title: '部门', width: 30 }, { title: '医生或窗口', width: 26 }, ...columns],
        [...resources.map((one) => [one.department, one.title, ...cellsOf(one)]), ['合计', null, ...cellsOf(total)]],
      ),
    ),
  };
};

const dated = (sheet: string, title: string, rows: (Figures & { day: string })[], total: Figures): Table =>
  tableOf(
    sheet,
    [{ title, width: 12, kind: 'date' }, ...columns],
    [...rows.map((one) => [dayCell(one.day), ...cellsOf(one)]), ['合计', ...cellsOf(total)]],
  );

const columns: Column[] = [
  { title: '号源', width: 10 },
  { title: '约了', width: 10 },
  { title: '现场取号', width: 10 },
  { title: '约出率', width: 10, kind: 'percent' },
  { title: '来了', width: 10 },
  { title: '实到率', width: 10, kind: 'percent' },
  { title: '爽约', width: 10 },
  { title: '爽约率', width: 10, kind: 'percent' },
  { title: '取消', width: 10 },
  { title: '取消率', width: 10, kind: 'percent' },
  { title: '改期', width: 10 },
  { title: '停诊停办', width: 10 },
  { title: '候补', width: 10 },
  { title: '候补到', width: 10 },
  { title: '候补成功率', width: 12, kind: 'percent' },
  { title: '提前天数中位数', width: 16 },
  ...leadSteps.map(({ title }) => ({ title: `约：${title}`, width: 14 })),
];

const cellsOf = (one: Figures): Cell[] => [
  one.capacity,
  one.booked,
  one.walkIns,
  one.bookedShare,
  one.came,
  one.usedShare,
  one.noShows,
  one.noShowShare,
  one.cancelled,
  one.cancelledShare,
  one.moved,
  one.stopped,
  one.lined,
  one.placed,
  one.placedShare,
  one.leadMedian,
  ...one.leads,
];
