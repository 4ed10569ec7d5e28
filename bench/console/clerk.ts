import { randomUUID } from 'node:crypto';
import { Agent, request as open } from 'node:http';

export const actions = ['counts', 'list', 'next page', 'search', 'thread', 'presence', 'draft', 'answer'] as const;
export type Action = (typeof actions)[number];
type Seen = (action: Action, millis: number) => void;

export type Clerk = { /** one turn of a clerk's work, without a pause to think */ turn(seen: Seen): Promise<void> };

type Page = { items: { id: string }[]; next: string | null };
const words = ['路灯', '办理', '公积金 材料', '观星台', '周末上班吗', '核酸检测'];
/** As long as a list of the smallest department is at 1,000 stored, so that both sides read and show as many. */
const limit = 10;
const queues = ['mine', 'unassigned', 'department', 'closed'];

/** Somebody who is signed in, on one connection. */
export function createClerk(port: number, token: string): Clerk {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let turns = 0;
  return {
    async turn(seen) {
      const of = <T>(list: readonly T[]) => list[turns % list.length]!;
      const ask = async <T>(action: Action, method: string, path: string, body?: object): Promise<T> => {
        const start = performance.now();
        const answer = await send(agent, port, token, method, `/api/console/services/questions${path}`, body);
        seen(action, performance.now() - start);
        return answer as T;
      };
      turns++;
      await ask('counts', 'GET', '/counts');
      const list = await ask<Page>('list', 'GET', `/list?limit=${limit}&queue=${of(queues)}`);
      if (list.next) await ask('next page', 'GET', `/list?limit=${limit}&queue=${of(queues)}&after=${list.next}`);
      await ask('search', 'GET', `/list?limit=${limit}&queue=closed&search=${encodeURIComponent(of(words))}`);
      const { items } = await ask<Page>('list', 'GET', `/list?limit=${limit}&queue=department`);
      const chosen = items[turns % Math.max(1, items.length)];
      if (!chosen) return;
      const { version } = await ask<{ version: number }>('thread', 'GET', `/${chosen.id}`);
      await ask('presence', 'POST', `/${chosen.id}/presence`, { doing: turns % 2 ? 'typing' : 'viewing' });
      await ask('draft', 'PUT', `/${chosen.id}/draft`, { text: '（示例）您好，请带身份证到窗口办理。' });
      const answer = { text: '（示例）您好，请带身份证到窗口办理。', seen: version, key: randomUUID(), force: true };
      await ask('answer', 'POST', `/${chosen.id}/answer`, answer);
    },
  };
}

/** @throws Error for an answer that is no success */
export function send(agent: Agent, port: number, token: string, method: string, path: string, body?: object) {
  const sent = body && JSON.stringify(body);
  const headers = {
    ...(token && { authorization: `Bearer ${token}` }),
    ...(sent && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(sent) }),
  };
  return new Promise<unknown>((resolve, reject) => {
    const request = open({ agent, host: '127.0.0.1', port, method, path, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(parts).toString();
        if (response.statusCode! < 300) resolve(JSON.parse(text));
        else reject(new Error(`${method} ${path}: ${response.statusCode} ${text}`));
      });
    });
    request.on('error', reject);
    request.end(sent);
  });
}
