import { deflateRawSync } from 'node:zlib';
import { workOnImports } from '../../../src/services/cases/imports/work';
import { encodeGbk } from '../../../src/simulator/gbk';
import { addStaff, audited, request, signIn } from '../../console/client';
import { idCard as realCard } from '../appointments/hall';
import {
  apply,
  base,
  checked,
  countLike,
  faults,
  header,
  office,
  openImportDesk,
  operator,
  upload,
} from './import-desk';
import { step } from './office';

// Sheets of cases: checked as a whole, for those whose they are.

openImportDesk();

describe('a file is looked at first, and then stored as it is', () => {
  const document = realCard(41);
  const rows = [
    header,
    `im-2026 0001,普通护照,已受理,2026-02-20 10:00,"窗口 2, 先到先办",${document},ABC123`,
    'IM20260001,passport,approved,2026/2/21 9:05,,,',
    'IM20260001,普通护照,已受理,2026-02-20 10:00,,,',
    '',
    'IM20260002,户口迁移,已受理,2026年2月20日,,,"x""1234"',
  ].join('\r\n');
  const asSheet = rows.replace('"x""1234"', 'x1234');

  test.each([
    ['UTF-8', Buffer.from(asSheet)],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${asSheet}`)],
    ['GB18030', encodeGbk(asSheet)],
  ])('%s', async (_name, bytes) => {
    await office.db.query(`DELETE FROM cases WHERE number LIKE 'IM2026%'`);
    const one = await checked(bytes);
    expect(faults(one)).toEqual([]);
    expect(one).toMatchObject({ status: 'ready', total: 4, summary: { rows: 4, cases: 2, fresh: 2 } });
    expect(one.preview.map(({ number, state }) => [number, state])).toEqual([
      ['IM20260001', '已受理'],
      ['IM20260001', '审核通过'],
      ['IM20260001', '已受理'],
      ['IM20260002', '已受理'],
    ]);
    expect(await countLike('IM2026%')).toBe(0);
    expect(await apply(one.id)).toMatchObject({ status: 'done', done: 4, total: 4 });
    const citizen = await office.citizen({ kind: 'id-card', number: document });
    expect((await citizen.get('/cases')).body).toMatchObject({ items: [{ number: 'IM20260001', state: '审核通过' }] });
    const found = await citizen.post<{ item: { token: string } }>('/cases/find', {
      number: 'IM20260002',
      factor: 'X1234',
    });
    expect(found.body.item).toMatchObject({ number: 'IM20260002' });
    expect((await operator.send('POST', `${base}/imports/${one.id}/apply`)).status).toBe(409);
    expect(await office.db.query('SELECT 1 FROM case_import_parts')).toEqual([]);
  });

  test('what lies here meanwhile is sealed, and the act is in the audit trail', async () => {
    const { body } = await upload(asSheet);
    const [part] = await office.db.query<{ bytes: Buffer }>(
      'SELECT bytes FROM case_import_parts WHERE import_id = $1',
      [body.id],
    );
    expect(part!.bytes.includes(document)).toBe(false);
    await workOnImports(office.deps);
    await apply(body.id);
    expect((await audited(office.server, 'case.import'))[0]).toMatchObject({
      subject: 'case-source:demo-police',
      username: 'operator',
      detail: { file: '办件.csv', rows: 4 },
    });
  });

  test('the template can be filled in and sent; an XLSX file with dates and numbers of its own', async () => {
    const template = await fetch(`${office.server.url}/api/console${base}/import-template`, {
      headers: { authorization: `Bearer ${operator.token}` },
    });
    const one = await checked(Buffer.from(await template.arrayBuffer()));
    expect([faults(one), one.status, one.total]).toEqual([[], 'ready', 2]);
    const { writeXlsx } = await import('hucre/xlsx');
    const bytes = await writeXlsx({
      sheets: [
        {
          name: '办件',
          rows: [
            header.split(','),
            [20260077, '普通护照', '已受理', new Date('2026-02-20T10:30:00Z'), null, null, 246810],
          ],
        },
        { name: '说明', rows: [['=这里不看']] },
      ],
    });
    const sheet = await checked(Buffer.from(bytes));
    expect([faults(sheet), sheet.preview]).toEqual([
      [],
      [expect.objectContaining({ number: '20260077', at: '2026-02-20T02:30:00.000Z' })],
    ]);
  });
});

describe('what cannot be read says why, and nothing of it is stored', () => {
  const refused = async (bytes: Buffer | string) => (await upload(bytes)).body.error?.message;

  test('at the door', async () => {
    expect(await refused('')).toBe('文件是空的');
    expect(await refused('a\0b')).toMatch(/应为 .xlsx 文件，或存为 UTF-8/);
    expect(await refused(Buffer.from('d0cf11e0a1b11ae1', 'hex'))).toMatch(/另存为不加密的 .xlsx/);
    expect(await refused(Buffer.alloc(64 * 1024 * 1024 + 1, 'a'))).toBe('文件不能超过 64 MB');
    expect(await office.db.query(`SELECT 1 FROM case_imports WHERE status = 'uploading'`)).toEqual([]);
  });

  test.each([
    ['nothing but a header', header, [[1, '', '没有内容，从第 2 行起填写']]],
    [
      'columns that are missing',
      '编号,说明\nAB123456,x',
      ['类型', '状态', '时间'].map((name) => [1, name, '缺少这一列，请用模板']),
    ],
    [
      'rows that are wrong, each with what was expected',
      [
        header,
        'BAD1,普通护照,已受理,2026-02-20,,,',
        'BAD20260001,飞行执照,已受理,2026-02-20,,,',
        'BAD20260001,普通护照,飞走了,2026-02-30,,,',
        'BAD20260001,普通护照,已受理,2027-02-20,,,',
        'BAD20260001,普通护照,已受理,,,123,1',
        '=CMD(),普通护照,已受理,2026-02-20,,,',
        'BAD20260002,普通护照,已受理,2026-02-20,,,',
        'BAD20260002,户口迁移,已受理,2026-02-21,,,',
      ].join('\n'),
      [
        [2, '编号', '应为 6 到 32 位字母、数字或汉字'],
        [3, '类型', expect.stringContaining('应为以下之一：')],
        [4, '状态', expect.stringContaining('应为「普通护照」的状态之一：已受理')],
        [4, '时间', '应为时间，如 2026-03-01 09:30'],
        [5, '时间', expect.stringMatching(/^应在 1990-01-01 00:00 和 .* 之间$/)],
        [6, '时间', '应为时间，如 2026-03-01 09:30'],
        [6, '证件号码', '身份证号应为 18 位，最后一位是数字或 X'],
        [6, '查询码', '应为 4 到 12 位字母或数字'],
        [7, '', '含有公式，请粘贴为数值'],
        [9, '类型', expect.stringContaining('已经是别的类型')],
      ],
    ],
  ])('%s', async (_name, text, expected) => {
    const one = await checked(text);
    expect(one.status).toBe('faulty');
    expect(new Set(faults(one).map((each) => JSON.stringify(each))).size).toBe(expected.length);
    expect(faults(one)).toEqual(expect.arrayContaining(expected));
    expect(await countLike('BAD%')).toBe(0);
    expect((await operator.send('POST', `${base}/imports/${one.id}/apply`)).status).toBe(409);
    const sheet = await fetch(`${office.server.url}/api/console${base}/imports/${one.id}/faults`, {
      headers: { authorization: `Bearer ${operator.token}` },
    });
    const { streamXlsxRows } = await import('hucre/xlsx');
    const read = [];
    for await (const { values } of streamXlsxRows(new Uint8Array(await sheet.arrayBuffer()))) read.push(values);
    expect(read).toHaveLength(one.faults + 1);
  });

  test('a case that is there as another kind', async () => {
    await office.store(office.police, step('OT20260001', 'accepted', '2026-02-20 10:00'));
    expect(faults(await checked(`${header}\nOT20260001,户口迁移,已受理,2026-02-21,,,`))).toEqual([
      [2, '类型', expect.stringContaining('已经是别的类型')],
    ]);
  });

  test('files that are damaged, or meant to do damage', async () => {
    const { writeXlsx } = await import('hucre/xlsx');
    const good = [header.split(','), ['FX20260001', '普通护照', '已受理', '2026-02-20', null, null, null]];
    const sheet = Buffer.from(await writeXlsx({ sheets: [{ name: '办件', rows: good }] }));
    const formula = Buffer.from(
      await writeXlsx({
        sheets: [{ name: '办件', rows: good, cells: new Map([['1,4', { formula: '1+1', value: 2 }]]) } as never],
      }),
    );
    expect(faults(await checked(formula))).toEqual([[2, '', '含有公式，请粘贴为数值']]);
    expect(await checked(sheet.subarray(0, sheet.length - 60))).toMatchObject({
      status: 'failed',
      reason: '文件不完整，请重新上传',
    });
    const torn = Buffer.from(sheet);
    torn.fill(0x55, 60, 400);
    expect(await checked(torn)).toMatchObject({ status: 'failed' });
    const gigabyte = 1024 * 1024 * 1024;
    const blanks = deflateRawSync(Buffer.alloc(1024 * 1024, ' '));
    const small = { name: 'xl/worksheets/sheet1.xml', packed: deflateRawSync(Buffer.from('<f>')), full: 3 };
    const second = { ...small, name: 'xl/worksheets/sheet2.xml' };
    const tooLarge = '文件展开后太大，不能导入';
    for (const [parts, reason] of [
      // Says how large it is; says that it is small; says nothing.
      [[{ ...small, packed: blanks, full: gigabyte }], tooLarge],
      [[small, second, { name: 'xl/workbook.xml', packed: blanks, full: 1024 }], tooLarge],
      [[{ ...small, packed: blanks, full: 0 }], tooLarge],
      // One text that never ends.
      [[{ ...small, packed: blanks, full: 1024 * 1024 }], '有一处太长，不是表格里会有的'],
    ] as const)
      expect(await checked(zip(parts))).toMatchObject({ status: 'failed', reason });
    expect(await checked(`${header}\n"AB123456,普通护照`)).toMatchObject({
      status: 'failed',
      reason: '第 2 行的引号没有配对',
    });
    expect(await checked(Buffer.concat([encodeGbk(`${header}\n编号`), Buffer.from([0xff, 0xff])]))).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('认不出文字编码'),
    });
    expect(await countLike('FX%')).toBe(0);
  });
});

