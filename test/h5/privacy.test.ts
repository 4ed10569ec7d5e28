import { dropWhatIsOver, runDue } from '../../src/dialogue/privacy/run';
import { personBoundTo } from '../../src/people/identity/bindings';
import { organisationByKey } from '../../src/people/organisations';
import { book } from '../../src/services/appointments/booking';
import { markNoShows } from '../../src/services/appointments/no-shows';
import { recount } from '../../src/services/appointments/recount';
import { audited } from '../console/client';
import { anyone, startTestServer, type TestServer } from '../support/server';
import { smsCode } from './citizen-client';
import { formOf, later, registered, type Someone, someone } from './registration';

let server: TestServer;
let resourceId: number;
beforeAll(async () => {
  server = await startTestServer({ env: { ROLES: 'web', LOG_LEVEL: 'silent' } });
  const office = (await organisationByKey(server.deps.db, 'police-household'))!;
  const [row] = await server.deps.db.query<{ id: number }>(
    `INSERT INTO appointment_resources (key, organisation_id, kind, title) VALUES ('privacy', $1, 'counter', '示例窗口') RETURNING id`,
    [office.id],
  );
  resourceId = row!.id;
});
afterAll(async () => {
  expect(await recount(server.deps.db, '2000-01-01')).toEqual([]);
  await server.stop();
});

type Request = {
  id: string;
  status: string;
  dueAt: string;
  result: { title: string; erased: number; kept: number; why?: string; until?: string }[];
};
type Privacy = { phone: string | null; items: Request[] };
const run = () => runDue(server.deps.serviceDeps);
const days = (count: number) => later(server, count * 24 * 3600);

/** Asks for it as the page does: a code to the registered phone, and the code back. */
async function ask({ openid, citizen }: Someone, what: 'exports' | 'deletions') {
  later(server);
  expect((await citizen.post('/privacy/codes')).status).toBe(200);
  const answer = await citizen.post<Request>(`/privacy/${what}`, { code: await smsCode(server, openid) });
  expect(answer.status).toBe(201);
  return answer.body;
}

/** A place that begins in so many hours, booked. */
async function booked({ openid, personId }: Someone & { personId: string }, hours: number): Promise<string> {
  const { db, clock, serviceDeps, accounts } = server.deps;
  const startsAt = new Date(clock.millis() + hours * 3600_000);
  const [slot] = await db.query<{ id: string }>(
    `INSERT INTO appointment_slots (resource_id, organisation_id, pool, day, starts_at, ends_at, opens_at, capacity)
     SELECT id, organisation_id, 'online', ($2::timestamptz AT TIME ZONE 'Asia/Shanghai')::date, $2,
            $2::timestamptz + interval '30 minutes', $2::timestamptz - interval '60 days', 1
       FROM appointment_resources WHERE id = $1 RETURNING id::text`,
    [resourceId, startsAt],
  );
  const citizen = { accountId: accounts.byKey('demo')!.id, openid };
  const person = await personBoundTo(db, citizen, personId, server.deps.encryption);
  const wanted = { ...citizen, person, slotId: slot!.id, key: anyone(), at: clock.now() };
  return (await db.transaction((tx) => book(tx, wanted, serviceDeps))).id;
}

const everything = async () => {
  const tables = await server.deps.db.query<{ name: string }>(
    `SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = 'public' AND c.relkind = 'r'`,
  );
  let text = '';
  for (const { name } of tables)
    text += JSON.stringify(await server.deps.db.query(`SELECT '${name}' AS t, x.* FROM ${name} x`));
  return text;
};
const privacy = async ({ citizen }: Someone) => (await citizen.get<Privacy>('/privacy')).body;

