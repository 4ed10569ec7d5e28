import { keyTitles } from '../../src/dialogue/key-titles';
import { anyone, startTestServer, type TestServer } from '../support/server';
import { addStaff, audited, type Client, signIn } from './client';

let server: TestServer;
let operator: Client;
beforeAll(async () => {
  server = await startTestServer();
  operator = await signIn(server, 'operator');
  await addStaff(server, 'police-supervisor', 'supervisor', 'police');
});
afterAll(() => server?.stop());

type Bubble = { from: string; kind: string; text: string; link: string | null };
type Item = {
  kind: string;
  id: string;
  bubbles: Bubble[];
  personal: boolean;
  handledBy: string;
  handledByTitle: string;
  delivery?: { text: string };
};
type Listed = { items: { openid: string; preview: string; following: boolean }[]; next: string | null };

const thread = async (openid: string, query = '') =>
  (await operator.get(`/chats/demo/${openid}${query}`)).body as { items: Item[]; next: string | null };
const bubblesOf = (items: Item[]) => items.flatMap(({ bubbles }) => bubbles ?? []);

test('a chat reads as words, both sides, oldest first', async () => {
  const citizen = anyone();
  await server.act(citizen, { event: 'subscribe' });
  await server.say(citizen, '身份证丢了咋办');
  await server.act(citizen, { click: 'guides' });
  await server.act(citizen, { location: { latitude: 30.1, longitude: 120.2, label: '人民广场' } });
  const { items, next } = await thread(citizen);
  expect(next).toBeNull();
  expect(bubblesOf(items).filter(({ from }) => from === 'citizen')).toMatchObject([
    { kind: 'event', text: '关注公众号' },
    { kind: 'text', text: '身份证丢了咋办' },
    { kind: 'event', text: '点击菜单「办事指南」' },
    { kind: 'attachment', text: '［位置］人民广场' },
  ]);
  expect(bubblesOf(items).filter(({ from }) => from === 'account')).toHaveLength(4);
  expect(JSON.stringify(items)).not.toContain('<xml>');
  expect(items[2]!.handledBy).toMatch(/^guides/);
  expect(items.map(({ handledByTitle }) => handledByTitle)).toEqual(['关注', '办事指南', '办事指南', '最近的办事点']);
});

test('keys have titles for people, whatever they name', () => {
  const { of, button } = keyTitles(server.deps);
  expect(['guides.hot', 'appointments.book', 'contact', 'text:dialogue.fallback', 'auto-reply:7'].map(of)).toEqual([
    '办事指南',
    '预约',
    '联系我们',
    '听不懂时的回复',
    '自动回复',
  ]);
  expect(['staff:clerk', 'cases:SF20260001', 'cases:rest', 'event:view', 'lost.find'].map(of)).toEqual([
    '工作人员 clerk',
    '办件进度 SF20260001',
    '办件进度',
    '无需答复',
    undefined,
  ]);
  expect(['guides.hot', 'guides.matter'].map(button)).toEqual(['热门事项', '办事指南']);
});

test('long lists come in pages that neither repeat nor leave out', async () => {
  const citizens = Array.from({ length: 5 }, anyone);
  for (const citizen of [...citizens, citizens[0]!]) await server.say(citizen, '你好');
  const seen: string[] = [];
  let after: string | null = '';
  while (after !== null) {
    const { items, next } = (await operator.get(`/chats/demo?limit=2${after && `&after=${after}`}`)).body as Listed;
    seen.push(...items.map(({ openid }) => openid));
    after = next;
  }
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen).toEqual(expect.arrayContaining(citizens));
  expect(seen[0]).toBe(citizens[0]);

  for (let number = 1; number <= 5; number++) await server.say(citizens[1]!, `第 ${number} 句`);
  const newest = await thread(citizens[1]!, '?limit=4');
  const older = await thread(citizens[1]!, `?limit=4&after=${newest.next}`);
  const said = bubblesOf([...older.items, ...newest.items]).filter(({ from }) => from === 'citizen');
  expect(said.map(({ text }) => text).sort()).toEqual(
    ['你好', '第 1 句', '第 2 句', '第 3 句', '第 4 句', '第 5 句'].sort(),
  );
  expect(older.next).toBeNull();
});

