import { type Line, looksFormula, textOf, unreadable } from './line';

/** A record that goes on for longer has a quotation mark that nobody closed. */
const mostInRecord = 256 * 1024;

/** The records of a CSV file (RFC 4180; tabs in place of commas too), a batch for each piece of the file. */
export async function* csvLines(
  encoding: 'utf-8' | 'gb18030',
  bytes: AsyncIterable<Buffer> | Iterable<Buffer>,
): AsyncGenerator<Line[]> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const decode = (part?: Buffer) => {
    try {
      return part ? decoder.decode(part, { stream: true }) : decoder.decode();
    } catch {
      throw unreadable('认不出文字编码，请存为 UTF-8 或 GB18030（GBK）的 .csv，或 .xlsx');
    }
  };
  const records = createRecords();
  for await (const part of bytes) yield records.take(decode(part), false);
  yield records.take(decode(), true);
}

function createRecords() {
  let rest = '';
  let line = 0;
  let delimiter: string | undefined;

  return {
    /** What is complete by now; `last`: nothing comes after it. */
    take(fresh: string, last: boolean): Line[] {
      const text = rest + fresh;
      const lines: Line[] = [];
      let at = 0;
      let quote = text.indexOf('"');
      while (at < text.length) {
        if (quote >= 0 && quote < at) quote = text.indexOf('"', at);
        const newline = text.indexOf('\n', at);
        const end = newline < 0 ? text.length : newline;
        delimiter ??= newline >= 0 || last ? delimiterOf(text.slice(at, end)) : undefined;
        const simple = quote < 0 || quote > end;
        const found = simple ? plain(text, at, newline, delimiter ?? ',') : quoted(text, at, delimiter ?? ',');
        if (found === 'unclosed' && last) throw unreadable(`第 ${line + 1} 行的引号没有配对`);
        if (found === 'unclosed' || (found.open && !last)) break;
        lines.push(toLine(++line, found.cells));
        at = found.next;
      }
      rest = text.slice(at);
      if (rest.length > mostInRecord) throw unreadable(`第 ${line + 1} 行太长，也许引号没有配对`);
      return lines;
    },
  };
}

/** `open`: it goes on to the end of what is there, and maybe beyond. */
type Record = { cells: string[]; next: number; open: boolean };

function plain(text: string, at: number, newline: number, delimiter: string): Record {
  const end = newline < 0 ? text.length : newline;
  const stop = end > at && text.charCodeAt(end - 1) === 13 ? end - 1 : end;
  return { cells: text.slice(at, stop).split(delimiter), next: end + 1, open: newline < 0 };
}

/** A record with quotation marks in it. */
function quoted(text: string, start: number, delimiter: string): Record | 'unclosed' {
  const cells: string[] = [];
  let at = start;
  for (;;) {
    let cell = '';
    if (text[at] === '"') {
      for (at += 1; ; ) {
        const close = text.indexOf('"', at);
        if (close < 0) return 'unclosed';
        cell += text.slice(at, close);
        at = close + 1;
        if (text[at] !== '"') break;
        cell += '"';
        at += 1;
      }
    }
    const [comma, newline] = [text.indexOf(delimiter, at), text.indexOf('\n', at)];
    const ends = [comma, newline].filter((one) => one >= 0);
    const end = ends.length === 0 ? text.length : Math.min(...ends);
    cells.push(cell + text.slice(at, end).replace(/\r$/, ''));
    if (end === text.length) return { cells, next: end, open: true };
    at = end + 1;
    if (end === newline) return { cells, next: at, open: false };
  }
}

const delimiterOf = (header: string): string => (header.includes('\t') && !header.includes(',') ? '\t' : ',');

function toLine(line: number, cells: string[]): Line {
  let formula = false;
  for (let place = 0; place < cells.length; place++) {
    const text = textOf(cells[place]);
    cells[place] = text;
    formula ||= looksFormula(text);
  }
  return { line, cells, formula };
}
