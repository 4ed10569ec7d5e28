import { makeSheets } from '../../../src/platform/sheets/make';
import { dayOf, plusDays } from '../../../src/services/appointments/days';
import type { Report } from '../../../src/services/appointments/figures/contract';
import { figuresOf } from '../../../src/services/appointments/figures/report';
import { tables } from '../../../src/services/appointments/figures/tables';
import { recount } from '../../../src/services/appointments/recount';
import { addStaff, audited, type Client, signIn } from '../../console/client';
import { allOf, explaining } from '../../support/plans';
import { fillMonth } from './figures-month';
import { type Hall, openHall } from './hall';

// A Wednesday; what is counted are days from Monday on.
let hall: Hall;
let supervisor: Client;
let planner: Client;
let clerk: Client;
let doctor: number;
let other: number;
let theirs: number;

const base = '/services/appointments';
const period = { from: '2026-03-01', to: '2026-03-31' };

beforeAll(async () => {
  hall = await openHall('2026-03-11 10:00');
  hall.server.deps.clock.offset = hall.now.getTime() - Date.now();
  supervisor = await signIn(hall.server, 'supervisor');
  await addStaff(hall.server, 'planner-hospital', 'operator', 'hospital-first');
  planner = await signIn(hall.server, 'planner-hospital');
  clerk = await signIn(hall.server, 'clerk-hospital');
  doctor = await hall.resource();
  other = await hall.resource();
  theirs = await hall.resource({}, await idOf('police-household'));
  await hall.db.query(`UPDATE appointment_resources SET title = '=1+1', subtitle = '' WHERE id = $1`, [other]);

  await fillMonth(hall, { doctor, other, theirs });
});
afterAll(() => hall?.close());

async function idOf(key: string): Promise<number> {
  const [row] = await hall.db.query<{ id: number }>('SELECT id FROM organisations WHERE key = $1', [key]);
  return row!.id;
}
async function figures(key: string, who = supervisor, more = ''): Promise<Report> {
  const { status, body } = await who.get(`${await pathTo(key)}${more}`);
  expect([status, body]).toEqual([200, body]);
  return body as Report;
}
const pathTo = async (key: string) =>
  `${base}/figures?organisation=${await idOf(key)}&from=${period.from}&to=${period.to}`;

describe('computed by hand', () => {
  test('as a whole, by day, week, department and doctor', async () => {
    const hospital = await figures('hospital-first');
    expect(hospital.total).toEqual({
      capacity: 11,
      booked: 6,
      walkIns: 1,
      bookedShare: 7 / 11,
      came: 4,
      usedShare: 5 / 9,
      noShows: 1,
      noShowShare: 1 / 5,
      cancelled: 1,
      cancelledShare: 1 / 7,
      moved: 1,
      stopped: 1,
      lined: 4,
      placed: 1,
      placedShare: 1 / 3,
      leadMedian: 2,
      leads: [1, 1, 2, 1, 1, 0],
    });
    expect(
      hospital.days.map(({ day, capacity, booked, came, leadMedian }) => [day, capacity, booked, came, leadMedian]),
    ).toEqual([
      ['2026-03-09', 4, 3, 2, 1],
      ['2026-03-10', 5, 2, 2, 3],
      ['2026-03-17', 2, 1, 0, 2],
    ]);
    // What is to come has not been used yet: neither well nor badly.
    expect(hospital.days[2]).toMatchObject({
      bookedShare: 1 / 2,
      usedShare: null,
      noShowShare: null,
      placedShare: null,
    });
    expect(hospital.weeks.map(({ day, booked }) => [day, booked])).toEqual([
      ['2026-03-09', 5],
      ['2026-03-16', 1],
    ]);
    expect(hospital.resources.map(({ id, department, booked }) => [id, department, booked])).toEqual([
      [doctor, '示例市第一医院 门诊服务部', 5],
      [other, '示例市第一医院 门诊服务部', 1],
    ]);
    expect(hospital.departments.map(({ title, booked }) => [title, booked])).toEqual([
      ['示例市第一医院 门诊服务部', 6],
    ]);
    const city = await figures('city');
    expect(city.total).toMatchObject({ capacity: 14, noShows: 2, leads: [1, 1, 2, 1, 1, 1] });
    expect(city.departments.map(({ title }) => title)).toEqual(['示例市第一医院 门诊服务部', '示例市公安局 户政大队']);
  });

  test('of one doctor alone, who has to be of that department', async () => {
    const { total, resources } = await figures('hospital-first', planner, `&resource=${other}`);
    expect([total.capacity, total.booked, resources.length]).toEqual([2, 1, 1]);
    expect((await planner.get(`${await pathTo('hospital-first')}&resource=${theirs}`)).status).toBe(404);
  });

  test('a period without any has no rates, and one that cannot be is refused', async () => {
    const path = `${base}/figures?organisation=${await idOf('hospital-first')}`;
    expect((await supervisor.get(`${path}&from=2025-01-01&to=2025-01-31`)).body).toMatchObject({
      days: [],
      resources: [],
      total: { capacity: 0, bookedShare: null, leadMedian: null, leads: [0, 0, 0, 0, 0, 0] },
    });
    for (const when of ['from=2026-03-02&to=2026-03-01', 'from=2024-01-01&to=2026-03-01', 'from=gestern&to=2026-03-01'])
      expect([when, (await supervisor.get(`${path}&${when}`)).status]).toEqual([when, 422]);
  });
});

