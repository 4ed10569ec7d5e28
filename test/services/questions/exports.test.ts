import type { ServiceDeps } from '../../../src/dialogue/service';
import { dropExpiredSheets } from '../../../src/platform/sheets/exports';
import { makeSheets } from '../../../src/platform/sheets/make';
import { tables } from '../../../src/services/questions/figures-tables';
import { addStaff, audited, type Client, signIn } from '../../console/client';
import { startTestServer, type TestServer } from '../../support/server';

let server: TestServer;
let other: TestServer;
let deps: ServiceDeps;
let otherDeps: ServiceDeps;
let supervisor: Client;

const base = '/services/questions';
const period = { from: '2026-03-01', to: '2026-03-31' };

beforeAll(async () => {
  // No worker: each test says who makes the files.
  server = await startTestServer({ env: { ROLES: 'web' } });
  other = await startTestServer({ env: { ROLES: 'web' }, databaseUrl: server.databaseUrl });
  deps = server.deps.serviceDeps;
  otherDeps = other.deps.serviceDeps;
  supervisor = await signIn(server, 'supervisor');
  await fill(1, '=HYPERLINK("http://example.com";"点我")，电话 138****5678');
  await fill(3, '@SUM(1)<b>&"\u202e');
});
beforeEach(() => deps.db.query('DELETE FROM sheet_exports'));
afterAll(async () => {
  await other?.stop();
  await server?.stop();
});

/** So many of the police's, the first of March 2 at 10:00 in China, the others each a minute later. */
let asked = 0;
async function fill(count: number, text: string): Promise<void> {
  await deps.db.query(
    `INSERT INTO questions (number, account_id, openid, organisation_id, status, text, asked_at, first_replied_at, first_reply_minutes,
                            solved, satisfied, last_at, search)
     SELECT 'X' || lpad(($2::int + n)::text, 6, '0'), 1, 'oAsker', o.id, 'open', $3, t, t, 7, true, 5, t, ''
       FROM generate_series(1, $1::int) n
       JOIN LATERAL (SELECT timestamptz '2026-03-02 02:00Z' + ($2::int + n - 1) * interval '1 minute' AS t) at ON true
       JOIN organisations o ON o.key = 'police-household'`,
    [count, asked, text],
  );
  asked += count;
}

const idOf = async (key: string) =>
  (await deps.db.query<{ id: number }>('SELECT id FROM organisations WHERE key = $1', [key]))[0]!.id;

async function order(kind: string, who = supervisor, key = 'police', when = period): Promise<string> {
  const { status, body } = await who.send('POST', `${base}/exports`, { kind, organisation: await idOf(key), ...when });
  expect([status, body]).toEqual([202, body]);
  return (body as { id: string }).id;
}

type Item = { id: string; status: string; done: number; total: number | null; fileName: string };
const list = async (who = supervisor) => ((await who.get(`${base}/exports`)).body as { items: Item[] }).items;
const make = (who = deps) => makeSheets(tables(who), who);
const download = (id: string, who = supervisor) =>
  fetch(`${server.url}/api/console${base}/exports/${id}`, { headers: { authorization: `Bearer ${who.token}` } });

async function read(id: string): Promise<unknown[][]> {
  const response = await download(id);
  expect(response.status).toBe(200);
  const { streamXlsxRows } = await import('hucre/xlsx');
  const rows: unknown[][] = [];
  for await (const { values } of streamXlsxRows(new Uint8Array(await response.arrayBuffer()))) rows.push(values);
  return rows;
}

test('the list of questions: Chinese headings, real times and numbers, nothing that a spreadsheet would run', async () => {
  const id = await order('list');
  expect(await list()).toMatchObject([{ id, status: 'waiting', done: 0 }]);
  await make();
  expect(await list()).toMatchObject([
    { id, status: 'done', done: 4, total: 4, fileName: '示例市公安局-提问清单-2026-03-01至2026-03-31.xlsx' },
  ]);
  const [headings, first, second] = await read(id);
  expect(headings!.slice(0, 4)).toEqual(['编号', '提问时间', '市民', '部门']);
  const cell = (row: unknown[], heading: string) => row[headings!.indexOf(heading)];
  // As the clock on the wall shows it: a sheet has no zone.
  expect(cell(first!, '提问时间')).toEqual(new Date('2026-03-02T10:00:00Z'));
  expect(cell(first!, '首次答复用时（工作分钟）')).toBe(7);
  expect(cell(first!, '解决了吗')).toBe('是');
  expect(cell(first!, '提问（个人信息已打码）')).toBe('\'=HYPERLINK("http://example.com";"点我")，电话 138****5678');
  expect(cell(second!, '提问（个人信息已打码）')).toBe('\'@SUM(1)<b>&"\u202e');
  expect((await audited(server, 'question.export'))[0]).toMatchObject({
    username: 'supervisor',
    detail: { kind: '提问清单', ...period },
  });
  const { headers } = await download(id);
  expect(headers.get('content-disposition')).toContain(encodeURIComponent('提问清单'));
  expect(headers.get('cache-control')).toContain('no-store');
});