test('one case has so many steps in a file, and no more', async () => {
  const lines = Array.from(
    { length: 202 },
    (_, n) =>
      `MS20260001,普通护照,${n % 2 ? '退回补正' : '审核通过'},2025-${String(1 + (n % 12)).padStart(2, '0')}-${String(1 + Math.floor(n / 12)).padStart(2, '0')},第 ${n} 次,,`,
  );
  const found = await checked([header, ...lines].join('\n'));
  expect(found).toMatchObject({ status: 'faulty', faults: 2 });
  expect(faults(found)).toEqual([202, 203].map((line) => [line, '编号', '一个编号连同已有的最多 200 步']));
  // Those that are there count, whether they come again or not.
  await apply((await checked([header, ...lines.slice(0, 199)].join('\n'))).id);
  expect(await checked([header, ...lines.slice(100, 200)].join('\n'))).toMatchObject({ status: 'ready' });
  expect(faults(await checked([header, ...lines.slice(101)].join('\n'))).map(([line]) => line)).toEqual([101, 102]);
  // It is full by now. What a program says each night of a case that stands still adds nothing; what comes after it does.
  await apply((await checked([header, lines[199]].join('\n'))).id);
  const night = (day: string, state: string) => `MS20260001,普通护照,${state},2026-02-${day},第 191 次,,`;
  const nights = [header, night('20', '退回补正'), night('21', '退回补正')];
  expect(await apply((await checked(nights.join('\n'))).id)).toMatchObject({ status: 'done' });
  expect(faults(await checked([...nights, night('22', '审核通过')].join('\n'))).map(([line]) => line)).toEqual([4]);
  const moved = [header, night('23', '审核通过'), night('24', '退回补正'), night('25', '退回补正')];
  expect(faults(await checked(moved.join('\n'))).map(([line]) => line)).toEqual([2, 3]);
});

