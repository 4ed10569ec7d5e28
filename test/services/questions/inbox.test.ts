import { rate } from '../../../src/services/questions/closing';
import { act, codeOf, type Ground, prefix, startGround } from './ground';

let ground: Ground;
beforeAll(async () => {
  ground = await startGround();
});
afterAll(() => ground?.stop());

test('what the citizen thinks of the answer stands in the list and in the thread', async () => {
  const { hospital, server } = ground;
  const id = await ground.ask();
  const row = async (queue: string) =>
    ((await hospital.get(`${prefix}/list?queue=${queue}`)).body as { items: object[] }).items[0];
  expect(await row('department')).toMatchObject({ id, solved: null, satisfied: null });
  const words = { text: '一楼自助机', seen: (await ground.row(id)).version, key: 'answer-to-rate', resolve: true };
  expect(codeOf(await act(hospital, id, 'answer', words))).toBe('200 done');
  const { db, serviceDeps } = server.deps;
  const said = { solved: true, satisfied: 4 };
  await db.transaction((tx) => rate(tx, { id, at: serviceDeps.clock.now(), ...said }, serviceDeps));
  expect(await row('closed')).toMatchObject({ id, ...said });
  expect((await hospital.get(`${prefix}/${id}`)).body).toMatchObject(said);
});

test('canned answers of departments above are there to be used, and say that they cannot be changed', async () => {
  const boss = await ground.clerk('hospital-boss', 'hospital-first', 'supervisor');
  const add = async (client: typeof boss, title: string) =>
    (await client.send('POST', `${prefix}/canned`, { title, body: title })).body as { id: number };
  const { id: theirs } = await add(boss, '全院通用');
  const { id: own } = await add({ ...boss, ...ground.hospital }, '本科室用');
  const seenBy = async ({ get }: Pick<typeof boss, 'get'>) =>
    ((await get(`${prefix}/canned`)).body as { items: { id: number; mayChange: boolean }[] }).items
      .filter(({ id }) => id === theirs || id === own)
      .map(({ id, mayChange }) => [id === own ? 'own' : 'theirs', mayChange])
      .sort();
  expect(await seenBy(ground.hospital)).toEqual([
    ['own', true],
    ['theirs', false],
  ]);
  expect(await seenBy(boss)).toEqual([
    ['own', true],
    ['theirs', true],
  ]);
  expect(codeOf(await ground.hospital.send('PATCH', `${prefix}/canned/${theirs}`, { title: '改一改' }))).toBe(
    '404 not-found',
  );
});
