import { UserError } from '../errors';

/** One line of a sheet, cells as text; `line` is its number as spreadsheets show it. */
export type Line = { line: number; cells: string[]; formula: boolean };

export type SheetLimits = {
  /** below the header */
  lines: number;
  columns: number;
  /** bytes that an XLSX file may be when unpacked */
  unpacked: number;
};

/** What cannot be read at all, in words. */
export const unreadable = (message: string) => new UserError(422, 'unreadable', message);

/** Times and dates are numbers in a sheet, which the reader makes dates without a zone. */
export function textOf(cell: unknown): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'string') return cell.normalize('NFKC').trim();
  if (cell instanceof Date) {
    const [day, clock] = [cell.toISOString().slice(0, 10), cell.toISOString().slice(11, 16)];
    if (day < '1901-01-01') return clock;
    return clock === '00:00' ? day : `${day} ${clock}`;
  }
  // A time without a date is a part of a day.
  if (typeof cell === 'number' && cell > 0 && cell < 1) {
    const minutes = Math.round(cell * 24 * 60);
    return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
  }
  // A spreadsheet keeps fifteen digits: what was a longer number is one no more, and must not pass for one.
  if (typeof cell === 'number' && !Number.isSafeInteger(cell) && Math.abs(cell) >= 1e15) return cell.toExponential();
  return String(cell).normalize('NFKC').trim();
}

/** Text that spreadsheets would take for a formula. */
export const looksFormula = (text: string): boolean => text.startsWith('=') || text.startsWith('@');
