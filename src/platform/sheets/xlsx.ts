import { createInflateRaw } from 'node:zlib';
import { UserError } from '../errors';
import { type Line, looksFormula, type SheetLimits, textOf, unreadable } from './line';

const batch = 1000;

/** The rows of the first sheet of an XLSX file, as they are unpacked. */
export async function* xlsxLines(bytes: Buffer, { lines, columns, unpacked }: SheetLimits): AsyncGenerator<Line[]> {
  const entries = directoryOf(bytes, unpacked);
  // ESM only, and of no concern to whoever reads no file.
  const { streamXlsxRows } = await import('hucre/xlsx');
  try {
    const formulas = await formulaRows(bytes, entries);
    let gathered: Line[] = [];
    for await (const { index, values } of streamXlsxRows(bytes, { sheet: 0, maxRows: lines + 2 })) {
      const cells = values.slice(0, columns).map(textOf);
      gathered.push({ line: index + 1, cells, formula: formulas.has(index) || cells.some(looksFormula) });
      if (gathered.length < batch) continue;
      yield gathered;
      gathered = [];
    }
    yield gathered;
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw notOpened();
  }
}

const notOpened = () => unreadable('打不开这个文件，请用 Excel 或 WPS 另存为 .xlsx 再试');

/** `full`: how large it says it is when unpacked. */
type Entry = { name: string; packed: boolean; from: number; to: number; full: number };

const tooLarge = () => unreadable('文件展开后太大，不能导入');

/**
 * The directory at the end of a zip says how large each part is; neither the reader nor `unpack` goes further than that. So what it
 * says is added up before anything is unpacked, and a part that says nothing here, to say it elsewhere, is refused.
 */
function directoryOf(bytes: Buffer, mostUnpacked: number): Entry[] {
  const damaged = () => unreadable('文件不完整，请重新上传');
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end < 0 || end + 22 > bytes.length) throw damaged();
  // The reader would look for another directory, which has been added up nowhere.
  if (bytes.readUInt16LE(end + 10) === 0xffff || [12, 16].some((at) => bytes.readUInt32LE(end + at) === 0xffffffff))
    throw notOpened();
  const entries: Entry[] = [];
  let sum = 0;
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== 0x02014b50) throw damaged();
    const [size, full] = [bytes.readUInt32LE(at + 20), bytes.readUInt32LE(at + 24)];
    const packed = bytes.readUInt16LE(at + 10) === 8;
    sum += full;
    if (sum > mostUnpacked || (packed && (size === 0 || full === 0))) throw tooLarge();
    const [nameLength, local] = [bytes.readUInt16LE(at + 28), bytes.readUInt32LE(at + 42)];
    if (local + 30 > bytes.length) throw damaged();
    const from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength);
    entries.push({ name, packed, from, to: from + size, full });
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return entries;
}

/** A cell has 32,767 characters at most: what goes on for longer without a tag is no sheet. */
const mostBetweenTags = 256 * 1024;

/** Rows of the first sheet that have a formula, which the reader of rows passes over: what it last came to may be old, or missing. */
async function formulaRows(bytes: Buffer, entries: Entry[]): Promise<Set<number>> {
  const found = new Set<number>();
  const sheet = await firstSheet(bytes, entries);
  if (!sheet) return found;
  let row = -1;
  let rest = '';
  for await (const piece of unpack(bytes, sheet)) {
    const text = rest + piece.toString('latin1');
    // What may go on in the next piece is looked at with it.
    const whole = text.lastIndexOf('>') + 1;
    for (const [, opening, tag, attributes] of text
      .slice(0, whole)
      .matchAll(/(<)(?:\w+:)?(row|f)((?:\s[^>]*)?\/?)>/g)) {
      if (opening && tag === 'f') found.add(row);
      else row = Number(/\sr="(\d+)"/.exec(attributes!)?.[1] ?? row + 2) - 1;
    }
    rest = text.slice(whole);
    if (rest.length > mostBetweenTags) throw unreadable('有一处太长，不是表格里会有的');
  }
  return found;
}

/** Of what only names the sheets. */
const mostOfIndex = 4 * 1024 * 1024;

async function firstSheet(bytes: Buffer, entries: Entry[]): Promise<Entry | undefined> {
  const sheets = entries.filter(({ name }) => /^\/?xl\/worksheets\/[^/]+\.xml$/.test(name));
  if (sheets.length < 2) return sheets[0];
  const textIn = async (name: string) => {
    const entry = entries.find((one) => one.name === name);
    if (entry && entry.full > mostOfIndex) throw tooLarge();
    const pieces: Buffer[] = [];
    if (entry) for await (const piece of unpack(bytes, entry)) pieces.push(piece);
    return Buffer.concat(pieces).toString('utf8');
  };
  const id = /<(?:\w+:)?sheet\s[^<>]*:id="([^"]+)"/.exec(await textIn('xl/workbook.xml'))?.[1];
  const relations = (await textIn('xl/_rels/workbook.xml.rels')).match(/<Relationship\s[^<>]*>/g) ?? [];
  const target = /\sTarget="([^"]+)"/.exec(relations.find((one) => one.includes(` Id="${id}"`)) ?? '')?.[1];
  return sheets.find(({ name }) => target && name.endsWith(target.replace(/^\/?(xl\/)?/, ''))) ?? sheets[0];
}

/** @throws UserError where there is more in it than it says */
async function* unpack(bytes: Buffer, { packed, from, to, full }: Entry): AsyncGenerator<Buffer> {
  const stored = bytes.subarray(from, to);
  if (!packed) return yield stored;
  const inflate = createInflateRaw();
  inflate.end(stored);
  let sum = 0;
  for await (const piece of inflate as AsyncIterable<Buffer>) {
    sum += piece.length;
    if (sum > full) throw tooLarge();
    yield piece;
  }
}