test('the figures, by day and by clerk', async () => {
  const [days, clerks] = [await order('days'), await order('clerks')];
  await make();
  const starts = (rows: unknown[][]) => rows.map((row) => row.slice(0, 6));
  const titles = ['提问数', '已答复', '首次答复中位数（工作分钟）', '首次答复九成以内（工作分钟）', '已办结'];
  expect(starts(await read(days))).toEqual([
    ['日期', ...titles],
    [new Date('2026-03-02T00:00:00Z'), 4, 4, 7, 7, 0],
    ['合计', 4, 4, 7, 7, 0],
  ]);
  expect(starts(await read(clerks))).toEqual([
    ['办理人', ...titles],
    ['无人认领', 4, 4, 7, 7, 0],
    ['合计', 4, 4, 7, 7, 0],
  ]);
});

test('only whoever asked for it has it, only while they may see it, and only for a day', async () => {
  const id = await order('list');
  await make();
  await addStaff(server, 'city-supervisor', 'supervisor', 'city');
  const colleague = await signIn(server, 'city-supervisor');
  expect(await list(colleague)).toEqual([]);
  expect((await download(id, colleague)).status).toBe(404);
  expect((await download('0'.repeat(32))).status).toBe(404);

  await addStaff(server, 'gone-supervisor', 'supervisor', 'police');
  const gone = await signIn(server, 'gone-supervisor');
  const late = await order('list', gone);
  await deps.db.query(
    `DELETE FROM staff_roles WHERE staff_id = (SELECT id FROM staff WHERE username = 'gone-supervisor')`,
  );
  await expect(make()).rejects.toThrow();
  expect(await deps.db.query('SELECT status FROM sheet_exports WHERE id = $1', [late])).toEqual([{ status: 'failed' }]);

  const day = { ...deps, clock: { now: () => new Date(deps.clock.millis() + 25 * 3600_000), millis: () => 0 } };
  await dropExpiredSheets(day);
  expect((await download(id)).status).toBe(404);
  expect(await deps.db.query('SELECT 1 FROM sheet_parts')).toEqual([]);
});

test('how far it is shows as it goes on, and is told live to pages of that place', async () => {
  await fill(2600, '很多');
  const id = await order('list');
  await make();
  const told = await deps.db.query<{ path: string; data: { done?: number; total?: number; status: string } }>(
    `SELECT path, data - 'id' AS data FROM live_events WHERE topic = 'sheet' AND data->>'id' = $1 ORDER BY id`,
    [id],
  );
  expect(told.map(({ data }) => data)).toEqual([
    ...[0, 1000, 2000, 2604].map((done) => ({ status: 'running', done, total: 2604 })),
    { status: 'done' },
  ]);
  const numbers = (await read(id)).slice(1).map(([number]) => number);
  expect(new Set(numbers).size).toBe(2604);
});

test('two processes make each file once; what one has left half done the other makes whole', async () => {
  const ids = await Promise.all([order('list'), order('days'), order('clerks'), order('list')]);
  await Promise.all([make(deps), make(otherDeps)]);
  expect((await list()).map(({ status, done, total }) => [status, done === total])).toEqual(
    Array(4).fill(['done', true]),
  );
  expect(await deps.db.query('SELECT id FROM sheet_exports WHERE run <> 1')).toEqual([]);

  const [id] = ids;
  await deps.db.query(
    `UPDATE sheet_exports SET status = 'running', run = 7, rows_done = 1000, beat_at = beat_at - interval '2 minutes' WHERE id = $1`,
    [id],
  );
  await make(otherDeps);
  expect((await list()).find((one) => one.id === id)).toMatchObject({ status: 'done', total: asked });
  expect((await read(id!)).length).toBe(asked + 1);
});

test('files of another service are neither made, nor listed, nor handed out by this one', async () => {
  const [other, own] = [await order('list'), await order('list')];
  await deps.db.query(`UPDATE sheet_exports SET kind = 'others.list' WHERE id = $1`, [other]);
  await make();
  expect(await deps.db.query('SELECT id, status, tries FROM sheet_exports ORDER BY tries')).toEqual([
    { id: other, status: 'waiting', tries: 0 },
    { id: own, status: 'done', tries: 1 },
  ]);
  expect((await list()).map(({ id }) => id)).toEqual([own]);
  await deps.db.query(`UPDATE sheet_exports SET status = 'done' WHERE id = $1`, [other]);
  expect((await download(other)).status).toBe(404);
});

test('nobody orders without end', async () => {
  for (let turn = 0; turn < 5; turn++) await order('days');
  const sixth = await supervisor.send('POST', `${base}/exports`, {
    kind: 'days',
    organisation: await idOf('police'),
    ...period,
  });
  expect(sixth).toMatchObject({ status: 429, body: { error: { message: expect.stringContaining('还有 5 个文件') } } });
});
