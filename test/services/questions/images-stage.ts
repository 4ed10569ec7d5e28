import type { ServiceDeps } from '../../../src/dialogue/service';
import { fetchDue } from '../../../src/services/questions/fetch-images';
import { linkToken } from '../../../src/services/questions/link';
import type { Client } from '../../console/client';
import { phonePhoto } from '../../support/pictures';
import { anyone, startTestServer, type TestServer } from '../../support/server';

export type Message = { kind?: string; from?: string; text: string; images: string[]; awaited: number; lost: number };
export type Asked = { id: string; number: string; images: number; place: unknown; messages: Message[] };

/** The whole server without a worker: what is fetched and delivered, and when, is the test's to say. */
export async function openStage() {
  const server = await startTestServer({ env: { ROLES: 'web', LOG_LEVEL: 'silent' } });
  const deps: ServiceDeps = server.deps.serviceDeps;
  const photo = (await phonePhoto({ width: 800, height: 600 })).toString('base64');
  const account = deps.accounts.byId(1)!;
  return {
    server,
    deps,
    photo,
    /** In the chat, with these acts where photos may be sent; to the police unless said. @returns its id */
    async askInChat(openid: string, acts: object[], department = '2'): Promise<string> {
      for (const words of ['提问', department, '门口的门牌掉了，要重新编吗？']) await server.say(openid, words);
      for (const act of acts) await server.act(openid, act);
      for (const words of ['1', '1', '1']) await server.say(openid, words);
      return latest(server, openid);
    },
    fetchPhotos: () => fetchDue(deps),
    deliver: (openid: string) => server.deps.delivery.handlers.deliver!({ accountId: account.id, openid }),
    pass: (seconds: number) => {
      server.deps.clock.offset += seconds * 1000;
    },
    token: (openid: string, questionId: string | null = null) =>
      linkToken({ accountId: account.id, openid, questionId }, deps),
    /** What the phone shows of the account's own sending. */
    async delivered(openid: string) {
      const response = await fetch(`${server.url}/simulator/chats/demo/${openid}?limit=100`);
      const { messages } = (await response.json()) as {
        messages: { via: string; type: string; content?: string; url?: string }[];
      };
      return messages.filter(({ via }) => ['custom', 'template', 'subscribe'].includes(via));
    },
  };
}

export type Stage = Awaited<ReturnType<typeof openStage>>;

export async function latest({ deps }: TestServer, openid: string): Promise<string> {
  const [row] = await deps.db.query<{ id: string }>(
    'SELECT id::text FROM questions WHERE openid = $1 ORDER BY id DESC LIMIT 1',
    [openid],
  );
  return row!.id;
}

export async function threadOf(client: Client, id: string): Promise<Asked> {
  return (await client.get(`/services/questions/${id}`)).body as Asked;
}

/** A picture as a page shows it. */
export const look = (server: TestServer, address: string, token?: string) =>
  fetch(`${server.url}${address}`, { headers: token ? { authorization: `Bearer ${token}` } : {} });

export const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());

/** Uploads as a page does: the body is the picture. */
export async function bring(
  server: TestServer,
  path: string,
  picture: Buffer,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: { id?: string; error?: { code: string; message: string } } }> {
  const response = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'image/jpeg', ...headers },
    body: new Uint8Array(picture),
  });
  return { status: response.status, body: (await response.json()) as { id?: string } };
}

export { anyone };
