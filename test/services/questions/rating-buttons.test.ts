import { linkToken } from '../../../src/services/questions/link';
import { type Client, signIn } from '../../console/client';
import { anyone, startTestServer, type TestServer } from '../../support/server';

let server: TestServer;
let clerk: Client;

beforeAll(async () => {
  server = await startTestServer();
  clerk = await signIn(server, 'clerk-police');
});
afterAll(() => server?.stop());

type Menu = { type: string; head: string; list: { id: string; content: string }[] };
type Row = { id: string; status: string; solved: boolean | null; satisfied: number | null; reopened: boolean };

/** The menus on the phone, once there are so many. */
async function menus(openid: string, count: number): Promise<Menu[]> {
  for (;;) {
    const response = await fetch(`${server.url}/simulator/chats/demo/${openid}`);
    const { messages } = (await response.json()) as { messages: Menu[] };
    const found = messages.filter(({ type }) => type === 'msgmenu');
    if (found.length >= count) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
const tap = async (openid: string, menu: Menu, word: string) => {
  const entry = menu.list.find(({ content }) => content === word)!;
  return (await server.act(openid, { msgmenu: { id: entry.id, text: entry.content } })).replies[0]?.content;
};
const row = async (id: string) =>
  (
    await server.deps.db.query<Row>(
      'SELECT id::text, status, solved, satisfied, reopened FROM questions WHERE id = $1',
      [id],
    )
  )[0]!;

/** A question of this citizen's, answered and resolved by the clerk. */
async function resolved(
  openid: string,
  text: string,
  before: () => Promise<unknown> = async () => {},
): Promise<string> {
  for (const words of ['我要提问', '不清楚', text, '1', '不公开', '1']) await server.say(openid, words);
  const [asked] = await server.deps.db.query<{ id: string; version: number }>(
    'SELECT id::text, version FROM questions WHERE openid = $1 ORDER BY id DESC LIMIT 1',
    [openid],
  );
  await before();
  const { status, body } = await clerk.send('POST', `/services/questions/${asked!.id}/answer`, {
    text: '请带户口簿到户籍窗口补领。',
    seen: asked!.version,
    key: `answer-${asked!.id}-1`,
    resolve: true,
  });
  expect([status, body]).toEqual([200, body]);
  return asked!.id;
}

test('two taps rate an answer, each for the question it stands below', async () => {
  const citizen = anyone();
  const first = await resolved(citizen, '身份证丢了，在外地怎么补领？');
  const [solvedMenu] = await menus(citizen, 1);
  expect(solvedMenu!.list.map(({ content }) => content)).toEqual(['解决了', '没解决']);
  const second = await resolved(citizen, '户口迁移要带什么材料？身份证要吗？');
  await menus(citizen, 2);

  // Of the first, although another has been resolved since.
  expect(await tap(citizen, solvedMenu!, '解决了')).toContain('谢谢');
  expect(await row(first)).toMatchObject({ status: 'answered', solved: true, satisfied: null });
  expect(await row(second)).toMatchObject({ solved: null });
  const satisfiedMenu = (await menus(citizen, 3))[2]!;
  expect(satisfiedMenu.list.map(({ content }) => content)).toEqual([
    '非常满意',
    '满意',
    '基本满意',
    '不满意',
    '非常不满意',
  ]);
  expect(await tap(citizen, satisfiedMenu, '满意')).toContain('谢谢');
  expect(await row(first)).toMatchObject({ status: 'closed', solved: true, satisfied: 4 });
  expect(await tap(citizen, satisfiedMenu, '满意')).toContain('已经评价过');
}, 60_000);

test('by a word as well; who is unhappy has it opened again for a supervisor, once', async () => {
  const citizen = anyone();
  const id = await resolved(citizen, '身份证丢了，在外地怎么补领？');
  expect((await server.say(citizen, '没解决'))[0]).toContain('督查人员重新办理');
  expect(await row(id)).toMatchObject({ status: 'open', reopened: true, solved: false });
  expect((await server.say(citizen, '不满意'))[0]).toContain('谢谢');
  expect(await row(id)).toMatchObject({ status: 'open', satisfied: 2 });
}, 60_000);

test('one half said in the chat, the page asks for the other', async () => {
  const citizen = anyone();
  const id = await resolved(citizen, '身份证丢了，在外地怎么补领？');
  const [{ number } = { number: '' }] = await server.deps.db.query<{ number: string }>(
    'SELECT number FROM questions WHERE id = $1',
    [id],
  );
  const token = linkToken({ accountId: 1, openid: citizen, questionId: null }, server.deps);
  const at = `${server.url}/api/h5/questions/${token}/${number}`;
  const page = async () => (await fetch(at)).json();
  const say = async (rating: object) =>
    (
      await fetch(`${at}/rating`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(rating),
      })
    ).status;
  expect(await page()).toMatchObject({ canRate: true, solved: null, satisfied: null });
  await server.say(citizen, '解决了');
  expect(await page()).toMatchObject({ canRate: true, solved: true, satisfied: null });
  expect(await say({})).toBe(422);
  expect(await say({ satisfied: 5 })).toBe(200);
  expect(await page()).toMatchObject({ canRate: false, solved: true, satisfied: 5 });
  expect(await row(id)).toMatchObject({ status: 'closed' });
}, 60_000);

test("somebody else's button says nothing about it", async () => {
  const citizen = anyone();
  const id = await resolved(citizen, '身份证丢了，在外地怎么补领？');
  const stranger = anyone();
  const { replies } = await server.act(stranger, {
    msgmenu: { id: `questions.solved?question=${id}`, text: '解决了' },
  });
  expect(replies[0]?.content).toContain('没有可以评价的提问');
  expect(await row(id)).toMatchObject({ solved: null });
});

test('an answer that resolves asks once: by its buttons, or in its own words where these cannot follow', async () => {
  const asks = /解决了没有|解决了吗/;
  const sent = async (openid: string) =>
    (
      await server.deps.db.query<{ type: string; body: { text?: { content: string } } }>(
        `SELECT type, body FROM deliveries WHERE openid = $1 AND source LIKE 'staff:%' ORDER BY id`,
        [openid],
      )
    ).map(({ type, body }) => `${type} ${asks.test(JSON.stringify(body)) ? 'asks' : 'tells'}`);
  const citizen = anyone();
  await resolved(citizen, '身份证到期了，在哪里换领？');
  expect(await sent(citizen)).toEqual(['text tells', 'msgmenu asks']);

  // Room for the answer alone.
  const other = anyone();
  await resolved(other, '身份证到期了，在哪里换领？', () =>
    server.deps.db.query('UPDATE sessions SET message_left = 1, tap_left = 0 WHERE openid = $1', [other]),
  );
  expect(await sent(other)).toEqual(['text asks']);

  // An operator's own words that know nothing of buttons: asked by the words, or by the buttons where the words do not ask.
  const { texts } = server.deps;
  const own = { key: 'questions.answer', accountId: 0, staffId: null };
  for (const [body, expected] of [
    ['{{ number }}：{{ answer }}{% if resolved %}解决了吗？回复「解决了」或「没解决」。{% endif %}', ['text asks']],
    ['{{ number }}：{{ answer }}{% if resolved %}已办结。{% endif %}', ['text tells', 'msgmenu asks']],
    ['{{ answer }}{% unless buttons %}解决了吗？{% endunless %}欢迎评价。', ['text tells', 'msgmenu asks']],
  ] as const) {
    await texts.override({ ...own, body });
    const another = anyone();
    await resolved(another, '身份证到期了，在哪里换领？');
    expect([body, await sent(another)]).toEqual([body, expected]);
  }
  await texts.revert(own);
}, 60_000);
