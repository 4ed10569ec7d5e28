import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { play, readChat } from './support/chat';
import { anyone, startTestServer, type TestServer } from './support/server';

const folder = path.join(__dirname, 'chats');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.chat'));

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.stop());

// A file is one citizen's conversation. {{url}} stands for where the server is, {{number}} for a number by date and {{token}} for the
// signature of a link, which both differ from run to run.
const steady = (reply: string) =>
  reply
    .replaceAll(server.url, '{{url}}')
    .replace(/\b[A-Z]\d{10,14}\b/g, '{{number}}')
    .replace(/\b[\w-]{40,}\.[\w-]{20,}/g, '{{token}}');

test.each(files)('%s', async (file) => {
  const openid = anyone();
  const turns = readChat(readFileSync(path.join(folder, file), 'utf8'));
  expect(turns).not.toHaveLength(0);
  const heard = [];
  for (const { act, line } of turns) heard.push({ line, act, reply: steady(await play(server, openid, act)) });
  expect(heard).toEqual(turns.map(({ line, act, reply }) => ({ line, act, reply })));
});
