import { UserError } from '../../../platform/errors';

/** One line of a sheet, cells as text; `line` is its number as spreadsheets show it. */
export type Line = { line: number; cells: string[]; formula: boolean };

export const mostBytes = 2 * 1024 * 1024;
export const mostLines = 3000;
const mostColumns = 30;
/** What a file may be when unpacked: a sheet of `mostLines` full rows is a tenth of it. */
const mostUnpacked = 24 * 1024 * 1024;

/**
 * The rows of an XLSX or CSV file (UTF-8 or GB18030), the header first.
 * @throws UserError 422 for what is neither, or too large once it is unpacked
 */
export async function readLines(bytes: Buffer): Promise<Line[]> {
  const lines = bytes.subarray(0, 4).equals(zipMark) ? await readXlsx(bytes) : await readCsv(bytes);
  if (lines.length > mostLines + 1) throw unreadable(`一个文件最多 ${mostLines} 行，请分成几个`);
  return lines.filter(({ cells }) => cells.some((cell) => cell !== ''));
}

const zipMark = Buffer.from('PK\x03\x04', 'latin1');

async function readXlsx(bytes: Buffer): Promise<Line[]> {
  mustUnpackSmall(bytes);
  // ESM only, and of no concern to whoever reads no file.
  const { readXlsx: read } = await import('hucre/xlsx');
  try {
    const { sheets } = await read(bytes, { sheets: [0], maxRows: mostLines + 2 });
    const sheet = sheets[0];
    if (!sheet) throw unreadable('文件里没有工作表');
    return sheet.rows.map((row, index) => ({
      line: index + 1,
      cells: row.slice(0, mostColumns).map(textOf),
      formula: row
        .slice(0, mostColumns)
        .some((_cell, column) => sheet.cells?.get(`${index},${column}`)?.formula !== undefined),
    }));
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw unreadable('打不开这个文件，请用 Excel 或 WPS 另存为 .xlsx 再试');
  }
}

/**
 * The directory at the end of a zip says how large each part is; the reader unpacks none further than that. So what it says is added
 * up before anything is unpacked, and a part that says nothing is refused.
 */
function mustUnpackSmall(bytes: Buffer): void {
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end < 0 || end + 22 > bytes.length) throw unreadable('文件不完整，请重新上传');
  let sum = 0;
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== 0x02014b50) throw unreadable('文件不完整，请重新上传');
    const [packed, unpacked] = [bytes.readUInt32LE(at + 20), bytes.readUInt32LE(at + 24)];
    sum += unpacked;
    if (sum > mostUnpacked || (packed > 0 && unpacked === 0)) throw unreadable('文件展开后太大，不能导入');
    at += 46 + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
}

async function readCsv(bytes: Buffer): Promise<Line[]> {
  const { parseCsv } = await import('hucre/csv');
  const text = decode(bytes);
  if (text.includes('\0')) throw unreadable('应为 .xlsx 或 .csv 文件');
  return parseCsv(text, { maxRows: mostLines + 2 }).map((row, index) => ({
    line: index + 1,
    cells: row.slice(0, mostColumns).map(textOf),
    // Text that spreadsheets would take for a formula.
    formula: row.some((cell) => /^\s*[=@]/.test(String(cell ?? ''))),
  }));
}

/** What Chinese spreadsheets save as CSV is GB18030 unless they were told otherwise. */
function decode(bytes: Buffer): string {
  for (const encoding of ['utf-8', 'gb18030'])
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(bytes);
    } catch {
      // the next one
    }
  throw unreadable('认不出文字编码，请存为 UTF-8 或 GB18030（GBK）的 .csv，或 .xlsx');
}

/** Times and dates are numbers in a sheet, which the reader makes dates without a zone. */
function textOf(cell: unknown): string {
  if (cell === null || cell === undefined) return '';
  if (cell instanceof Date) {
    const [day, clock] = [cell.toISOString().slice(0, 10), cell.toISOString().slice(11, 16)];
    return day < '1901-01-01' ? clock : day;
  }
  // A time without a date is a part of a day.
  if (typeof cell === 'number' && cell > 0 && cell < 1) {
    const minutes = Math.round(cell * 24 * 60);
    return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
  }
  return String(cell).normalize('NFKC').trim();
}

const unreadable = (message: string) => new UserError(422, 'unreadable', message);
