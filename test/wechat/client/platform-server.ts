import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Asked = { path: string; query: URLSearchParams; body: string; headers: IncomingMessage['headers'] };
type Answering = (asked: Asked, response: ServerResponse) => unknown;

/** A platform that answers what a test tells it to. Answers to an API are used up in turn, the last one stays. */
export async function startPlatform() {
  const answers = new Map<string, Answering[]>();
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const url = new URL(request.url!, 'http://platform');
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const one = {
      path: url.pathname,
      query: url.searchParams,
      body: Buffer.concat(parts).toString(),
      headers: request.headers,
    };
    asked.push(one);
    const queue = answers.get(url.pathname) ?? [];
    const answer = queue.length > 1 ? queue.shift()! : queue[0];
    const result = answer ? await answer(one, response) : { errcode: 404, errmsg: `no answer for ${url.pathname}` };
    if (result === undefined || response.headersSent) return;
    response.setHeader('content-type', 'application/json; encoding=utf-8');
    response.end(typeof result === 'string' ? result : JSON.stringify(result));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    asked,
    calls: (path: string) => asked.filter((one) => one.path === path),
    answer(path: string, ...with_: (Answering | object | string)[]) {
      answers.set(
        path,
        with_.map((one) => (typeof one === 'function' ? (one as Answering) : () => one)),
      );
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

export type FakePlatform = Awaited<ReturnType<typeof startPlatform>>;
