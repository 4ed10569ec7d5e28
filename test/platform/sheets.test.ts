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