test('nobody sees figures, or gets files, outside their own subtree', async () => {
  const titles = async (who: Client) =>
    ((await who.get(`${base}/figures/departments`)).body as { items: { title: string }[] }).items.map(
      ({ title }) => title,
    );
  expect(await titles(clerk)).toEqual(['门诊服务部']);
  expect((await titles(planner))[0]).toBe('示例市第一医院');
  expect((await figures('hospital-first-desk', clerk)).total.booked).toBe(6);
  for (const who of [clerk, planner])
    for (const key of ['police', 'police-household', 'city']) {
      expect([key, (await who.get(await pathTo(key))).status]).toEqual([key, 404]);
      const asked = { kind: 'list', organisation: await idOf(key), ...period };
      expect([key, (await who.send('POST', `${base}/exports`, asked)).status]).toEqual([key, 404]);
    }
  for (const username of ['dispatcher', 'reviewer', 'auditor', 'admin']) {
    const who = await signIn(hall.server, username);
    for (const path of [`${base}/figures/departments`, await pathTo('city'), `${base}/exports`])
      expect([username, (await who.get(path)).status]).toEqual([username, 403]);
  }
});

describe('as a file', () => {
  async function file(kind: string, who = planner): Promise<unknown[][]> {
    const asked = { kind, organisation: await idOf('hospital-first'), ...period };
    const { status, body } = await who.send('POST', `${base}/exports`, asked);
    expect([status, body]).toEqual([202, body]);
    await makeSheets(tables(hall.deps), hall.deps);
    const url = `${hall.server.url}/api/console${base}/exports/${(body as { id: string }).id}`;
    const response = await fetch(url, { headers: { authorization: `Bearer ${who.token}` } });
    expect(response.status).toBe(200);
    const { streamXlsxRows } = await import('hucre/xlsx');
    const rows: unknown[][] = [];
    for await (const { values } of streamXlsxRows(new Uint8Array(await response.arrayBuffer()))) rows.push(values);
    return rows;
  }

  test('the figures, with shares as numbers; a name that a spreadsheet would run is text', async () => {
    const [headings, ...days] = await file('days');
    expect(headings!.slice(0, 5)).toEqual(['日期', '号源', '约了', '现场取号', '约出率']);
    expect(headings!.slice(-7)).toEqual([
      '提前天数中位数',
      ...['当天', '提前 1 天', '2 至 3 天', '4 至 7 天', '8 至 14 天', '15 天以上'].map((title) => `约：${title}`),
    ]);
    expect(days.map((row) => row.slice(0, 5))).toEqual([
      [new Date('2026-03-09T00:00:00Z'), 4, 3, 0, 3 / 4],
      [new Date('2026-03-10T00:00:00Z'), 5, 2, 1, 3 / 5],
      [new Date('2026-03-17T00:00:00Z'), 2, 1, 0, 1 / 2],
      ['合计', 11, 6, 1, expect.closeTo(7 / 11)],
    ]);
    expect((await file('weeks')).map((row) => row[2])).toEqual(['约了', 5, 1, 6]);
    expect((await file('departments')).map((row) => row[2])).toEqual(['约了', 6, 6]);
    expect((await file('resources')).map((row) => [row[1], row[3]])).toEqual([
      ['医生或窗口', '约了'],
      ['示例医生 主任医师', 5],
      ["'=1+1", 1],
      [null, 6],
    ]);
    expect((await audited(hall.server, 'appointment.export'))[0]).toMatchObject({
      username: 'planner-hospital',
      detail: { kind: '按医生和窗口统计', ...period },
    });
  });

  test('each booking and what became of it, without a name; how many rows there are shows before', async () => {
    const [headings, ...rows] = await file('list');
    expect(headings).toEqual([
      ...['日期', '预约的时间', '部门', '医生或窗口', '号源', '怎么来的', '状态', '什么时候约的', '提前几天'],
      ...['什么时候结束的', '结束的原因'],
    ]);
    expect(rows.map((row) => [row[6], row[8], row[10] ?? null])).toEqual([
      ['已办结', 0, null],
      ['已办结', 7, null],
      ['未到', 1, null],
      ['已取消', 4, null],
      ['已取消', 4, '改期'],
      ['已签到', 9, null],
      ['已办结', null, null],
      ['已停诊停办', 9, "'@示例抢救"],
      ['已预约', 2, null],
      ['已办结', 3, null],
    ]);
    expect(rows[0]!.slice(0, 2)).toEqual([new Date('2026-03-09T00:00:00Z'), new Date('2026-03-09T09:00:00Z')]);
    const { items } = (await planner.get(`${base}/exports`)).body as { items: object[] };
    expect(items[0]).toMatchObject({
      status: 'done',
      done: 10,
      total: 10,
      fileName: expect.stringContaining('预约明细'),
    });
  });
});

