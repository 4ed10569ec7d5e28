import { anyone, startTestServer, type TestServer } from '../support/server';
import { addStaff, audited, type Client, signIn } from './client';

let server: TestServer;
let other: TestServer;
let operator: Client;
beforeAll(async () => {
  server = await startTestServer();
  other = await startTestServer({ databaseUrl: server.databaseUrl, env: { ROLES: 'web' } });
  operator = await signIn(server, 'operator');
  await addStaff(server, 'police-operator', 'operator', 'police');
});
afterAll(async () => {
  await other?.stop();
  await server?.stop();
});

type Rule = { id: number; match: string; pattern: string; textKey: string | null; body: string | null; text: string };
const rules = async (account = '') => {
  const { body } = await operator.get(`/auto-replies${account && `?account=${account}`}`);
  return (body as { rules: Rule[] }).rules;
};
const add = (rule: object) => operator.send('POST', '/auto-replies', rule);

/** What a citizen is told once a change has come to the other process. */
async function saidThere(text: string, expected: (answer: string) => boolean): Promise<string> {
  const until = Date.now() + 5000;
  for (;;) {
    const [answer = ''] = await other.say(anyone(), text);
    if (expected(answer) || Date.now() > until) return answer;
  }
}

test('the shipped rules are listed with what they answer', async () => {
  expect(await rules()).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ match: 'word', pattern: '人工', textKey: 'autoreply.staff', body: null }),
    ]),
  );
  expect((await rules()).every(({ text }) => text !== '')).toBe(true);
});

test('a rule with words of its own is added, changed and removed, in every process, with its trace', async () => {
  const { status, body } = await add({ match: 'word', pattern: ' 停车。', body: '停车场在大厅东侧。' });
  expect(status).toBe(201);
  const { id } = body as { id: number };
  expect(await server.say(anyone(), '停车！')).toEqual(['停车场在大厅东侧。']);
  expect(await saidThere('停车', (answer) => answer.includes('东侧'))).toBe('停车场在大厅东侧。');

  const changed = { match: 'regex', pattern: '(哪里|怎么)停车', textKey: 'autoreply.hours' };
  expect((await operator.send('PUT', `/auto-replies/${id}`, changed)).status).toBe(200);
  const hours = (await rules()).find((one) => one.id === id)!.text;
  expect(await saidThere('请问哪里停车方便', (answer) => answer === hours)).toBe(hours);

  expect((await operator.send('DELETE', `/auto-replies/${id}`)).status).toBe(200);
  expect(await saidThere('请问哪里停车方便', (answer) => answer !== hours)).not.toBe(hours);
  expect((await operator.send('DELETE', `/auto-replies/${id}`)).status).toBe(404);
  expect(await audited(server, 'auto-reply.add')).toMatchObject([
    { username: 'operator', subject: `auto-reply:${id}`, detail: { account: null, pattern: ' 停车。' } },
  ]);
  expect(await audited(server, 'auto-reply.change')).toMatchObject([{ detail: { before: { pattern: '停车' } } }]);
  expect(await audited(server, 'auto-reply.remove')).toHaveLength(1);
});

test("an account's own rule goes before that of all accounts", async () => {
  await add({ match: 'word', pattern: '充电', body: '全市的回答' });
  await add({ match: 'word', pattern: '充电', body: '本号的回答', account: 'demo' });
  expect(await server.say(anyone(), '充电')).toEqual(['本号的回答']);
  expect((await rules('demo')).map(({ pattern }) => pattern)).toEqual(['充电']);
});

test.each([
  ['a broken expression', { match: 'regex', pattern: '(', body: '好' }, '正则表达式有误'],
  ['one that matches everything', { match: 'regex', pattern: '.*', body: '好' }, '什么话都能匹配'],
  ['one letter anywhere', { match: 'contains', pattern: '的', body: '好' }, '至少要两个字'],
  ['a text that is not there', { match: 'word', pattern: '好', textKey: 'no.such' }, '没有模板'],
  ['a text that needs more to be said', { match: 'word', pattern: '好', textKey: 'guides.matter' }, '不能单独用来回复'],
  ['nothing to say', { match: 'word', pattern: '好' }, '两者取一'],
  ['two things to say', { match: 'word', pattern: '好', textKey: 'autoreply.staff', body: '好' }, '两者取一'],
  ['more than WeChat takes', { match: 'word', pattern: '好', body: '长'.repeat(700) }, '2048'],
  ['only punctuation', { match: 'word', pattern: '！！', body: '好' }, '请填写'],
])('%s is refused with the reason', async (_what, rule, words) => {
  const before = await rules();
  const { status, body } = await add(rule);
  expect(status).toBe(422);
  expect(JSON.stringify(body)).toContain(words);
  expect(await rules()).toEqual(before);
});

test('the same again, or outside of one’s own organisation, is refused', async () => {
  expect((await add({ match: 'word', pattern: '人工', body: '好' })).status).toBe(409);
  const police = await signIn(server, 'police-operator');
  const rule = { match: 'word', pattern: '公安', body: '好' };
  expect((await police.send('POST', '/auto-replies', rule)).status).toBe(403);
  expect((await police.send('POST', '/auto-replies', { ...rule, account: 'demo' })).status).toBe(404);
  const [first] = await rules();
  expect((await police.send('DELETE', `/auto-replies/${first!.id}`)).status).toBe(403);
  const [own] = await rules('demo');
  expect((await police.send('DELETE', `/auto-replies/${own!.id}`)).status).toBe(404);
});

test('when all are removed they stay so at the next start', async () => {
  for (const { id } of [...(await rules()), ...(await rules('demo'))])
    await operator.send('DELETE', `/auto-replies/${id}`);
  const again = await startTestServer({ databaseUrl: server.databaseUrl, env: { ROLES: 'web' } });
  await again.stop();
  expect(await rules()).toEqual([]);
});
