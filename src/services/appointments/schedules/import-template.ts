import { FileAnswer } from '../../../platform/http/file-answer';
import { xlsxType } from '../../../platform/sheets/exports';
import { workbook } from '../../../platform/sheets/workbook';
import { columns } from './import-check';

const examples = [
  [
    '示例市第一医院',
    '门诊服务部',
    '医生',
    '示例医生甲',
    '主任医师',
    '门诊楼 2 层',
    '一三五',
    '上午',
    '08:30',
    '11:30',
    '30',
    '3',
    '网上',
    '否',
    '',
    '',
  ],
  [
    '示例市第一医院',
    '门诊服务部',
    '医生',
    '示例医生甲',
    '主任医师',
    '门诊楼 2 层',
    '一三五',
    '下午',
    '14:00',
    '17:00',
    '30',
    '3',
    '网上',
    '否',
    '',
    '',
  ],
  [
    '示例市公安局',
    '户政大队',
    '窗口',
    '户籍窗口',
    '落户、迁移',
    '办事大厅 1 层',
    '一至五',
    '',
    '09:00',
    '12:00',
    '60',
    '6',
    '网上',
    '否',
    '2026-01-01',
    '2026-12-31',
  ],
];

/** A sheet with the columns and lines to be written over. */
export async function template(): Promise<FileAnswer> {
  async function* rows() {
    yield* examples;
  }
  const bytes = await workbook(
    '号源',
    columns.map((title) => ({ title, width: Math.max(10, title.length * 2 + 4) })),
    rows(),
  );
  return new FileAnswer({ bytes, contentType: xlsxType, saveAs: '号源导入模板.xlsx' });
}
