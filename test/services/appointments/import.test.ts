import { deflateRawSync } from 'node:zlib';
import { workOnImports } from '../../../src/services/appointments/schedules/import-work';
import { addStaff, audited, type Client, signIn } from '../../console/client';
import { type Hall, openHall } from './hall';

let hall: Hall;
let planner: Client;
beforeAll(async () => {
  hall = await openHall();
  hall.server.deps.clock.offset = hall.now.getTime() - Date.now();
  await addStaff(hall.server, 'planner-hospital', 'operator', 'hospital-first');
  planner = await signIn(hall.server, 'planner-hospital');
});
afterAll(() => hall?.close());

const base = '/services/appointments/setup';
const header =
  '单位,科室或部门,类别,名称,职称或事项,地点,星期,班次,开始,结束,每号分钟,每个时段人数,号池,节假日照常,生效日期,截止日期';
const line = (name: string, rest = '一三五,上午,08:30,11:30,30,3,网上,否,2026-01-01,') =>
  `示例市第一医院,门诊服务部,医生,${name},主任医师,2 层,${rest}`;
type Import = {
  status: string;
  done: number;
  total: number;
  faults: { line: number; column: string; message: string }[];
  summary: object;
  reason: string | null;
};

const work = () => workOnImports({ ...hall.server.deps.serviceDeps });
async function send(bytes: Uint8Array | string, by = planner): Promise<{ status: number; id: string }> {
  const response = await fetch(`${hall.server.url}/api/console${base}/imports?name=${encodeURIComponent('示例.csv')}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${by.token}`, 'content-type': 'text/csv' },
    body: Buffer.from(bytes),
  });
  return { status: response.status, ...((await response.json()) as { id: string }) };
}
const look = async (id: string) => (await planner.get(`${base}/imports/${id}`)).body as Import;
async function read(bytes: Uint8Array | string): Promise<Import & { id: string }> {
  const { id } = await send(bytes);
  await work();
  return { ...(await look(id)), id };
}
const csv = (...lines: string[]) => [header, ...lines].join('\r\n');
const doctors = () =>
  hall.db.query<{ id: number; title: string; rules: number; slots: number }>(
    `SELECT r.id, r.title, (SELECT count(*)::int FROM appointment_rules u WHERE u.resource_id = r.id) AS rules,
            (SELECT count(*)::int FROM appointment_slots s WHERE s.resource_id = r.id AND s.day = '2026-03-04') AS slots
       FROM appointment_resources r WHERE title LIKE '导入%' ORDER BY title`,
  );

test('a sheet is read, looked at and applied; once more it is the same', async () => {
  const sheet = csv(line('导入甲'), line('导入甲', '135,下午,14:00,17:00,30,4,网上,否,2026-01-01,'), line('导入乙'));
  const ready = await read(sheet);
  expect(ready).toMatchObject({
    status: 'ready',
    faults: [],
    summary: { resources: 2, fresh: 2, changed: 0, rules: 3 },
  });
  expect(await doctors()).toEqual([]);
  expect((await planner.send('POST', `${base}/imports/${ready.id}/apply`)).status).toBe(202);
  await Promise.all([work(), work()]);
  expect(await look(ready.id)).toMatchObject({ status: 'done', done: 2, total: 2 });
  const there = [
    { title: '导入乙', rules: 1, slots: 6 },
    { title: '导入甲', rules: 2, slots: 12 },
  ];
  expect(await doctors()).toMatchObject(there);
  expect((await planner.send('POST', `${base}/imports/${ready.id}/apply`)).status).toBe(409);
  const again = await read(sheet);
  expect(again.summary).toMatchObject({ fresh: 0, changed: 2 });
  await planner.send('POST', `${base}/imports/${again.id}/apply`);
  await work();
  expect(await doctors()).toMatchObject(there);
  expect(await audited(hall.server, 'appointment.import')).toHaveLength(4);
});

test('the template is read as it is, apart from what is not the caller’s', async () => {
  const response = await fetch(`${hall.server.url}/api/console${base}/import-template`, {
    headers: { authorization: `Bearer ${planner.token}` },
  });
  const result = await read(new Uint8Array(await response.arrayBuffer()));
  expect(result.status).toBe('faulty');
  expect(result.faults.map(({ line, column }) => [line, column])).toEqual([[4, '科室或部门']]);
});

