import { allLines, type Line } from '../../../platform/sheets/read';

export const mostBytes = 2 * 1024 * 1024;
/** A sheet of so many full rows is a tenth of what a file may be when unpacked. */
const limits = { lines: 3000, columns: 30, unpacked: 24 * 1024 * 1024 };

/** @throws UserError 422 for what is neither XLSX nor CSV, or too large once it is unpacked */
export const readLines = (bytes: Buffer): Promise<Line[]> => allLines(bytes, limits);
