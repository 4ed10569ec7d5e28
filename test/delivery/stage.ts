import { createDelivery, type NewDelivery } from '../../src/delivery/delivery';
import { createWechatClient } from '../../src/wechat/client';
import { platformHosts } from '../../src/wechat/client/hosts';
import { anyone, startTestServer, type TestServer } from '../support/server';

/** The appointment notice as the simulated account has it, on both template channels. */
const fields = { thing1: '事项', time2: '时间', thing3: '地点', character_string4: '编号' };
export const noticeTemplates = {
  booked: {
    subscribe: { templateId: 'demo-notice-appointment', fields },
    template: { templateId: 'demo-template-appointment', fields },
  },
  templateOnly: { template: { templateId: 'demo-template-appointment', fields } },
  subscribeOnly: { subscribe: { templateId: 'demo-notice-appointment', fields } },
  wrong: { subscribe: { templateId: 'no-such-template', fields } },
};

export const notice = (kind: keyof typeof noticeTemplates) => ({
  kind,
  title: '预约成功',
  data: { 事项: '补领身份证', 时间: '2026-03-01 09:00', 地点: '城东派出所', 编号: 'A0012345' },
  url: 'https://city.example/h5/#/mine',
});

export type Stage = Awaited<ReturnType<typeof openStage>>;
type Sent = { api: string; request: Record<string, unknown>; response: { errcode: number; msgid?: string } };
type Bubble = { via: string; type: string; content?: string };

/** The whole server with the simulated platform and without a worker: what runs, and when, is the test's to say. */
export async function openStage() {
  const server = await startTestServer({ env: { ROLES: 'web', LOG_LEVEL: 'silent' } });
  const { db, accounts, clock, simulator, config } = server.deps;
  // Time stands still for the circuit while these tests jump hours ahead: it lets the next call through at once.
  const { sending } = createWechatClient({ ...server.deps, hosts: platformHosts(config), pauseMs: 0 });
  const delivery = createDelivery({ ...server.deps, wechat: sending });
  await db.query('UPDATE accounts SET settings = $1::jsonb', [JSON.stringify({ noticeTemplates })]);
  await accounts.reload();
  const account = accounts.byKey('demo')!;
  const get = async <T>(path: string) => (await (await fetch(`${server.url}${path}`)).json()) as T;

  return {
    server,
    delivery,
    sending,
    account,
    clock,
    db,
    /** A citizen whom the platform knows; `talking`: who has just written. */
    async citizen(talking: boolean): Promise<string> {
      const openid = anyone();
      if (talking) await server.say(openid, '帮助');
      else await server.act(openid, { subscribe: { templateId: 'demo-notice-answer', accept: false } });
      return openid;
    },
    allow: (openid: string) =>
      server.act(openid, { subscribe: { templateId: 'demo-notice-appointment', accept: true } }),
    send: async (openid: string, what: string | Partial<NewDelivery>) => {
      const content = typeof what === 'string' ? { message: { type: 'text' as const, content: what } } : what;
      const id = await delivery.enqueue(db, { accountId: account.id, openid, source: 'test', ...content });
      return id!;
    },
    /** A sender that remembers nothing of what the others have learnt of the platform. */
    freshSender() {
      const { sending, faults } = createWechatClient({ ...server.deps, hosts: platformHosts(config) });
      const { handlers } = createDelivery({ ...server.deps, wechat: sending });
      return {
        run: (openid: string) => handlers.deliver!({ accountId: account.id, openid }),
        faults: () => faults([account.id]),
      };
    },
    /** What a worker's job does for this citizen. */
    run: (openid: string) => delivery.handlers.deliver!({ accountId: account.id, openid }),
    /** What a worker's sweep does, after the receipts are in. */
    async sweep() {
      await delivery.sweeps[0]!.run();
      await simulator!.idle();
    },
    settled: () => simulator!.idle(),
    pass: (seconds: number) => {
      clock.offset += seconds * 1000;
    },
    fault: async (order: object) => {
      const response = await fetch(`${server.url}/simulator/faults`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(order),
      });
      if (!response.ok) throw new Error(await response.text());
    },
    noFaults: () => fetch(`${server.url}/simulator/faults`, { method: 'DELETE' }),
    async row(id: string) {
      const [row] = await db.query<Record<string, unknown>>('SELECT * FROM deliveries WHERE id = $1', [id]);
      return row!;
    },
    async session(openid: string) {
      const [row] = await db.query<Record<string, unknown>>('SELECT * FROM sessions WHERE openid = $1', [openid]);
      return row!;
    },
    /** What the platform was asked for this citizen, the oldest first. */
    sends: async (openid: string) =>
      (await get<{ sends: Sent[] }>(`/simulator/sends/demo/${openid}?limit=100`)).sends.reverse(),
    /** What the phone shows that came after a reply. */
    async delivered(openid: string) {
      const { messages } = await get<{ messages: Bubble[] }>(`/simulator/chats/demo/${openid}?limit=100`);
      return messages.filter(({ via }) => ['custom', 'template', 'subscribe'].includes(via));
    },
    async texts(openid: string) {
      return (await this.delivered(openid)).map(({ via, content }) => content ?? `[${via}]`);
    },
    close: () => server.stop(),
  };
}

export const anotherWorker = (server: TestServer) =>
  startTestServer({
    env: { ROLES: 'worker', LOG_LEVEL: 'silent', WECHAT_API_URL: `${server.url}/simulator` },
    databaseUrl: server.databaseUrl,
  });