test('each wrong line is told, by column, and nothing can be applied', async () => {
  const { id, status, faults } = await read(
    csv(
      line('导入丙'),
      line('导入丙', '一三五,上午,8点,11:30,30,3,网上,否,2026-01-01,'),
      line('导入丙', '一三八,上午,08:30,11:30,30,3,网上,否,2026-01-01,'),
      line('导入丙', '一,上午,11:00,12:00,30,3,网上,否,2026-01-01,'),
      line('导入丙', '一,上午,13:00,14:00,多,0,电话,也许,2026-13-01,'),
      '示例市公安局,户政大队,窗口,户籍窗口,,,一,,09:00,12:00,60,6,网上,否,,',
      line('导入丙', '一,上午,=A1,14:00,30,3,网上,否,,'),
    ),
  );
  expect(status).toBe('faulty');
  expect(faults.map(({ line, column, message }) => `${line} ${column} ${message}`)).toEqual([
    '3 开始 应为时间，如 08:30',
    '4 星期 应为星期几，如 一三五、1,3,5 或 一至五',
    '5 开始 与前面的行时间重叠',
    '6 号池 应为网上或窗口',
    '6 节假日照常 应为是或否',
    '6 每号分钟 应为分钟数',
    '6 每个时段人数 至少 1 人',
    '6 生效日期 应为日期，如 2026-03-01',
    '7 科室或部门 您管理的范围里没有这个科室或部门，请核对单位和名称，或先在「组织」里添加',
    '8  含有公式，请粘贴为数值',
  ]);
  expect((await planner.send('POST', `${base}/imports/${id}/apply`)).status).toBe(409);
  expect((await doctors()).map(({ title }) => title)).not.toContain('导入丙');
});

test('GB18030 is read, and what is no sheet is told in words', async () => {
  // 「单位」 alone in GB18030: the columns are missing, but they are told by name
  expect((await read(Buffer.from('b5a5cebb', 'hex'))).faults[0]).toMatchObject({ column: '科室或部门' });
  expect(await read('PK\x03\x04 and nothing more')).toMatchObject({
    status: 'failed',
    reason: '文件不完整，请重新上传',
  });
  expect(await read(csv(...Array.from({ length: 3001 }, () => line('导入丁'))))).toMatchObject({
    status: 'failed',
    reason: '一个文件最多 3000 行，请分成几个',
  });
  expect((await send(new Uint8Array(2 * 1024 * 1024 + 1))).status).toBe(413);
});

test('a small file that unpacks to a large one is refused before it is unpacked, whatever it says of itself', async () => {
  for (const declared of [200 * 1024 * 1024, 0])
    expect(await read(bomb(declared))).toMatchObject({ status: 'failed', reason: '文件展开后太大，不能导入' });
  // one that lies is unpacked no further than it says
  expect(await read(bomb(1000))).toMatchObject({ status: 'failed', reason: /打不开/ });
});

test('what fails half way leaves nothing behind', async () => {
  const ready = await read(
    csv(line('导入戊'), '示例市第一医院,病案室,窗口,导入己,复印,,一,,09:00,12:00,60,6,网上,否,2026-01-01,'),
  );
  expect(ready.status).toBe('ready');
  await hall.db.query(`UPDATE organisations SET disabled_at = $1 WHERE key = 'hospital-first-records'`, [hall.now]);
  await planner.send('POST', `${base}/imports/${ready.id}/apply`);
  await work();
  expect(await look(ready.id)).toMatchObject({ status: 'failed', reason: '「病案室」已停用' });
  expect((await doctors()).map(({ title }) => title)).not.toContain('导入戊');
});

test('nobody looks into or applies what another has sent', async () => {
  const { id } = await read(csv(line('导入庚')));
  const operator = await signIn(hall.server, 'operator');
  expect((await operator.get(`${base}/imports/${id}`)).status).toBe(404);
  expect((await operator.send('POST', `${base}/imports/${id}/apply`)).status).toBe(404);
  expect((await send(csv(line('导入庚')), await signIn(hall.server, 'clerk-hospital'))).status).toBe(403);
});

/** A zip with one part of 50 MB of nothing, whose directory says it is as large as told. */
function bomb(declared: number): Buffer {
  const packed = deflateRawSync(Buffer.alloc(50 * 1024 * 1024));
  const name = Buffer.from('[Content_Types].xml');
  const sizes = Buffer.alloc(8);
  sizes.writeUInt32LE(packed.length, 0);
  sizes.writeUInt32LE(declared, 4);
  const short = (value: number) => Buffer.from([value & 255, value >> 8]);
  const zeros = (count: number) => Buffer.alloc(count);
  const local = Buffer.concat([
    Buffer.from('PK\x03\x04', 'latin1'),
    short(20),
    short(0),
    short(8),
    zeros(8),
    sizes,
    short(name.length),
    short(0),
    name,
    packed,
  ]);
  const directory = Buffer.concat([
    Buffer.from('PK\x01\x02', 'latin1'),
    short(20),
    short(20),
    short(0),
    short(8),
    zeros(8),
    sizes,
    short(name.length),
    zeros(16),
    name,
  ]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, directory, end]);
}
