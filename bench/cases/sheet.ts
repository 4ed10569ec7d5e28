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
export const sheetOf = (rows: number, batch: number): Buffer =>
  Buffer.from(`${[columns, ...linesOf(rows, batch)].map((cells) => cells.join(',')).join('\r\n')}\r\n`);

/** The same as a spreadsheet. */
export async function workbookOf(rows: number, batch: number): Promise<Buffer> {
  const { writeXlsx } = await import('hucre/xlsx');
  return Buffer.from(await writeXlsx({ sheets: [{ name: '办件', rows: [columns, ...linesOf(rows, batch)] }] }));
}

function* linesOf(rows: number, batch: number): Generator<string[]> {
  for (let nth = 0; nth < rows; nth++) {
    const [kind, state] = kinds[nth % kinds.length]!;
    const at = `2026-0${1 + (nth % 2)}-${String(5 + (nth % 20)).padStart(2, '0')} ${String(9 + (nth % 8)).padStart(2, '0')}:30`;
    // Of a region that nobody is registered in.
    const born = `190001${String(1 + (Math.floor(nth / 1000) % 28)).padStart(2, '0')}`;
    const first17 = `110000${born}${String(nth % 1000).padStart(3, '0')}`;
    const number = `BJ${batch}2026${String(nth).padStart(8, '0')}`;
    const code = String(100_000 + ((nth * 7919) % 900_000));
    const document = first17 + checkCharacter(first17);
    const place = `示例大厅 ${1 + (nth % 9)} 号窗口`;
    yield [number, kind!, state!, at, '（示例）请带照片', '居民身份证', document, code, '', place];
  }
}
