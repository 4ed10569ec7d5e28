import { csvLines } from './csv';
import { type Line, type SheetLimits, unreadable } from './line';
import { xlsxLines } from './xlsx';

export type { Line, SheetLimits } from './line';

/** What Chinese spreadsheets save as CSV is GB18030 unless they were told otherwise. */
export type SheetForm = 'xlsx' | 'utf-8' | 'gb18030';

type Bytes = AsyncIterable<Buffer> | Iterable<Buffer>;

/**
 * Looks at a file as it comes in, for what it is. `form` says so at its end.
 * @throws UserError 422
 */
export function createSheetSniffer() {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let form: SheetForm | undefined;
  return {
    look(bytes: Buffer): void {
      form ??= formOfHead(bytes);
      if (form === 'xlsx') return;
      if (bytes.includes(0)) throw unreadable('应为 .xlsx 文件，或存为 UTF-8、GB18030（GBK）的 .csv 文件');
      if (form === 'utf-8' && !decodes(decoder, bytes, true)) form = 'gb18030';
    },
    form(): SheetForm {
      if (!form) throw unreadable('文件是空的');
      return form === 'utf-8' && !decodes(decoder, Buffer.alloc(0), false) ? 'gb18030' : form;
    },
  };
}

/** The rows of a file, the header first, a batch at a time: a CSV of any length takes no more memory than a short one. */
export async function* linesOf(form: SheetForm, bytes: Bytes, limits: SheetLimits): AsyncGenerator<Line[]> {
  const batches = form === 'xlsx' ? xlsxLines(await whole(bytes), limits) : csvLines(form, bytes);
  let count = 0;
  for await (const batch of batches) {
    const lines = batch.filter(({ cells }) => cells.some((cell) => cell !== ''));
    count += lines.length;
    if (count > limits.lines + 1) throw unreadable(`一个文件最多 ${limits.lines} 行，请分成几个`);
    for (const one of lines) if (one.cells.length > limits.columns) one.cells.length = limits.columns;
    yield lines;
  }
}

/** All of a file that is in memory anyway. */
export async function allLines(bytes: Buffer, limits: SheetLimits): Promise<Line[]> {
  const sniffer = createSheetSniffer();
  if (bytes.length > 0) sniffer.look(bytes);
  const lines: Line[] = [];
  for await (const batch of linesOf(sniffer.form(), [bytes], limits)) lines.push(...batch);
  return lines;
}

const zipMark = Buffer.from('PK\x03\x04', 'latin1');
const oldExcelMark = Buffer.from([0xd0, 0xcf, 0x11, 0xe0]);

function formOfHead(bytes: Buffer): SheetForm {
  const head = bytes.subarray(0, 4);
  if (head.equals(oldExcelMark))
    throw unreadable('这是旧的 .xls，或加了密码的文件，请用 Excel 或 WPS 另存为不加密的 .xlsx 再试');
  return head.equals(zipMark) ? 'xlsx' : 'utf-8';
}

function decodes(decoder: InstanceType<typeof TextDecoder>, bytes: Buffer, stream: boolean): boolean {
  try {
    decoder.decode(bytes, { stream });
    return true;
  } catch {
    return false;
  }
}

async function whole(bytes: Bytes): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of bytes) parts.push(part);
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}
