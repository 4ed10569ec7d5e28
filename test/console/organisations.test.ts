import { startTestServer, type TestServer } from '../support/server';
import { addStaff, audited, type Client, signIn } from './client';

let server: TestServer;
let admin: Client;
let police: Client;
beforeAll(async () => {
  server = await startTestServer();
  admin = await signIn(server, 'admin');
  await addStaff(server, 'police-admin', 'admin', 'police');
  police = await signIn(server, 'police-admin');
});
afterAll(() => server?.stop());

type Node = { key: string; title: string; depth: number; parent: string | null; disabled: boolean; staff: number };
const tree = async (client: Client) =>
  ((await client.get('/organisations')).body as { organisations: Node[] }).organisations;
const add = async (client: Client, body: object) => {
  const { status, body: answer } = await client.send('POST', '/organisations', body);
  return { status, key: (answer as { key: string }).key, answer };
};

test('each admin sees their own subtree, the city all of it', async () => {
  const all = await tree(admin);
  expect(all[0]).toMatchObject({ key: 'city', depth: 0, parent: null, staff: 6 });
  const own = await tree(police);
  expect(own[0]).toMatchObject({ key: 'police', parent: null });
  expect(own.map(({ key }) => key).every((key) => key.startsWith('police'))).toBe(true);
  expect(own.length).toBeLessThan(all.length);
});

test('one is added, renamed and disabled, and put back; each in the trail', async () => {
  const { key } = await add(police, { parent: 'police', kind: 'department', title: '反诈中心' });
  expect(key).toMatch(/^o-[0-9a-f]{8}$/);
  expect((await add(police, { parent: 'police', kind: 'department', title: '反诈中心' })).status).toBe(409);
  expect((await police.send('PATCH', `/organisations/${key}`, { title: '反诈支队' })).status).toBe(200);
  expect((await police.send('POST', `/organisations/${key}/disable`)).status).toBe(200);
  expect(await tree(police)).toContainEqual(expect.objectContaining({ key, title: '反诈支队', disabled: true }));
  const below = await add(police, { parent: key, kind: 'department', title: '一科' });
  expect(below).toMatchObject({ status: 409, answer: { error: { message: '「反诈支队」已停用' } } });
  expect((await police.send('POST', `/organisations/${key}/enable`)).status).toBe(200);
  expect((await tree(police)).find((one) => one.key === key)).toMatchObject({ disabled: false });
  for (const act of ['add', 'edit', 'disable', 'enable'])
    expect(await audited(server, `organisation.${act}`)).toMatchObject([
      { subject: `organisation:${key}`, username: 'police-admin' },
    ]);
});

test('what does not belong is refused in words', async () => {
  const wrong = await add(admin, { parent: 'police-household', kind: 'hospital', title: '医院' });
  expect(wrong).toMatchObject({ status: 422, answer: { error: { fields: { kind: '科室下面不能有医院' } } } });
  expect((await add(admin, { parent: 'city', kind: 'ministry', title: '部' })).status).toBe(422);
  expect((await add(admin, { parent: 'city', kind: 'bureau', title: '  ' })).status).toBe(422);
  expect((await add(admin, { parent: 'city', kind: 'bureau', title: '局', key: 'police' })).status).toBe(409);
});

test('a subtree moves whole, and with it who sees it', async () => {
  const { key: office } = await add(admin, { parent: 'health', kind: 'department', title: '综合处' });
  const { key: room } = await add(admin, { parent: office, kind: 'department', title: '一室' });
  expect((await tree(police)).map(({ key }) => key)).not.toContain(room);
  expect((await admin.send('POST', `/organisations/${office}/move`, { parent: 'police' })).status).toBe(200);
  expect(await tree(police)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ key: office, parent: 'police', depth: 2 }),
      expect.objectContaining({ key: room, parent: office, depth: 3 }),
    ]),
  );
  expect(await audited(server, 'organisation.move')).toMatchObject([{ detail: { from: 'health', parent: 'police' } }]);
  const paths = await server.deps.db.query(
    `SELECT 1 FROM organisations o JOIN organisations p ON p.id = o.parent_id WHERE o.path <> p.path || o.id || '/'`,
  );
  expect(paths).toEqual([]);

  expect(await admin.send('POST', `/organisations/${office}/move`, { parent: room })).toMatchObject({
    status: 409,
    body: { error: { code: 'own-child' } },
  });
  expect((await admin.send('POST', '/organisations/city/move', { parent: 'police' })).status).toBe(409);
  expect((await admin.send('POST', '/organisations/city/disable')).status).toBe(409);
});

test('what is in use is not disabled, and it says by what', async () => {
  const busy = await admin.send('POST', '/organisations/police-household/disable');
  expect(busy).toMatchObject({
    status: 409,
    body: {
      error: { code: 'in-use', message: expect.stringMatching(/^「户政大队」还有 1 位人员.*，请先移走或停用$/) },
    },
  });
  expect(await admin.send('POST', '/organisations/police/disable')).toMatchObject({
    body: { error: { message: expect.stringMatching(/个下级组织、1 位人员/) } },
  });
  const { key } = await add(admin, { parent: 'police', kind: 'department', title: '有提问的' });
  await server.deps.db.query(
    `INSERT INTO questions (number, account_id, openid, organisation_id, text, asked_at, last_at, search)
     SELECT 'Q-TEST', a.id, 'o1', o.id, '问', now(), now(), '' FROM accounts a, organisations o WHERE o.key = $1 LIMIT 1`,
    [key],
  );
  expect(await admin.send('POST', `/organisations/${key}/disable`)).toMatchObject({
    status: 409,
    body: { error: { message: expect.stringContaining('1 个没有办结的提问') } },
  });
});

test('an admin of one place can neither reach into another nor move themselves out of it', async () => {
  for (const [method, path, body] of [
    ['PATCH', '/organisations/health', { title: '我的' }],
    ['POST', '/organisations/health/disable', undefined],
    ['POST', '/organisations/health/move', { parent: 'police' }],
    ['POST', '/organisations/police-vehicles/move', { parent: 'health' }],
    ['POST', '/organisations', { parent: 'city', kind: 'bureau', title: '新局' }],
  ] as const)
    expect([path, (await police.send(method, path, body)).status]).toEqual([path, 404]);
  const { key } = await add(admin, { parent: 'city', kind: 'bureau', title: '司法局' });
  await server.deps.db.query(
    `INSERT INTO staff_roles SELECT s.id, 'admin', o.id FROM staff s, organisations o WHERE s.username = 'police-admin' AND o.key = $1`,
    [key],
  );
  expect(await police.send('POST', `/organisations/${key}/move`, { parent: 'police' })).toMatchObject({ status: 403 });
});

test('two who move towards each other at once make no circle', async () => {
  const { key: one } = await add(admin, { parent: 'city', kind: 'bureau', title: '甲局' });
  const { key: other } = await add(admin, { parent: 'city', kind: 'bureau', title: '乙局' });
  const both = await Promise.all([
    admin.send('POST', `/organisations/${one}/move`, { parent: other }),
    admin.send('POST', `/organisations/${other}/move`, { parent: one }),
  ]);
  expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
});
