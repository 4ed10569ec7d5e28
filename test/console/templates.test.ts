import { anyone, startTestServer, type TestServer } from '../support/server';
import { addStaff, audited, type Client, signIn } from './client';

let server: TestServer;
let operator: Client;
beforeAll(async () => {
  server = await startTestServer();
  operator = await signIn(server, 'operator');
  await addStaff(server, 'police-operator', 'operator', 'police');
});
afterAll(() => server?.stop());

const key = 'subscribe.welcome';
type Template = { key: string; body: string; override: { body: string; by: string } | null; inherited: object | null };
const look = async (account = '') => {
  const { body } = await operator.get(`/templates${account && `?account=${account}`}`);
  return (body as { templates: Template[] }).templates.find((one) => one.key === key)!;
};
const welcome = async () => {
  const { replies } = await server.act(anyone(), { event: 'subscribe' });
  return replies[0]?.content;
};

test('an operator puts their own words in place of a text, and takes them back', async () => {
  const before = await welcome();
  const { status } = await operator.send('PUT', `/templates/${key}`, { body: '欢迎来到{{ accountTitle }}' });
  expect(status).toBe(200);
  expect(await welcome()).toBe('欢迎来到示例市政务服务');
  expect(await look()).toMatchObject({ override: { body: '欢迎来到{{ accountTitle }}', by: '运营人员' } });
  expect(await look('demo')).toMatchObject({ override: null, inherited: { body: '欢迎来到{{ accountTitle }}' } });

  await operator.send('PUT', `/templates/${key}`, { account: 'demo', body: '只在这里' });
  expect(await welcome()).toBe('只在这里');
  await operator.send('DELETE', `/templates/${key}?account=demo`);
  await operator.send('DELETE', `/templates/${key}`);
  expect(await welcome()).toBe(before);
  expect(await audited(server, 'text.override')).toMatchObject([{ detail: { account: 'demo', body: '只在这里' } }, {}]);
  expect(await audited(server, 'text.revert')).toHaveLength(2);
});

test.each([
  ['a variable that is not there', '{{ nothing }}', '没有变量 nothing'],
  ['a tag that is not closed', '{% if x %}', '模板有误'],
  ['nothing', '', '不能为空'],
  ['more than WeChat takes', '长'.repeat(700), '2048'],
])('%s is refused with the reason', async (_what, body, words) => {
  for (const [method, path] of [
    ['PUT', `/templates/${key}`],
    ['POST', `/templates/${key}/preview`],
  ] as const) {
    const { status, body: answer } = await operator.send(method, path, { body });
    expect(status).toBe(422);
    expect(JSON.stringify(answer)).toContain(words);
  }
  expect((await look()).override).toBeNull();
});

test('a preview shows examples in place of the variables', async () => {
  const { body } = await operator.send('POST', `/templates/${key}/preview`, { body: '您好，{{ accountTitle }}' });
  expect((body as { text: string }).text).toMatch(/^您好，.+/);
});

test('texts of all accounts are the business of those who run all of them', async () => {
  const police = await signIn(server, 'police-operator');
  expect((await police.send('PUT', `/templates/${key}`, { body: '警' })).status).toBe(403);
  expect((await police.send('PUT', `/templates/${key}`, { account: 'demo', body: '警' })).status).toBe(404);
  expect((await operator.send('PUT', '/templates/no.such.text', { body: '无' })).status).toBe(404);
});
