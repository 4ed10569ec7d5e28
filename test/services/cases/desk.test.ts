import { flagOverdue } from '../../../src/services/cases/overdue';
import { addStaff, audited, type Client, signIn } from '../../console/client';
import { type Office, openOffice, sourceOf, step } from './office';

// What people at an office see and do: the list, one case, a step by hand, what is overdue.

let office: Office;
let operator: Client;
let hospital: Client;
beforeAll(async () => {
  office = await openOffice();
  operator = await signIn(office.server, 'operator');
  await addStaff(office.server, 'hospital-clerk', 'clerk', 'hospital-first');
  hospital = await signIn(office.server, 'hospital-clerk');
});
afterAll(() => office?.close());

const base = '/services/cases';
type Listed = { items: { id: string; number: string; overdue: boolean }[]; next: string | null };
const list = async (query: Record<string, string>, by = operator) =>
  (await by.get(`${base}/cases?${new URLSearchParams(query)}`)).body as Listed;
const numbers = ({ items }: Listed) => items.map(({ number }) => number);

test('the list is found through by number, kind, state and page, each order to its end', async () => {
  const all = Array.from({ length: 25 }, (_, index) => `LS2026${String(index).padStart(4, '0')}`);
  await office.store(
    office.police,
    ...all.map((number, index) =>
      step(number, 'accepted', `2026-02-${String(10 + (index % 10)).padStart(2, '0')} 10:00`),
    ),
  );
  for (const query of [{ search: 'ls-2026' }, { kind: 'passport', state: 'accepted' }] as Record<string, string>[]) {
    const seen: string[] = [];
    let after: string | null = '';
    while (after !== null) {
      const page: Listed = await list({ ...query, limit: '7', ...(after && { after }) });
      seen.push(...numbers(page));
      after = page.next;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((number) => number.startsWith('LS'))).toHaveLength(25);
  }
  expect(numbers(await list({ search: 'LS20260007' }))).toEqual(['LS20260007']);
  expect(numbers(await list({ search: '!!' }))).toEqual([]);
  expect(numbers(await list({ kind: 'passport', state: 'making', search: 'LS' }))).toEqual([]);
  expect((await operator.get(`${base}/cases?after=x`)).status).toBe(422);
  // A place in the order of numbers is none among times.
  const inNumbers = Buffer.from(JSON.stringify(['SF20260001', '1'])).toString('base64url');
  expect(await operator.get(`${base}/cases?after=${inNumbers}`)).toMatchObject({
    status: 422,
    body: { error: { code: 'stale-page', message: '列表有了变化，请从第一页重新看' } },
  });
});

test('by hand: a case is added, goes a step further, each in the audit trail; its citizen’s number is nowhere', async () => {
  const body = {
    sourceId: office.police,
    number: 'hd 2026-0001',
    kind: 'passport',
    state: 'accepted',
    at: '2026-03-01T09:00:00+08:00',
    code: 'ABC123',
  };
  const added = await operator.send('POST', `${base}/cases`, body);
  expect([added.status, added.body]).toEqual([
    201,
    expect.objectContaining({ number: 'HD20260001', stateTitle: '已受理' }),
  ]);
  const { id } = added.body as { id: string };
  expect(await operator.send('POST', `${base}/cases`, body)).toMatchObject({
    status: 422,
    body: { error: { fields: { number: expect.stringContaining('已经有了') } } },
  });
  const wrong = await operator.send('POST', `${base}/cases/${id}/steps`, { state: 'flying' });
  expect(wrong).toMatchObject({ status: 422, body: { error: { fields: { state: expect.stringContaining('应为') } } } });
  const next = await operator.send('POST', `${base}/cases/${id}/steps`, { state: 'approved', note: '请等短信' });
  expect(next.body).toMatchObject({ steps: [{ title: '已受理' }, { title: '审核通过', note: '请等短信' }] });
  expect(JSON.stringify(next.body)).not.toContain('hash');
  const again = await operator.send('POST', `${base}/cases/${id}/steps`, { state: 'approved', note: '请等短信' });
  expect(again).toMatchObject({
    status: 422,
    body: { error: { fields: { state: '与最近一步相同，没有记下；确实又走了一次的，请写上说明' } } },
  });
  expect(await audited(office.server, 'case.step')).toHaveLength(1);
  expect((await audited(office.server, 'case.add'))[0]).toMatchObject({ subject: `case:${id}`, username: 'operator' });
  expect((await audited(office.server, 'case.step'))[0]).toMatchObject({
    subject: `case:${id}`,
    detail: { number: 'HD20260001', kind: '普通护照', state: '审核通过' },
  });

  expect((await hospital.get(`${base}/cases/${id}`)).status).toBe(404);
  expect((await hospital.send('POST', `${base}/cases/${id}/steps`, { state: 'approved' })).status).toBe(404);
  expect((await hospital.send('POST', `${base}/cases`, body)).status).toBe(404);
  expect(numbers(await list({ search: 'HD' }, hospital))).toEqual([]);
  const { items } = (await hospital.get(`${base}/sources`)).body as { items: { key: string }[] };
  expect(items.map(({ key }) => key)).toEqual(['demo-hospital']);
});

