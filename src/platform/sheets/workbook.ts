import { Readable } from 'node:stream';

export type Cell = string | number | Date | null;
export type Column = { title: string; width?: number; kind?: 'text' | 'number' | 'percent' | 'time' | 'date' };

const formats: Partial<Record<NonNullable<Column['kind']>, string>> = {
  percent: '0.0%',
  time: 'yyyy-mm-dd hh:mm',
  date: 'yyyy-mm-dd',
};

/**
 * One table as an XLSX file, piece by piece: rows are taken as the pieces are read, so that a hundred thousand of them need no more
 * memory than a hundred.
 */
export async function workbook(sheet: string, columns: Column[], rows: AsyncIterable<Cell[]>): Promise<Readable> {
  // ESM only, and of no concern to whoever makes no file.
  const { writeXlsxStream } = await import('hucre/xlsx');
  const stream = writeXlsxStream(safe(rows), {
    name: sheet,
    columns: columns.map(({ title, width = 14, kind }) => ({ header: title, width, numFmt: kind && formats[kind] })),
    freezePane: { rows: 1 },
  });
  return Readable.fromWeb(stream as Parameters<typeof Readable.fromWeb>[0]);
}

async function* safe(rows: AsyncIterable<Cell[]>): AsyncGenerator<Cell[]> {
  for await (const row of rows) yield row.map(toCell);
}

function toCell(value: Cell): Cell {
  if (value instanceof Date) return new Date(value.getTime() + shanghaiMillis);
  return typeof value === 'string' ? harmless(value) : value;
}

/** `2026-03-01` as a cell that sorts and counts as a day. */
export const dayCell = (day: string): Date => new Date(`${day}T00:00:00+08:00`);

/** A sheet knows no zone: what it shows is what people in China read on the clock. */
const shanghaiMillis = 8 * 3600_000;

/** What spreadsheets take for a formula when the file is saved as CSV and opened again is text with a mark before it. */
const harmless = (text: string): string => (/^[\s]*[=+\-@＝＋－＠]|^[\t\r\n]/u.test(text) ? `'${text}` : text);