test('what a demonstration begins with: four weeks that are no real person’s, and every place of them accounted for', async () => {
  const today = dayOf(new Date(hall.server.deps.clock.now().getTime() - hall.server.deps.clock.offset));
  const [city] = await hall.db.query<{ id: number; path: string; title: string }>(
    `SELECT id, path, title FROM organisations WHERE key = 'city'`,
  );
  const past = { from: plusDays(today, -28), to: plusDays(today, -1) };
  const { total, departments } = await figuresOf(city!, past, null, hall.deps);
  expect(departments).toHaveLength(4);
  for (const part of [total.capacity, total.booked, total.noShows, total.cancelled, total.lined, total.placed])
    expect(part).toBeGreaterThan(0);
  expect(await recount(hall.db, past.from)).toEqual([]);
  expect(
    await hall.db.query(
      `SELECT 1 FROM appointments WHERE day >= $1 AND (openid IS NOT NULL OR phone_sealed IS NOT NULL)`,
      [past.from],
    ),
  ).toEqual([]);
});

test('a period is read along indexes, however much there is outside it', async () => {
  await hall.db.query(
    `INSERT INTO appointment_slots (resource_id, organisation_id, pool, day, starts_at, ends_at, opens_at, capacity)
     SELECT r.id, r.organisation_id, 'online', t::date, t, t + interval '10 minutes', t, 5
       FROM generate_series(timestamptz '2022-01-01 09:00+08', '2025-12-31 09:00+08', '90 minutes') t, appointment_resources r
      WHERE r.id = ANY ($1)`,
    [[doctor, other, theirs]],
  );
  await hall.db.query(
    `INSERT INTO appointments (code, slot_id, resource_id, organisation_id, day, starts_at, name_sealed, status, made_at, booked_at)
     SELECT 10000000 + id, id, resource_id, organisation_id, day, starts_at, '', 'served', opens_at, opens_at
       FROM appointment_slots WHERE day < '2026-01-01'`,
  );
  await hall.db.query(
    `INSERT INTO appointment_waiting (resource_id, organisation_id, day, account_id, openid, person_id, at, status)
     SELECT resource_id, organisation_id, day, $1, 'o-waits', (SELECT min(id) FROM persons), opens_at, 'gone'
       FROM appointment_slots WHERE day < '2026-01-01'`,
    [hall.account.id],
  );
  await hall.db.query('ANALYZE appointment_slots, appointments, appointment_waiting');
  const explained = explaining(hall.db, /appointment/);
  const deps = { ...hall.deps, db: explained.db };
  const [city] = await hall.db.query<{ id: number; path: string; title: string }>(
    `SELECT id, path, title FROM organisations WHERE key = 'city'`,
  );
  const { total } = await figuresOf(city!, { from: '2024-05-01', to: '2024-05-31' }, null, deps);
  expect(total.came).toBeGreaterThan(1000);
  const month = { organisation: city!.id, from: '2024-05-01', to: '2024-05-31', staffId: await staffId('supervisor') };
  const list = await tables(deps)['appointments.list']!(month);
  let rows = 0;
  for await (const _ of list.rows) rows++;
  expect(rows).toBe(total.came);
  const stock = /^(appointments|appointment_slots|appointment_waiting)$/;
  const nodes = explained
    .taken()
    .flatMap(({ plan }) => allOf(plan).filter((node) => stock.test(node['Relation Name'] ?? '')));
  expect(new Set(nodes.map((node) => node['Relation Name'])).size).toBe(3);
  expect(nodes.filter((node) => node['Node Type'] === 'Seq Scan')).toEqual([]);
});

const staffId = async (username: string) =>
  (await hall.db.query<{ id: number }>('SELECT id FROM staff WHERE username = $1', [username]))[0]!.id;