test('what is overdue by working days is flagged once, told to whoever supervises, and gone from the list when it is done', async () => {
  office.setTime('2026-03-02T10:00:00+08:00');
  await flagOverdue(office.deps);
  await office.store(
    office.police,
    step('OV20260001', 'accepted', '2026-03-02 10:00'),
    step('OV20260002', 'accepted', '2026-03-02 10:00'),
  );
  const overdue = async () => numbers(await list({ overdue: 'true' })).filter((number) => number.startsWith('OV'));
  const bells = async () =>
    office.db.query<{ title: string; username: string }>(
      `SELECT n.title, s.username FROM staff_notifications n JOIN staff s ON s.id = n.staff_id WHERE n.kind = 'overdue' AND n.about = $1`,
      [`cases-overdue:${office.police}`],
    );
  // Seven working days: the 11th, to the end of office hours.
  office.setTime('2026-03-11T12:00:00+08:00');
  operator = await signIn(office.server, 'operator');
  await flagOverdue(office.deps);
  expect(await overdue()).toEqual([]);
  await office.db.query('DELETE FROM staff_notifications');
  office.setTime('2026-03-11T23:00:00+08:00');
  operator = await signIn(office.server, 'operator');
  await Promise.all([flagOverdue(office.deps), flagOverdue(office.deps)]);
  expect(await overdue()).toEqual(['OV20260001', 'OV20260002']);
  expect(await bells()).toEqual([{ username: 'supervisor', title: expect.stringMatching(/有 \d+ 个办件超期$/) }]);
  await office.db.query('DELETE FROM staff_notifications');
  await flagOverdue(office.deps);
  expect(await bells()).toEqual([]);
  await office.store(office.police, step('OV20260001', 'ready', '2026-03-11 22:30'));
  expect(await overdue()).toEqual(['OV20260002']);
  office.setTime('2026-03-02T10:00:00+08:00');
});