test('a source is for those whose it is, an import for whoever sent it', async () => {
  await addStaff(office.server, 'hospital-operator', 'operator', 'hospital-first');
  const hospital = await signIn(office.server, 'hospital-operator');
  expect((await upload(header, { by: hospital })).status).toBe(404);
  const theirs = await upload(`${header}\nTH20260001,体检报告,已登记,2026-02-20,,,`, {
    by: hospital,
    source: office.hospital,
  });
  expect(theirs.status).toBe(202);
  expect((await operator.get(`${base}/imports/${theirs.body.id}`)).status).toBe(404);
  const clerk = await signIn(office.server, 'clerk-police');
  expect((await clerk.get(`${base}/imports`)).status).toBe(403);
  expect((await request(office.server, 'GET', `${base}/imports`)).status).toBe(401);
});

/** Parts that say what they like of how large they are. */
function zip(parts: readonly { name: string; packed: Buffer; full: number }[]): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let at = 0;
  for (const { name, packed, full } of parts) {
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(8, 8);
    local.writeUInt32LE(packed.length, 18);
    local.writeUInt32LE(full, 22);
    local.writeUInt16LE(name.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(8, 10);
    central.writeUInt32LE(packed.length, 20);
    central.writeUInt32LE(full, 24);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt32LE(at, 42);
    locals.push(local, Buffer.from(name), packed);
    centrals.push(central, Buffer.from(name));
    at += 30 + name.length + packed.length;
  }
  const directory = Buffer.concat(centrals);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(parts.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, directory, end]);
}
