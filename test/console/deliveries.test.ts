import type { Status } from '../../src/delivery/row';
import { anyone, startTestServer, type TestServer } from '../support/server';
import { addStaff, audited, type Client, signIn } from './client';

let server: TestServer;
let operator: Client;
beforeAll(async () => {
  // nothing is to send what stands here
  server = await startTestServer({ env: { ROLES: 'web' } });
  operator = await signIn(server, 'operator');
  await addStaff(server, 'police-operator', 'operator', 'police');
});
afterAll(() => server?.stop());

type Listed = { items: { id: string; text: string; status: Status; personal: boolean }[]; next: string | null };
const list = async (query: string) => (await operator.get(`/deliveries?account=demo&${query}`)).body as Listed;

async function deliver(openid: string, content: string, status: Status = 'queued'): Promise<string> {
  const { db, delivery, accounts } = server.deps;
  const accountId = accounts.byKey('demo')!.id;
  const id = await db.transaction((tx) =>
    delivery.enqueue(tx, { accountId, openid, message: { type: 'text', content }, source: 'test' }),
  );
  await db.query('UPDATE deliveries SET status = $2 WHERE id = $1', [id, status]);
  return id!;
}

test('the list: by status, by citizen, page by page', async () => {
  const citizen = anyone();
  const ids: string[] = [];
  for (const status of ['failed', 'delivered', 'failed', 'waiting'] as const)
    ids.push(await deliver(citizen, `消息 ${status}`, status));
  const all = await list(`openid=${citizen}`);
  expect(all.items.map(({ id }) => id)).toEqual([...ids].reverse());
  expect((await list(`openid=${citizen}&status=failed`)).items.map(({ text }) => text)).toEqual([
    '消息 failed',
    '消息 failed',
  ]);
  const first = await list(`openid=${citizen}&limit=3`);
  const second = await list(`openid=${citizen}&limit=3&after=${first.next}`);
  expect([...first.items, ...second.items].map(({ id }) => id)).toEqual([...ids].reverse());
  expect(second.next).toBeNull();
  expect((await operator.get('/deliveries?account=demo&status=lost')).status).toBe(422);
});

test('they stand in the chat of the citizen, where they were sent', async () => {
  const citizen = anyone();
  await server.say(citizen, '你好');
  await deliver(citizen, '您的预约已确认', 'delivered');
  const { body } = await operator.get(`/chats/demo/${citizen}`);
  expect((body as { items: { kind: string }[] }).items).toMatchObject([
    { kind: 'callback' },
    { kind: 'delivery', delivery: { text: '您的预约已确认', status: 'delivered' } },
  ]);
});

test('one that has not arrived is sent again, on record; one that has is not', async () => {
  const failed = await deliver(anyone(), '没送到', 'failed');
  const arrived = await deliver(anyone(), '送到了', 'delivered');
  expect((await operator.send('POST', `/deliveries/${failed}/resend`)).status).toBe(200);
  expect((await operator.get(`/deliveries/${failed}`)).body).toMatchObject({ status: 'queued', account: 'demo' });
  expect(await operator.send('POST', `/deliveries/${arrived}/resend`)).toMatchObject({ status: 409 });
  expect(await audited(server, 'delivery.resend')).toMatchObject([
    { subject: `delivery:${failed}`, username: 'operator' },
  ]);
  const police = await signIn(server, 'police-operator');
  expect((await police.get(`/deliveries/${failed}`)).status).toBe(404);
  expect((await police.send('POST', `/deliveries/${failed}/resend`)).status).toBe(404);
});

test('one that names a person is hidden; reading it takes a reason and leaves a trace', async () => {
  const id = await deliver(anyone(), '请带身份证 11010519491231002X 前来', 'delivered');
  const shown = await operator.get(`/deliveries/${id}`);
  expect(shown.body).toMatchObject({ personal: true });
  expect(JSON.stringify(shown.body)).not.toContain('11010519491231002X');
  const opened = await operator.send('POST', `/deliveries/${id}/reveal`, { reason: '市民来电核对' });
  expect(JSON.stringify(opened.body)).toContain('11010519491231002X');
  expect(await audited(server, 'delivery.reveal')).toMatchObject([
    { subject: `delivery:${id}`, detail: { reason: '市民来电核对' } },
  ]);
});