test('a copy has everything, in the clear, for nobody else, and not for long', async () => {
  const who = await registered(server);
  const spouse = await formOf(server, who, { relation: 'spouse', name: '示例家人' });
  expect((await who.citizen.post('/persons', spouse)).status).toBe(201);
  await server.say(who.openid, '我想问一件事');
  await booked(who, 48);
  const asked = await ask(who, 'exports');
  expect(asked).toMatchObject({ status: 'waiting', kind: 'export' });
  await run();
  expect((await privacy(who)).items[0]).toMatchObject({ id: asked.id, status: 'done' });
  const data = (
    await who.citizen.get<{ sections: { title: string; rows: Record<string, string>[] }[] }>(
      `/privacy/exports/${asked.id}/data`,
    )
  ).body;
  const section = (title: string) => data.sections.find((one) => one.title === title)!.rows;
  expect(section('实名信息')).toMatchObject([
    { 姓名: '示例市民', 证件号码: who.form.document.number, 手机号: who.form.phone },
    { 关系: '配偶', 姓名: '示例家人' },
  ]);
  expect(section('预约')).toMatchObject([{ 事项: '示例窗口', 为谁: '示例市民', 状态: '已预约' }]);
  expect(section('同意过的授权说明')).toMatchObject([
    { 授权: '代家人办事', 为谁: '示例家人（配偶）', 撤回于: '', 原文: expect.stringContaining('已得到本人同意') },
    { 授权: '实名信息', 为谁: '' },
  ]);
  expect(section('与公众号的往来')).toContainEqual(expect.objectContaining({ 您: '我想问一件事' }));
  expect(data.sections.map(({ title }) => title)).toContain('提问');

  const page = await fetch(`${server.url}/api/h5/privacy/exports/${asked.id}/page`, { headers: who.citizen.headers });
  expect(page.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
  expect(await page.text()).toContain(who.form.document.number);

  const other = await someone(server);
  for (const form of ['page', 'data'])
    expect((await other.citizen.get(`/privacy/exports/${asked.id}/${form}`)).status).toBe(404);
  later(server, 24 * 3600);
  const again = await who.again();
  expect((await again.get(`/privacy/exports/${asked.id}/data`)).status).toBe(404);
  await dropWhatIsOver(server.deps.serviceDeps);
  const [kept] = await server.deps.db.query('SELECT file_sealed FROM privacy_requests WHERE id = $1', [asked.id]);
  expect(kept).toEqual({ file_sealed: null });
});

test('what a citizen wrote is words in the copy, and nothing that runs', async () => {
  const who = await registered(server);
  await server.say(who.openid, '<script>alert(1)</script>');
  const { id } = await ask(who, 'exports');
  await run();
  const page = await fetch(`${server.url}/api/h5/privacy/exports/${id}/page`, { headers: who.citizen.headers });
  const html = await page.text();
  expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(html).not.toContain('<script');
});

test('neither is had without the code of the registered phone, and copies are few a day', async () => {
  const who = await registered(server);
  for (const what of ['exports', 'deletions']) {
    expect(await who.citizen.post(`/privacy/${what}`)).toMatchObject({
      status: 422,
      body: { error: { code: 'code-needed', message: '请填写发到登记手机号的验证码' } },
    });
    expect((await who.citizen.post(`/privacy/${what}`, { code: '000000' })).status).toBe(422);
  }
  expect(await privacy(who)).toMatchObject({ phone: expect.stringMatching(/^139\*{4}\d{4}$/), items: [] });
  const stranger = await someone(server);
  expect(await privacy(stranger)).toMatchObject({ phone: null });
  for (let made = 0; made < 3; made++) {
    expect((await stranger.citizen.post('/privacy/exports')).status).toBe(201);
    await run();
  }
  expect(await stranger.citizen.post('/privacy/exports')).toMatchObject({
    status: 429,
    body: { error: { message: '每天最多导出 3 次，请明天再试' } },
  });
});

test('deletion waits, can be taken back, then ends what is under way, tells it, and leaves nothing of the citizen', async () => {
  const who = await registered(server);
  await server.say(who.openid, '提问');
  await server.say(who.openid, `我的电话 ${who.form.phone} 请回`);
  const first = await ask(who, 'deletions');
  expect(Date.parse(first.dueAt) - server.deps.clock.millis()).toBeGreaterThan(6.9 * 24 * 3600_000);
  expect((await ask(who, 'deletions')).id).toBe(first.id);
  expect((await someone(server)).citizen).toBeDefined();
  const stranger = await someone(server);
  expect((await stranger.citizen.post(`/privacy/deletions/${first.id}/withdraw`)).status).toBe(404);
  expect(await who.citizen.post(`/privacy/deletions/${first.id}/withdraw`)).toMatchObject({
    status: 200,
    body: { status: 'withdrawn' },
  });
  days(8);
  await run();
  who.citizen = await who.again();
  expect((await who.citizen.get<{ items: object[] }>('/persons')).body.items).toHaveLength(1);

  const asked = await ask(who, 'deletions');
  await booked(who, 10 * 24);
  days(8);
  await run();
  const told = await server.deps.db.query<{ kind: string | null }>(
    `SELECT body->'notice'->>'kind' AS kind FROM deliveries WHERE openid = $1 AND status <> 'failed' ORDER BY id`,
    [who.openid],
  );
  expect(told.map(({ kind }) => kind)).toContain('appointments.cancelled');
  who.citizen = await who.again();
  expect((await privacy(who)).items[0]).toMatchObject({ id: asked.id, status: 'closing' });
  expect((await who.citizen.post(`/privacy/deletions/${asked.id}/withdraw`)).status).toBe(409);
  later(server, 11 * 60);
  await run();

  const left = await everything();
  for (const trace of ['示例市民', who.form.phone, '我的电话']) expect(left).not.toContain(trace);
  const places = await server.deps.db.query<{ table: string }>(
    `SELECT 'person_bindings' AS "table" FROM person_bindings WHERE openid = $1
     UNION ALL SELECT 'consents' FROM consents WHERE openid = $1
     UNION ALL SELECT 'appointments' FROM appointments WHERE openid = $1
     UNION ALL SELECT 'questions' FROM questions WHERE openid = $1
     UNION ALL SELECT 'deliveries' FROM deliveries WHERE openid = $1
     UNION ALL SELECT 'phone_codes' FROM phone_codes WHERE openid = $1
     UNION ALL SELECT 'privacy_requests' FROM privacy_requests WHERE openid = $1`,
    [who.openid],
  );
  expect(places).toEqual([]);
  const [record] = await server.deps.db.query<{ status: string; done_at: Date; result: Request['result'] }>(
    'SELECT status, done_at, result FROM privacy_requests WHERE id = $1',
    [asked.id],
  );
  expect(record).toMatchObject({ status: 'done', done_at: expect.any(Date) });
  expect(record!.result).toContainEqual(
    expect.objectContaining({ title: '同意授权的记录', kept: 1, why: expect.any(String), until: expect.any(String) }),
  );
  const acts = ['privacy.erase.asked', 'privacy.erase.withdrawn', 'privacy.erase.done'];
  for (const act of acts) expect((await audited(server, act)).length).toBeGreaterThan(0);
  expect((await who.citizen.get('/persons')).body).toEqual({ items: [] });
});

test('who did not come stays known by the document alone until it counts no more, and is known again at once', async () => {
  const who = await registered(server);
  await booked(who, 24);
  days(3);
  await markNoShows(server.deps.serviceDeps);
  who.citizen = await who.again();
  const asked = await ask(who, 'deletions');
  days(8);
  await run();
  later(server, 11 * 60);
  await run();
  const [record] = await server.deps.db.query<{ result: Request['result'] }>(
    'SELECT result FROM privacy_requests WHERE id = $1',
    [asked.id],
  );
  expect(record!.result).toContainEqual(
    expect.objectContaining({ title: '本人和家人的实名登记', erased: 1, kept: 1, until: expect.any(String) }),
  );
  const document = async () =>
    (
      await server.deps.db.query<{ kept: boolean }>(`SELECT document_sealed <> '' AS kept FROM persons WHERE id = $1`, [
        who.personId,
      ])
    )[0]!.kept;
  expect(await document()).toBe(true);
  const back = { openid: who.openid, citizen: await who.again() };
  later(server);
  const form = await formOf(server, back, { document: who.form.document });
  expect((await back.citizen.post<{ id: string }>('/persons', form)).body.id).toBe(who.personId);
  expect((await back.citizen.delete(`/persons/${who.personId}`)).status).toBe(200);
  await dropWhatIsOver(server.deps.serviceDeps);
  expect(await document()).toBe(true);
  days(200);
  await dropWhatIsOver(server.deps.serviceDeps);
  expect(await document()).toBe(false);
});

test('who is at the counter is deleted when they have left', async () => {
  const who = await registered(server);
  const asked = await ask(who, 'deletions');
  days(8);
  const id = await booked(who, 1);
  await server.deps.db.query(`UPDATE appointments SET status = 'checked-in' WHERE id = $1`, [id]);
  await run();
  later(server, 11 * 60);
  await run();
  const statusOf = async () =>
    (
      await server.deps.db.query<{ status: string }>('SELECT status FROM privacy_requests WHERE id = $1', [asked.id])
    )[0]!.status;
  expect(await statusOf()).toBe('closing');
  days(2);
  await run();
  expect(await statusOf()).toBe('done');
});

const event = (openid: string, name: string) => server.act(openid, { event: name });
const inChat = async (openid: string) =>
  JSON.stringify(await server.deps.db.query('SELECT message, reply, sealed FROM inbox WHERE openid = $1', [openid]));
const recordOf = async (openid: string) =>
  server.deps.db.query<{ kind: string; cause: string; status: string }>(
    'SELECT kind, cause, status FROM privacy_requests WHERE openid = $1 ORDER BY asked_at',
    [openid],
  );

test('who unfollows and stays away has what came from WeChat deleted; the booking stays', async () => {
  const who = await registered(server);
  const id = await booked(who, 20 * 24);
  await server.say(who.openid, '一句心里话');
  await event(who.openid, 'unsubscribe');
  await run();
  expect(await inChat(who.openid)).toContain('一句心里话');
  days(3.1);
  await run();
  expect(await inChat(who.openid)).not.toContain('一句心里话');
  expect(await recordOf(who.openid)).toEqual([{ kind: 'forget', cause: 'unsubscribe', status: 'done' }]);
  expect(await server.deps.db.query('SELECT status FROM appointments WHERE id = $1', [id])).toEqual([
    { status: 'booked' },
  ]);
  await event(who.openid, 'subscribe');
  expect(await server.say(who.openid, '我的预约')).toEqual([expect.stringContaining('示例窗口')]);
});

test('who follows again within the time has not left', async () => {
  const openid = anyone();
  await server.say(openid, '一句心里话');
  await event(openid, 'unsubscribe');
  days(1);
  await event(openid, 'subscribe');
  days(3);
  await run();
  expect(await inChat(openid)).toContain('一句心里话');
  expect(await recordOf(openid)).toEqual([{ kind: 'forget', cause: 'unsubscribe', status: 'withdrawn' }]);
});

test('a taken-back authorisation deletes it at once, told twice once; a closed WeChat account deletes everything', async () => {
  const openid = anyone();
  await server.say(openid, '一句心里话');
  await Promise.all([event(openid, 'user_authorization_revoke'), event(openid, 'user_authorization_revoke')]);
  await run();
  expect(await inChat(openid)).not.toContain('一句心里话');
  expect(new Set((await recordOf(openid)).map(({ status }) => status))).toEqual(new Set(['done']));

  const gone = await registered(server);
  await booked(gone, 48);
  await event(gone.openid, 'user_authorization_cancellation');
  await run();
  later(server, 11 * 60);
  await run();
  expect(await recordOf(gone.openid)).toEqual([]);
  const left = await server.deps.db.query('SELECT 1 FROM person_bindings WHERE openid = $1', [gone.openid]);
  expect(left).toEqual([]);
});

test('what cannot be done now is tried again, and one that fails holds up nobody', async () => {
  const [one, two] = [await someone(server), await someone(server)];
  const broken = (await one.citizen.post<Request>('/privacy/exports')).body;
  const fine = (await two.citizen.post<Request>('/privacy/exports')).body;
  const { contributed } = server.deps.serviceDeps;
  const faulty = {
    title: '坏的',
    copy: async ({ openid }: { openid: string }) => {
      if (openid === one.openid) throw new Error('a part that fails');
      return [];
    },
    erase: async () => [],
  };
  contributed.personal.push(faulty);
  await run();
  expect((await privacy(one)).items[0]).toMatchObject({ id: broken.id, status: 'waiting' });
  expect((await privacy(two)).items[0]).toMatchObject({ id: fine.id, status: 'done' });
  contributed.personal.splice(contributed.personal.indexOf(faulty), 1);
  later(server, 6 * 60);
  await run();
  expect((await privacy(one)).items[0]).toMatchObject({ id: broken.id, status: 'done' });
});