test('a source whose cases are kept here is added, used, renamed, switched off and on by who may; another office knows nothing of it', async () => {
  await addStaff(office.server, 'police-supervisor', 'supervisor', 'police');
  await addStaff(office.server, 'hospital-admin', 'admin', 'hospital-first');
  const founder = await signIn(office.server, 'police-supervisor');
  const stranger = await signIn(office.server, 'hospital-admin');
  const { items: offices } = (await founder.get(`${base}/sources/offices`)).body as {
    items: { id: number; title: string }[];
  };
  // A city with more of them than anybody reads: found by name, and taken wherever it stands in the list.
  await office.db.query(
    `INSERT INTO organisations (id, key, parent_id, path, kind, title, created_at) OVERRIDING SYSTEM VALUE
     SELECT 900000 + n, 'many-' || n, id, path || (900000 + n) || '/', 'bureau', '示例所 ' || n, created_at
       FROM organisations, generate_series(1, 600) n WHERE key = 'police'`,
  );
  const offered = async (by: Client, path: string) =>
    (await by.get(`${base}${path}`)).body as { items: { title: string }[]; more: boolean };
  const all = await offered(founder, '/sources/offices');
  expect([all.items.length, all.more]).toEqual([50, true]);
  const last = { items: [{ id: 900600, title: '示例所 600' }], more: false };
  expect(await offered(founder, `/sources/offices?search=${encodeURIComponent('所 600')}`)).toEqual(last);
  expect(await offered(operator, `/remotes/offices?search=${encodeURIComponent('所 600')}`)).toEqual(last);
  expect(await offered(stranger, `/sources/offices?search=${encodeURIComponent('所 600')}`)).toMatchObject({
    items: [],
  });
  const distant = { key: 'test-distant', title: '示例所', organisationId: 900600 };
  expect((await stranger.send('POST', `${base}/sources`, distant)).status).toBe(404);
  expect((await founder.send('POST', `${base}/sources`, distant)).status).toBe(201);

  const organisationId = offices[0]!.id;
  const fresh = { key: 'test-archives', title: '示例档案', organisationId };
  expect((await operator.send('POST', `${base}/sources`, fresh)).status).toBe(403);
  expect((await stranger.send('POST', `${base}/sources`, fresh)).status).toBe(404);
  expect(await founder.send('POST', `${base}/sources`, { ...fresh, key: 'Nicht so', title: ' ' })).toMatchObject({
    status: 422,
    body: { error: { fields: { key: '应为 2 到 40 个小写字母、数字、连字符', title: '请填写名称' } } },
  });
  const made = await founder.send('POST', `${base}/sources`, fresh);
  expect(made.status).toBe(201);
  const { id } = made.body as { id: number };
  expect(await founder.send('POST', `${base}/sources`, fresh)).toMatchObject({
    status: 409,
    body: { error: { fields: { key: expect.stringContaining('已经有了') } } },
  });
  expect((await founder.send('PUT', `${base}/sources/${id}`, { title: '示例档案馆' })).status).toBe(200);

  const row = {
    sourceId: id,
    number: 'AR20260001',
    kind: 'passport',
    state: 'accepted',
    at: '2026-03-01T09:00:00+08:00',
  };
  expect((await founder.send('POST', `${base}/cases`, { ...row, code: 'AR0001' })).status).toBe(201);
  const key = { service: 'cases', target: 'test-archives', title: '示例系统' };
  expect((await operator.send('POST', '/api-keys', key)).status).toBe(201);
  const citizen = await office.citizen();
  const find = async () =>
    (await citizen.post<{ item: object | null }>('/cases/find', { number: row.number, factor: 'AR0001' })).body.item;
  expect(await find()).toMatchObject({ number: row.number });
  const turn = (on: boolean, by = founder) => by.send('POST', `${base}/sources/${id}/switch`, { on });
  expect((await turn(false)).status).toBe(200);
  expect(await find()).toBeNull();
  // Flagged while it is off, and told when it is on again.
  await office.db.query(`UPDATE cases SET due_at = $2 WHERE source_id = $1`, [id, '2026-03-01T00:00:00Z']);
  await flagOverdue(office.deps);
  const bells = async () =>
    (
      await office.db.query<{ title: string }>(`SELECT title FROM staff_notifications WHERE about = $1`, [
        `cases-overdue:${id}`,
      ])
    ).map(({ title }) => title);
  expect(await bells()).toEqual([]);
  expect((await founder.send('POST', `${base}/cases`, { ...row, number: 'AR20260002' })).status).toBe(404);
  expect((await operator.send('POST', '/api-keys', key)).status).toBe(404);
  const shown = async (query: string, by = founder) =>
    ((await by.get(`${base}/sources${query}`)).body as { items: { id: number }[] }).items.find((one) => one.id === id);
  expect(await shown('')).toBeUndefined();
  expect(await shown('?all=true')).toMatchObject({ title: '示例档案馆', on: false, mayChange: true });
  expect(await shown('?all=true', operator)).toMatchObject({ mayChange: false });
  expect(await shown('?all=true', stranger)).toBeUndefined();
  expect((await turn(true)).status).toBe(200);
  expect(await find()).toMatchObject({ number: row.number });
  expect(new Set(await bells())).toEqual(new Set(['示例档案馆：有 1 个办件超期']));

  const never = await stranger.send('PUT', `${base}/sources/999999`, { title: '别人' });
  expect([never.status, never.body]).toEqual([404, (await turn(false, stranger)).body]);
  expect((await stranger.send('PUT', `${base}/sources/${id}`, { title: '别人' })).body).toEqual(never.body);
  // One that is asked for elsewhere is none of these.
  const remote = await founder.send('PUT', `${base}/sources/${await sourceOf(office.db, 'demo-backoffice')}`, {
    title: '别人',
  });
  expect(remote.status).toBe(404);
  const trail = await Promise.all(
    ['add', 'change', 'switch-off', 'switch-on'].map((act) => audited(office.server, `case-source.${act}`)),
  );
  expect(trail.map(([one]) => [one!.subject, one!.username])).toEqual(
    Array(4).fill([`case-source:${id}`, 'police-supervisor']),
  );
  expect(trail[1]![0]!.detail).toEqual({ title: '示例档案馆', before: '示例档案' });
});
