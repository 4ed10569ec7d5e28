import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { deflateRawSync } from 'node:zlib';
import { Client as Connection } from 'pg';
import { storeFile } from '../../../src/services/cases/imports/store-file';
import { nextTurn, Superseded } from '../../../src/services/cases/imports/turn';
import { workOnImports } from '../../../src/services/cases/imports/work';
import { encodeGbk } from '../../../src/simulator/gbk';
import { addStaff, audited, type Client, request, signIn } from '../../console/client';
import { testSecretKey } from '../../support/server';
import { idCard as realCard } from '../appointments/hall';
import type { Shift } from './import-worker';
import { type Office, openOffice, step } from './office';

// Sheets of cases: checked as a whole, stored in chunks, resumed after a kill.

let office: Office;
let operator: Client;
beforeAll(async () => {
  office = await openOffice();
  operator = await signIn(office.server, 'operator');
});
afterAll(() => office?.close());

type Import = {
  id: string;
  status: string;
  done: number;
  total: number | null;
  faults: number;
  reason: string | null;
  summary: object | null;
  preview: { number: string; state: string }[];
  firstFaults: { line: number; place: string; message: string }[];
};
const base = '/services/cases';
const header = '编号,类型,状态,时间,说明,证件号码,查询码';

async function upload(bytes: Buffer | string, { name = '办件.csv', by = operator, source = office.police } = {}) {
  const query = new URLSearchParams({ source: String(source), name });
  const response = await fetch(`${office.server.url}/api/console${base}/imports?${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${by.token}`, 'content-type': 'text/csv' },
    body: new Uint8Array(Buffer.from(bytes as string)),
  });
  return { status: response.status, body: (await response.json()) as { id: string; error?: { message: string } } };
}
const look = async (id: string) => (await operator.get(`${base}/imports/${id}`)).body as Import;
async function checked(bytes: Buffer | string): Promise<Import> {
  const { status, body } = await upload(bytes);
  if (status !== 202) throw new Error(`${status} ${JSON.stringify(body)}`);
  await workOnImports(office.deps);
  return look(body.id);
}
async function apply(id: string): Promise<Import> {
  expect((await operator.send('POST', `${base}/imports/${id}/apply`)).status).toBe(202);
  await workOnImports(office.deps);
  return look(id);
}
const countLike = async (number: string) =>
  (
    await office.db.query<{ count: number }>('SELECT count(*)::int AS count FROM cases WHERE number LIKE $1', [number])
  )[0]!.count;
const faults = ({ firstFaults }: Import) => firstFaults.map(({ line, place, message }) => [line, place, message]);

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
    expect(await checked(bomb())).toMatchObject({ status: 'failed', reason: '文件展开后太大，不能导入' });
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

