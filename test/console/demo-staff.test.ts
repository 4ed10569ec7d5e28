import { addDemoStaff } from '../../src/console/demo-staff';
import { addOrganisation, organisationByKey, subtrees } from '../../src/people/organisations';
import { startTestServer, type TestServer } from '../support/server';
import { request, signIn } from './client';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.stop());

test('the demo staff are there once, however often they are added, with the password given last', async () => {
  const { deps } = server;
  const count = async () => (await deps.db.query('SELECT 1 FROM staff')).length;
  const before = await count();
  await addDemoStaff(deps, 'weiban-demo');
  await addDemoStaff(deps, 'another password');
  expect(await count()).toBe(before);
  await signIn(server, 'clerk-hospital', 'another password');
  expect((await request(server, 'POST', '/login', { username: 'admin', password: 'weiban-demo' })).status).toBe(401);
});

test('there are none without the simulator', async () => {
  const production = { ...server.deps, config: { simulator: false } };
  await expect(addDemoStaff(production, 'weiban-demo')).rejects.toThrow('模拟器');
});

test('an organisation has the ids above it as its path, so that a subtree is a prefix', async () => {
  const { db, clock } = server.deps;
  const police = (await organisationByKey(db, 'police'))!;
  const added = await addOrganisation(
    db,
    { key: 'police-desk', parentKey: 'police', kind: 'department', title: '窗口' },
    clock,
  );
  expect(added.path).toBe(`${police.path}${added.id}/`);
  expect(await addOrganisation(db, { ...added, parentKey: 'police' }, clock)).toEqual(added);
  const below = (await subtrees(db, [police.path])).map(({ key }) => key);
  expect(below).toEqual(expect.arrayContaining(['police', 'police-desk', 'police-household']));
  expect(below).not.toContain('hospital-first');
});
