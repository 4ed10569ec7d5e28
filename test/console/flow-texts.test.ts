import { makeCounter } from '../dialogue/counter-service';
import { anyone, startTestServer, type TestServer } from '../support/server';
import { signIn } from './client';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ services: [makeCounter().service] });
});
afterAll(() => server?.stop());

test("a flow's question is listed with its default, and asked in an operator's words", async () => {
  const operator = await signIn(server, 'operator');
  const key = 'counter.book.office';
  const { body } = await operator.get('/templates');
  expect((body as { templates: object[] }).templates).toContainEqual(
    expect.objectContaining({ key, kind: 'flow', title: '预约窗口：请选择办事大厅', body: '请选择办事大厅：' }),
  );
  expect((await operator.send('PUT', `/templates/${key}`, { body: '您想去哪个大厅？' })).status).toBe(200);
  expect((await server.say(anyone(), '预约窗口'))[0]).toMatch(/^您想去哪个大厅？\n1\. /);
  expect((await operator.send('PUT', `/templates/${key}`, { body: '{{ office }}' })).status).toBe(422);
  expect((await operator.send('DELETE', `/templates/${key}`)).status).toBe(200);
  expect((await server.say(anyone(), '预约窗口'))[0]).toMatch(/^请选择办事大厅：\n1\. /);
});
