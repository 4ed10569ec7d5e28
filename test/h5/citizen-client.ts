import type { TestServer } from '../support/server';

type Answer<T> = {
  status: number;
  body: T & { error?: { code: string; message: string; fields?: Record<string, string> } };
};
export type CitizenClient = ReturnType<typeof clientOf>;

/** What WeChat sends a phone's browser back with. */
export async function codeFor(server: TestServer, openid: string, account = 'demo'): Promise<URL> {
  const state = 'a-state-of-16-chars';
  const asked = await fetch(`${server.url}/api/h5/authorize?account=${account}&state=${state}`);
  const { url } = (await asked.json()) as { url: string };
  const opened = await fetch(`${server.url}/simulator/h5?${new URLSearchParams({ account, openid, url })}`, {
    redirect: 'manual',
  });
  const cookie = opened.headers.get('set-cookie')!.split(';')[0]!;
  const back = await fetch(opened.headers.get('location')!.split('#')[0]!, { redirect: 'manual', headers: { cookie } });
  return new URL(back.headers.get('location')!);
}

/** A citizen signed in on a page. */
export async function signInCitizen(server: TestServer, openid: string, account = 'demo'): Promise<CitizenClient> {
  const code = (await codeFor(server, openid, account)).searchParams.get('code');
  const { body } = await anonymous(server).post<{ token: string }>('/login', { account, code });
  return clientOf(server, { authorization: `Bearer ${body.token}` });
}

export const anonymous = (server: TestServer) => clientOf(server, {});

export function clientOf(server: TestServer, headers: Record<string, string>) {
  const call = async <T>(method: string, path: string, body?: object): Promise<Answer<T>> => {
    const response = await fetch(`${server.url}/api/h5${path}`, {
      method,
      headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
      body: body && JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Answer<T>['body'] };
  };
  return {
    headers,
    get: <T = unknown>(path: string) => call<T>('GET', path),
    post: <T = unknown>(path: string, body: object = {}) => call<T>('POST', path, body),
    delete: <T = unknown>(path: string) => call<T>('DELETE', path),
  };
}

/** The last code that a text message brought to this phone. */
export async function smsCode(server: TestServer, openid: string, account = 'demo'): Promise<string> {
  const response = await fetch(`${server.url}/simulator/chats/${account}/${openid}`);
  const { messages } = (await response.json()) as { messages: { content?: string }[] };
  const texts = messages.flatMap(({ content }) => /【短信】验证码 (\d{6})/.exec(content ?? '')?.[1] ?? []);
  return texts.at(-1)!;
}

/** What other processes, and this one after a commit, hear of a moment later. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}
