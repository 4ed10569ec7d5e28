import { startTestServer, type TestServer } from '../support/server';
import { audited, signIn } from './client';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.stop());

type Menus = { planned: object[]; published: object[] | null };

test('an operator puts the planned menu on the account', async () => {
  const operator = await signIn(server, 'operator');
  const look = async () => (await operator.get('/menu?account=demo')).body as Menus;
  const account = server.deps.accounts.byKey('demo')!;
  await server.deps.wechat.publishMenu(account, [
    { name: '旧的', key: 'help' },
    { name: '办事', key: 'guides.hot' },
    { name: '没有了', key: 'guides.gone' },
  ]);
  const before = await look();
  expect(before.published).toEqual([
    { name: '旧的', type: 'click', value: 'help', opens: '帮助', children: [] },
    { name: '办事', type: 'click', value: 'guides.hot', opens: '办事指南', children: [] },
    { name: '没有了', type: 'click', value: 'guides.gone', children: [] },
  ]);
  expect(before.published).not.toEqual(before.planned);

  expect((await operator.send('POST', '/menu/publish', { account: 'demo' })).status).toBe(200);
  expect((await look()).published).toEqual(before.planned);
  expect(await audited(server, 'menu.publish')).toMatchObject([
    { username: 'operator', subject: 'account:demo', detail: { menu: before.planned } },
  ]);
});

test('nobody else does', async () => {
  for (const username of ['admin', 'reviewer', 'supervisor']) {
    const someone = await signIn(server, username);
    expect([username, (await someone.send('POST', '/menu/publish', { account: 'demo' })).status]).toEqual([
      username,
      403,
    ]);
  }
});

test('what the platform refuses is told, and not traced as done', async () => {
  const operator = await signIn(server, 'operator');
  const before = (await audited(server, 'menu.publish')).length;
  await fetch(`${server.url}/simulator/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ api: 'menu/create', kind: '45009', times: 1 }),
  });
  const { status, body } = await operator.send('POST', '/menu/publish', { account: 'demo' });
  expect([status, JSON.stringify(body)]).toEqual([409, expect.stringContaining('微信没有接受')]);
  expect(await audited(server, 'menu.publish')).toHaveLength(before);
});