describe('a process that is killed loses nothing, and the next does nothing twice', () => {
  /** Works in a process of its own that finds a lock in its way, and is killed there once it has come so far. */
  async function workUntilKilled(lock: string, reached: () => Promise<boolean>): Promise<void> {
    const holder = new Connection({ connectionString: office.server.databaseUrl });
    await holder.connect();
    await holder.query('BEGIN');
    await holder.query(lock);
    const child = fork(path.join(__dirname, 'import-worker.ts'), { execArgv: ['--import', 'tsx'] });
    try {
      const ended = once(child, 'exit');
      const shift: Shift = {
        databaseUrl: office.server.databaseUrl,
        secretKey: testSecretKey,
        at: office.deps.clock.now().toISOString(),
      };
      child.send(shift);
      while (child.exitCode === null && !(await reached())) await pause(10);
      child.kill('SIGKILL');
      await ended;
      expect(child.signalCode).toBe('SIGKILL');
    } finally {
      await holder.end();
    }
  }
  const count = async (sql: string, values: unknown[] = []) =>
    (await office.db.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${sql}`, values))[0]!.count;
  const staged = (id: string) => count('case_import_rows WHERE import_id = $1', [id]);
  /** What the killed one held is let go once PostgreSQL has noticed. */
  async function workUntil(id: string, status: string): Promise<Import> {
    for (;;) {
      await workOnImports(office.deps);
      const one = await look(id);
      if (one.status === status) return one;
      if (one.status === 'failed' || one.status === 'faulty') throw new Error(JSON.stringify(one));
      await pause(10);
    }
  }
  const rows = 9000;
  const sheet = (prefix: string) =>
    [
      header,
      ...Array.from(
        { length: rows },
        (_, n) => `${prefix}${String(n).padStart(8, '0')},普通护照,审核通过,2026-02-20 10:00,,,`,
      ),
      // Those that move twice in one file.
      ...Array.from({ length: 3 }, (_, n) => `${prefix}0000000${n + 6},普通护照,制证中,2026-02-21 10:00,,,`),
    ].join('\n');

  test('while it checks: the check begins anew. While it stores: it goes on where that was, each citizen told once', async () => {
    const citizen = await office.citizen();
    for (const number of ['KL00000007', 'KL00008000']) {
      await office.store(office.police, step(number, 'accepted', '2026-02-18 10:00', { code: 'RIGHT1' }));
      const { token } = (await citizen.post<{ item: { token: string } }>('/cases/find', { number, factor: 'RIGHT1' }))
        .body.item;
      await citizen.post('/cases/follow', { token, follow: true });
    }
    const { id } = (await upload(sheet('KL'))).body;
    await workUntilKilled('LOCK TABLE case_import_faults', async () => (await staged(id)) === rows + 3);
    expect(await look(id)).toMatchObject({ status: 'checking', summary: null });
    // Nobody takes it from a process that may still be at it.
    await workOnImports(office.deps);
    expect((await look(id)).status).toBe('checking');
    office.setTime('2026-03-02T10:05:00+08:00');
    expect(await workUntil(id, 'ready')).toMatchObject({
      total: rows + 3,
      summary: { rows: rows + 3, cases: rows, fresh: rows - 2 },
    });
    expect(await staged(id)).toBe(rows + 3);

    expect((await operator.send('POST', `${base}/imports/${id}/apply`)).status).toBe(202);
    const done = async () => (await look(id)).done;
    await workUntilKilled(`SELECT FROM cases WHERE number = 'KL00008000' FOR UPDATE`, async () => (await done()) > 0);
    const half = await look(id);
    expect([half.status, half.done]).toEqual(['storing', 5000]);
    // One of those that were there is among those that are still to come, and of another two both steps are stored.
    expect(await countLike('KL%')).toBe(5000 - 3 + 1);
    expect(await office.told(citizen.openid)).toHaveLength(2);
    office.setTime('2026-03-02T10:10:00+08:00');
    expect(await workUntil(id, 'done')).toMatchObject({ done: rows + 3 });
    expect(await countLike('KL%')).toBe(rows);
    const stepsOf = async (steps: number) =>
      count(`cases WHERE number LIKE 'KL%' AND jsonb_array_length(steps) = $1`, [steps]);
    // Two that were there before moved on once and twice, two others twice.
    expect([await stepsOf(1), await stepsOf(2), await stepsOf(3)]).toEqual([rows - 4, 3, 1]);
    expect((await office.told(citizen.openid)).map(({ title }) => title).sort()).toEqual([
      '普通护照：制证中',
      '普通护照：审核通过',
      '普通护照：审核通过',
    ]);
    expect(await staged(id)).toBe(0);
    office.setTime('2026-03-02T10:00:00+08:00');
  }, 120_000);

  test('rows that a crash of the database has emptied are read from the file once more', async () => {
    const one = await checked(sheet('KM'));
    await office.db.query('TRUNCATE case_import_rows');
    expect(await apply(one.id)).toMatchObject({ status: 'done', done: rows + 3, total: rows + 3 });
    expect(await countLike('KM%')).toBe(rows);
  });
});

test('a source that is switched off takes in no more of a file; on again, the file sent anew stores the rest', async () => {
  const founder = await signIn(office.server, 'supervisor');
  const turn = async (on: boolean) =>
    expect((await founder.send('POST', `${base}/sources/${office.police}/switch`, { on })).status).toBe(200);
  const lines = [header, 'OF20260001,普通护照,已受理,2026-02-20,,,', 'OF20260002,普通护照,已受理,2026-02-20,,,'];
  const { id } = await checked(lines.join('\n'));
  expect((await operator.send('POST', `${base}/imports/${id}/apply`)).status).toBe(202);
  await turn(false);
  await workOnImports(office.deps);
  expect(await look(id)).toMatchObject({
    status: 'failed',
    reason: '来源停用了，存到一半停了下来；启用以后把文件再上传一次，存过的不会重复',
  });
  expect(await countLike('OF%')).toBe(0);
  await turn(true);
  expect(await apply((await checked(lines.join('\n'))).id)).toMatchObject({ status: 'done' });
  expect(await countLike('OF%')).toBe(2);
});

test('one case has so many steps in a file, and no more', async () => {
  const lines = Array.from(
    { length: 202 },
    (_, n) =>
      `MS20260001,普通护照,${n % 2 ? '退回补正' : '审核通过'},2025-${String(1 + (n % 12)).padStart(2, '0')}-${String(1 + Math.floor(n / 12)).padStart(2, '0')},,,`,
  );
  const found = await checked([header, ...lines].join('\n'));
  expect(found).toMatchObject({ status: 'faulty', faults: 2 });
  expect(faults(found)).toEqual(
    [202, 203].map((line) => [line, '编号', '一个编号在一个文件里最多 200 步，请分成几个文件']),
  );
});

test('a process that has lost its turn leaves alone what the other is at', async () => {
  const { id } = await checked(`${header}\nLT20260001,普通护照,已受理,2026-02-20,,,`);
  expect((await operator.send('POST', `${base}/imports/${id}/apply`)).status).toBe(202);
  const late = (await nextTurn(office.deps))!;
  office.setTime('2026-03-02T10:05:00+08:00');
  expect(await nextTurn(office.deps)).toMatchObject({ id, run: late.run + 1 });
  await expect(storeFile(late, office.deps)).rejects.toThrow(Superseded);
  expect(await look(id)).toMatchObject({ status: 'storing' });
  office.setTime('2026-03-02T10:10:00+08:00');
  await workOnImports(office.deps);
  expect(await look(id)).toMatchObject({ status: 'done' });
  expect(await countLike('LT%')).toBe(1);
  office.setTime('2026-03-02T10:00:00+08:00');
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

/** A gigabyte of blanks in a megabyte: it says how large it is. */
function bomb(): Buffer {
  const full = 1024 * 1024 * 1024;
  const packed = deflateRawSync(Buffer.alloc(1024 * 1024, ' '));
  const name = Buffer.from('xl/worksheets/sheet1.xml');
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
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length + name.length, 12);
  end.writeUInt32LE(30 + name.length + packed.length, 16);
  return Buffer.concat([local, name, packed, central, name, end]);
}
