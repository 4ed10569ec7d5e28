import { FileAnswer } from '../../../platform/http/file-answer';
import { xlsxType } from '../../../platform/sheets/exports';
import { type Cell, workbook } from '../../../platform/sheets/workbook';
import type { Fault } from './check';
import { columns } from './columns';

const examples = [
  ['SL20260001', '普通护照', '已受理', '2026-01-05 09:30', '', '', '', '246810', '', '出入境大厅 1 层'],
  ['SL20260001', '普通护照', '审核通过', '2026-01-07 15:00', '', '', '', '', '', ''],
];

/** A sheet with the columns and lines to be written over. */
export const template = (): Promise<FileAnswer> =>
  sheet(
    '办件',
    Object.keys(columns).map((title) => ({ title, width: 18 })),
    (async function* () {
      yield* examples;
    })(),
    '办件导入模板.xlsx',
  );

/** What is wrong with a file, line by line, to mend it by. */
export const faultSheet = (faults: AsyncIterable<Fault>): Promise<FileAnswer> =>
  sheet(
    '错误',
    [
      { title: '行', width: 8, kind: 'number' },
      { title: '列', width: 14 },
      { title: '应当怎样', width: 60 },
    ],
    (async function* () {
      for await (const { line, place, message } of faults) yield [line, place, message];
    })(),
    '导入错误.xlsx',
  );

async function sheet(name: string, heads: Parameters<typeof workbook>[1], rows: AsyncIterable<Cell[]>, saveAs: string) {
  return new FileAnswer({ bytes: await workbook(name, heads, rows), contentType: xlsxType, saveAs });
}