test('what names a person is hidden; reading it takes a reason and leaves a trace', async () => {
  const citizen = anyone();
  const words = '我的身份证号是 11010519491231002X';
  await server.say(citizen, words);
  const { items } = await thread(citizen);
  expect(items[0]).toMatchObject({ personal: true, bubbles: [{ kind: 'hidden' }] });
  const list = (await operator.get('/chats/demo')).body as Listed;
  expect(JSON.stringify([items, list])).not.toContain('11010519491231002X');

  const reveal = `/chats/demo/${citizen}/reveal`;
  const { id } = items[0]!;
  expect(await operator.send('POST', reveal, { id, reason: '看' })).toMatchObject({ status: 422 });
  expect(await audited(server, 'chat.reveal')).toHaveLength(0);
  const opened = await operator.send('POST', reveal, { id, reason: '核对市民填的号码' });
  expect((opened.body as { bubbles: Bubble[] }).bubbles[0]).toMatchObject({ from: 'citizen', text: words });
  expect(await audited(server, 'chat.reveal')).toMatchObject([
    { username: 'operator', subject: `chat:demo/${citizen}`, detail: { reason: '核对市民填的号码' } },
  ]);
  expect(JSON.stringify(await audited(server, 'chat.reveal'))).not.toContain('11010519491231002X');

  const admin = await signIn(server, 'admin');
  expect((await admin.send('POST', reveal, { id, reason: '核对市民填的号码' })).status).toBe(403);
  const police = await signIn(server, 'police-supervisor');
  expect((await police.send('POST', reveal, { id, reason: '核对市民填的号码' })).status).toBe(404);
  const other = await operator.send('POST', `/chats/demo/${anyone()}/reveal`, { id, reason: '核对市民填的号码' });
  expect(other.status).toBe(404);
  expect(await audited(server, 'chat.reveal')).toHaveLength(1);
});

test('what a citizen writes stays words: no markup is made of it, no link but to the web', async () => {
  const citizen = anyone();
  const attack = '<img src=x onerror=alert(1)>&amp;]]><script>alert(1)</script>';
  await server.say(citizen, attack);
  await server.act(citizen, { link: { title: '点我', url: 'javascript:alert(1)' } });
  const { body, headers } = await operator.get(`/chats/demo/${citizen}`);
  const bubbles = bubblesOf((body as { items: Item[] }).items).filter(({ from }) => from === 'citizen');
  expect(bubbles).toMatchObject([
    { kind: 'text', text: attack },
    { kind: 'attachment', link: null },
  ]);
  expect(headers.get('content-type')).toMatch(/^application\/json/);
  expect(headers.get('cache-control')).toBe('no-store');
});

test('a signed link, which opens what is a citizen’s to whoever has it, is in nothing that staff read', async () => {
  const citizen = anyone();
  const [reply = ''] = await server.say(citizen, '我的提问');
  const [link = '', token = ''] = /https?:\S+\/([\w-]+\.[\w-]+)/.exec(reply) ?? [];
  expect(token.length).toBeGreaterThan(40);
  await server.say(citizen, link);
  await server.act(citizen, { link: { title: '点我', url: link } });
  const { db, delivery, accounts } = server.deps;
  await db.transaction((tx) =>
    delivery.enqueue(tx, {
      accountId: accounts.byKey('demo')!.id,
      openid: citizen,
      notice: { kind: 'test', title: '有新进展', data: {}, url: link },
      source: 'test',
    }),
  );
  const { items } = await thread(citizen);
  expect(items.at(-1)!.delivery!.text).toBe(`有新进展\n查看详情：${link.replace(token, '…')}`);
  expect(bubblesOf(items).map(({ text }) => text)).toContain(link.replace(token, '…'));
  for (const read of [
    items,
    (await operator.get('/chats/demo')).body,
    (await operator.get('/deliveries?account=demo')).body,
  ])
    expect(JSON.stringify(read)).not.toContain(token);
});

test('an openid or account that is not there', async () => {
  expect((await thread(anyone())).items).toEqual([]);
  expect((await operator.get('/chats/nothing')).status).toBe(404);
});
