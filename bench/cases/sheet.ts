import { checkCharacter } from '../../src/people/identity/documents';

const columns = ['编号', '类型', '状态', '时间', '说明', '证件类型', '证件号码', '查询码', '承诺期限', '办理地点'];
const kinds = [
  ['普通护照', '已受理'],
  ['普通护照', '审核通过'],
  ['居民身份证', '制证中'],
  ['户口迁移', '已受理'],
];

export const columnCount = columns.length;

/** A CSV as an office sends it: every row a case of its own, everything filled in that there is a column for. Openly made up. */
export function sheetOf(rows: number, batch: number): Buffer {
  const lines = [columns.join(',')];
  for (let nth = 0; nth < rows; nth++) {
    const [kind, state] = kinds[nth % kinds.length]!;
    const at = `2026-0${1 + (nth % 2)}-${String(5 + (nth % 20)).padStart(2, '0')} ${String(9 + (nth % 8)).padStart(2, '0')}:30`;
    // Of a region that nobody is registered in.
    const born = `190001${String(1 + (Math.floor(nth / 1000) % 28)).padStart(2, '0')}`;
    const first17 = `110000${born}${String(nth % 1000).padStart(3, '0')}`;
    const number = `BJ${batch}2026${String(nth).padStart(8, '0')}`;
    const code = String(100_000 + ((nth * 7919) % 900_000));
    const document = first17 + checkCharacter(first17);
    lines.push(
      `${number},${kind},${state},${at},（示例）请带照片,居民身份证,${document},${code},,示例大厅 ${1 + (nth % 9)} 号窗口`,
    );
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n`);
}
