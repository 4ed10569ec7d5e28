import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import { createClock } from '../../src/platform/clock';
import { openDatabase } from '../../src/platform/database';
import { openEvents } from '../../src/platform/events';
import { createLog } from '../../src/platform/log';
import { advanceClock, followSharedClock } from '../../src/platform/shared-clock';
import { createSimulator, type SimulatedAccount, type SimulatorDeps } from '../../src/simulator';
import { renderReply } from '../../src/wechat/reply';
import { parseXml } from '../../src/wechat/xml';
import { cloneDatabase } from '../support/database';

export const demo: SimulatedAccount = {
  key: 'demo',
  title: '示例政务服务号',
  appid: 'wxstand00000000001',
  secret: 'stand-secret',
  originalId: 'gh_stand0001',
  mode: 'plain',
  token: 'stand-token',
  aesKey: 'StandStandStandStandStandStandStandStand123',
};

export type Received = { query: URLSearchParams; body: string };
export type Answer = { status?: number; body?: string };

type Button = { name: string; key?: string; sub_button: { list: Button[] } };

/** Whatever the platform or the phone may answer: a test reads the parts it asked for. */
export type Told = {
  errcode: number;
  errmsg: string;
  error: string;
  access_token: string;
  refresh_token: string;
  expires_in: number;
  ticket: string;
  url: string;
  openid: string;
  media_id: string;
  menuid: string;
  publish_id: string;
  publish_status: number;
  image_count: number;
  tag: { id: number };
  tagid_list: number[];
  item: object[];
  news_item: object[];
  data: { openid: string[] };
  selfmenu_info: { button: Button[] };
  menu: Button[];
  citizens: { openid: string; unread: number }[];
  messages: { id: number; content: string }[];
  replies: object[];
  attempts: number;
  traceId: number;
  traces: { attempt: number; status: number | null; plainXml: string; plainResponseXml: string; requestUrl: string }[];
  sends: object[];
  faults: { fired: number }[];
  offset: number;
};

/** The simulator on a port of its own, a real database, and a little server in the place of ours that answers as a test tells it. */
export async function openStand(options: Partial<SimulatorDeps> & { account?: Partial<SimulatedAccount> } = {}) {
  const database = await cloneDatabase();
  const callback = await openCallback();
  const account = { ...demo, ...options.account };
  const first = await openSimulator(database.url, callback.url, account, options);
  const others: Awaited<ReturnType<typeof openSimulator>>[] = [];
  return {
    ...first,
    account,
    callback,
    /** a second process on the same database */
    another: async () => {
      const other = await openSimulator(database.url, callback.url, account, options);
      others.push(other);
      return other;
    },
    close: async () => {
      callback.release();
      for (const one of [...others, first]) await one.stop();
      await callback.stop();
      await database.drop();
    },
  };
}

async function openSimulator(
  url: string,
  callbackBase: string,
  account: SimulatedAccount,
  options: Partial<SimulatorDeps>,
) {
  const log = createLog('silent');
  const db = await openDatabase(url, log);
  const events = await openEvents(url, db, log);
  const clock = createClock();
  await followSharedClock({ db, events, clock });
  const server = createServer();
  const base = await listen(server);
  const simulator = createSimulator({
    db,
    clock,
    events,
    log,
    advance: (seconds) => advanceClock(seconds, { db, events, clock }),
    publicUrl: base,
    callbackBase,
    accounts: { list: async () => [account], byKey: async (key) => (key === account.key ? account : undefined) },
    retryDelayMs: 1,
    pushTimeoutMs: 2000,
    ...options,
  });
  const app = new Koa();
  app.use(simulator.routes);
  server.on('request', app.callback());

  const json = async (path: string, init?: RequestInit) =>
    (await fetch(`${base}/simulator/${path}`, init)).json() as Promise<Told>;
  const post = (path: string, body: unknown) => json(path, { method: 'POST', body: JSON.stringify(body) });
  let token = '';
  return {
    base,
    clock,
    db,
    simulator,
    get: (path: string) => json(path),
    post,
    /** Acts as a citizen. */
    act: (openid: string, form: object) => post(`chats/demo/${openid}`, form),
    chat: async (openid: string) =>
      (await json(`chats/demo/${openid}`)).messages as unknown as Record<string, unknown>[],
    advance: (seconds: number) => post('clock', { advance: seconds }),
    fault: (fault: object) => post('faults', fault),
    /** Calls the platform with a good token. */
    api: async (path: string, body?: unknown) => {
      token ||= (
        await json(`cgi-bin/token?grant_type=client_credential&appid=${account.appid}&secret=${account.secret}`)
      ).access_token;
      const address = `${path}${path.includes('?') ? '&' : '?'}access_token=${token}`;
      return body === undefined ? json(address) : post(address, body);
    },
    renew: () => {
      token = '';
    },
    stop: async () => {
      await simulator.close();
      await close(server);
      await events.close();
      await db.close();
    },
  };
}

/** Stands where `/wechat/:account` will: keeps what comes and answers as told, with `success` until then. */
async function openCallback() {
  const received: Received[] = [];
  let answer: (request: Received, turn: number) => Answer | Promise<Answer> = () => ({});
  let waiting: (() => void)[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { searchParams: query } = new URL(request.url!, 'http://callback');
    const one = { query, body: Buffer.concat(chunks).toString() };
    const turn = received.push(one);
    const { status = 200, body = 'success' } = await answer(one, turn);
    response.writeHead(status).end(body);
  });
  return {
    url: await listen(server),
    received,
    answers: (told: typeof answer) => {
      received.length = 0;
      answer = told;
    },
    /** An answer that does not come before `release`. */
    hang: () =>
      new Promise<Answer>((resolve) => {
        waiting.push(() => resolve({}));
      }),
    release: () => {
      for (const go of waiting) go();
      waiting = [];
    },
    stop: () => close(server),
  };
}

/** A text to whoever wrote. */
export function replyText(request: Received, content: string): Answer {
  const push = parseXml(request.body);
  const address = { to: String(push.FromUserName), from: String(push.ToUserName), createTime: Number(push.CreateTime) };
  return { body: renderReply({ type: 'text', content }, address) };
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function close(server: Server) {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
