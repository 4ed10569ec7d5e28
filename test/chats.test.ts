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

// A file is one citizen's conversation. {{url}} stands for where the server is.
test.each(files)('%s', async (file) => {
  const openid = anyone();
  const turns = readChat(readFileSync(path.join(folder, file), 'utf8'));
  expect(turns).not.toHaveLength(0);
  const heard = [];
  for (const { act, line } of turns)
    heard.push({ line, act, reply: (await play(server, openid, act)).replaceAll(server.url, '{{url}}') });
  expect(heard).toEqual(turns.map(({ line, act, reply }) => ({ line, act, reply })));
});
