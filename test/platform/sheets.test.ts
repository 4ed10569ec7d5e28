import fc from 'fast-check';
import { linesOf } from '../../src/platform/sheets/read';
import { type Cell, workbook } from '../../src/platform/sheets/workbook';

test('a hundred thousand rows are written piece by piece, in no more memory than a few', async () => {
  const count = 100_000;
  let made = 0;
  async function* rows(): AsyncGenerator<Cell[]> {
    while (made < count)
      yield [`Q${made++}`, '身份证丢了，人在外地，能在外地补领吗？'.repeat(4), new Date(1.77e12), made];
  }
  const stream = await workbook(
    '提问',
    [{ title: '编号' }, { title: '提问' }, { title: '时间', kind: 'time' }],
    rows(),
  );
  let bytes = 0;
  let ahead = 0;
  for await (const piece of stream) {
    bytes += (piece as Uint8Array).length;
    // What has been taken from the source and has not come out: rows pressed together, never all of them.
    if (ahead === 0) ahead = made;
  }
  expect(made).toBe(count);
  expect(ahead).toBeLessThan(count / 4);
  expect(bytes).toBeGreaterThan(100_000);
}, 60_000);

test('what a spreadsheet would run is text', async () => {
  const texts = ['=1+1', '+1', '-1', '@A1', ' =1', '＝1', '\t=1', '\r1', '身份证', '1-1'];
  async function* rows(): AsyncGenerator<Cell[]> {
    for (const text of texts) yield [text, -1];
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of await workbook('表', [{ title: '文字' }, { title: '数' }], rows())) chunks.push(chunk);
  const { streamXlsxRows } = await import('hucre/xlsx');
  const read: unknown[][] = [];
  for await (const { values } of streamXlsxRows(new Uint8Array(Buffer.concat(chunks)))) read.push(values);
  expect(read.slice(1).map(([text, number]) => [String(text).startsWith("'"), number])).toEqual(
    texts.map((_, index) => [index < 8, -1]),
  );
});

describe('a CSV file is read the same however it is cut into pieces', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', '7', '"', ',', '\n', '\r', ' ', '办', '件', '\t') });

  test('every cell comes back', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 40 }),
        async (rows, size) => {
          const text = ['a,b', ...rows.map((row) => row.map((one) => `"${one.replaceAll('"', '""')}"`).join(','))].join(
            '\r\n',
          );
          const bytes = Buffer.from(text);
          const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
            bytes.subarray(at * size, (at + 1) * size),
          );
          const read: string[][] = [];
          for await (const batch of linesOf('utf-8', pieces, { lines: 100, columns: 9, unpacked: 0 }))
            read.push(...batch.map(({ cells }) => cells));
          const expected = rows
            .map((row) => row.map((one) => one.normalize('NFKC').trim()))
            .filter((row) => row.some((one) => one !== ''));
          expect(read.slice(1)).toEqual(expected);
        },
      ),
    );
  });
});
