import { anyone, startTestServer, type TestServer } from '../support/server';
import { addStaff, type Client, signIn } from './client';

let server: TestServer;
let clerk: Client;
let ids: Record<string, number>;
beforeAll(async () => {
  server = await startTestServer();
  await addStaff(server, 'second-clerk', 'clerk', 'police-household');
  clerk = await signIn(server, 'clerk-police');
  const rows = await server.deps.db.query<{ username: string; id: number }>('SELECT username, id FROM staff');
  ids = Object.fromEntries(rows.map(({ username, id }) => [username, id]));
});
afterAll(() => server?.stop());

type Item = { id: string; kind: string; title: string; link: string; read: boolean };
type Bell = { items: Item[]; next: string | null; unread: number };
const bell = async (client: Client, query = '') => (await client.get(`/notifications${query}`)).body as Bell;
const tell = (notices: Parameters<typeof server.deps.notify>[1]) =>
  server.deps.db.transaction((tx) => server.deps.notify(tx, notices));
const due = (id: number, title = `提问 ${id}`) =>
  ({ kind: 'due-soon', title, link: `/questions/${id}`, about: `question:${id}` }) as const;

test('one is told what concerns them, and nobody else is; it is read by clicking', async () => {
  await tell([{ staffIds: [ids['clerk-police']!, null], ...due(1) }]);
  const { items, unread } = await bell(clerk);
  expect({ items, unread }).toMatchObject({
    items: [{ kind: 'due-soon', link: '/questions/1', read: false }],
    unread: 1,
  });
  const other = await signIn(server, 'clerk-hospital');
  expect(await bell(other)).toMatchObject({ items: [], unread: 0 });
  expect((await other.send('POST', `/notifications/${items[0]!.id}/read`)).status).toBe(404);
  expect((await clerk.send('POST', `/notifications/${items[0]!.id}/read`)).body).toEqual({ unread: 0 });
  expect((await bell(clerk)).items[0]).toMatchObject({ read: true });
});

test('by role, whoever holds it in the place or above it, but for whoever did it', async () => {
  const [place] = await server.deps.db.query<{ id: number }>(
    `SELECT id FROM organisations WHERE key = 'police-household'`,
  );
  await tell([
    { roles: { roles: ['clerk', 'supervisor'], organisationId: place!.id }, except: ids['second-clerk']!, ...due(2) },
  ]);
  const told = await server.deps.db.query<{ username: string }>(
    `SELECT s.username FROM staff_notifications n JOIN staff s ON s.id = n.staff_id WHERE n.about = 'question:2' ORDER BY 1`,
  );
  expect(told.map(({ username }) => username)).toEqual(['clerk-police', 'supervisor']);
});

test('the same thing again takes the place of what is unread, comes first, and counts once', async () => {
  await tell([{ staffIds: [ids.reviewer!], ...due(3, '快到期') }]);
  server.deps.clock.offset += 1000;
  await tell([{ staffIds: [ids.reviewer!], ...due(4, '另一个') }]);
  server.deps.clock.offset += 1000;
  await tell([{ staffIds: [ids.reviewer!], ...due(3, '已过期') }]);
  const reviewer = await signIn(server, 'reviewer');
  expect(await bell(reviewer)).toMatchObject({ items: [{ title: '已过期' }, { title: '另一个' }], unread: 2 });
  expect((await reviewer.send('POST', '/notifications/read')).status).toBe(200);
  await tell([{ staffIds: [ids.reviewer!], ...due(3, '又一次') }]);
  expect(await bell(reviewer)).toMatchObject({ unread: 1 });
});

test('no more than two hundred are kept, and they are read page by page', async () => {
  for (let part = 0; part < 5; part++)
    await tell(
      Array.from({ length: 50 }, (_, index) => ({ staffIds: [ids.operator!], ...due(1000 + part * 50 + index) })),
    );
  const operator = await signIn(server, 'operator');
  const seen = new Set<string>();
  for (let next: string | null = '', page = ''; next !== null; page = `&after=${next}`) {
    const answer: Bell = await bell(operator, `?limit=70${page}`);
    expect(answer.unread).toBe(200);
    for (const { id } of answer.items) seen.add(id);
    next = answer.next;
  }
  expect(seen.size).toBe(200);
});

test('nothing is told of what did not happen', async () => {
  const failing = server.deps.db.transaction(async (tx) => {
    await server.deps.notify(tx, [{ staffIds: [ids.auditor!], ...due(5) }]);
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(await bell(await signIn(server, 'auditor'))).toMatchObject({ items: [], unread: 0 });
});

test('live, to whom it concerns alone', async () => {
  const listen = async (client: Client) => {
    const stop = new AbortController();
    const { body } = await fetch(`${server.url}/api/console/events`, {
      headers: { authorization: `Bearer ${client.token}` },
      signal: stop.signal,
    });
    const heard: string[] = [];
    const reading = (async () => {
      for await (const part of body!) heard.push(Buffer.from(part).toString());
    })().catch(() => undefined);
    const end = async () => {
      stop.abort();
      await reading;
    };
    return { heard, stop: end };
  };
  const mine = await listen(clerk);
  const other = await listen(await signIn(server, 'supervisor'));
  await tell([{ staffIds: [ids['clerk-police']!], ...due(6) }]);
  await server.deps.db.transaction((tx) =>
    server.deps.live.publish(tx, { topic: 'after', path: '/', roles: [`staff:${ids.supervisor}`], data: {} }),
  );
  while (!other.heard.join('').includes('event: after')) await new Promise((resolve) => setImmediate(resolve));
  while (!mine.heard.join('').includes('event: notification')) await new Promise((resolve) => setImmediate(resolve));
  expect(other.heard.join('')).not.toContain('event: notification');
  await mine.stop();
  await other.stop();
});

test('a question: assigned by a colleague, added to by the citizen', async () => {
  const citizen = anyone();
  await server.deps.db.query(
    `INSERT INTO questions (number, account_id, openid, organisation_id, text, asked_at, last_at, search)
     SELECT 'Q-BELL', a.id, $1, o.id, '问', $2, $2, '' FROM accounts a, organisations o WHERE o.key = 'police-household' LIMIT 1`,
    [citizen, server.deps.clock.now()],
  );
  const [{ id }] = (await server.deps.db.query<{ id: string }>(`SELECT id FROM questions WHERE number = 'Q-BELL'`)) as [
    { id: string },
  ];
  const assigned = await clerk.send('POST', `/services/questions/${id}/assign`, { staffId: ids['second-clerk'] });
  expect(assigned.status).toBe(200);
  const second = await signIn(server, 'second-clerk');
  expect((await bell(second)).items).toMatchObject([
    { kind: 'assigned', title: '提问 Q-BELL 分给了您', link: `/questions/${id}` },
  ]);
  await server.say(citizen, '补充');
  await server.say(citizen, '还有一件事要补充');
  expect((await bell(second)).items[0]).toMatchObject({ kind: 'added', title: '市民补充了提问 Q-BELL' });
  expect((await bell(clerk)).items.filter(({ title }) => title.includes('Q-BELL'))).toEqual([]);
});

test('who has given somebody a new password is told to them', async () => {
  const admin = await signIn(server, 'admin');
  await admin.send('DELETE', '/staff/second-clerk/sessions');
  server.deps.clock.offset += 10;
  expect((await bell(await signIn(server, 'second-clerk'))).items[0]).toMatchObject({
    kind: 'safety',
    title: '系统管理员结束了您的全部登录',
  });
});
