import { dropWhatIsOver } from '../../src/dialogue/privacy/run';
import { shanghai } from '../../src/platform/clock';
import { audited } from '../console/client';
import { smsCode, until } from './citizen-client';
import { ask, booked, days, everything, openLeaving, privacy, type Request, run, server } from './leaving';
import { formOf, later, registered, type Someone, someone } from './registration';

openLeaving();

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
      body: { error: { code: 'code-needed', fields: { code: '请填写发到登记手机号的验证码' } } },
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

test('with the session alone nobody puts a phone of their own in place of the registered one: it is asked for seven days more', async () => {
  const phone = '13700004321';
  const codeTo = async ({ openid, citizen }: Someone) => {
    later(server);
    expect((await citizen.post('/phone-codes', { phone })).status).toBe(200);
    return smsCode(server, openid);
  };
  const ways: ((who: Awaited<ReturnType<typeof registered>>) => Promise<{ status: number }>)[] = [
    async (who) => who.citizen.post(`/persons/${who.personId}/phone`, { phone, code: await codeTo(who) }),
    async (who) => who.citizen.post('/persons', { ...who.form, phone, code: await codeTo(who) }),
    (who) => who.citizen.delete(`/persons/${who.personId}`),
    (who) => who.citizen.delete('/consents/identity'),
  ];
  const { sms } = server.deps;
  const send = sms.send;
  for (const away of ways) {
    const who = await registered(server);
    const { phone: before } = await privacy(who);
    const texts: { phone: string; text: string }[] = [];
    sms.send = async (message) => {
      texts.push(message);
      await send(message);
      // Whatever becomes of this one, the change stands.
      if (message.phone === who.form.phone) throw new Error('the gateway is away');
    };
    try {
      expect([200, 201]).toContain((await away(who)).status);
    } finally {
      sms.send = send;
    }
    expect(await privacy(who)).toMatchObject({ phone: before, formerUntil: expect.any(String) });
    const told = await server.deps.db.query(
      `SELECT body -> 'message' ->> 'content' AS content FROM deliveries WHERE openid = $1 AND source = 'privacy'`,
      [who.openid],
    );
    const lastDay = shanghai(new Date(server.deps.clock.millis() + 7 * 24 * 3600_000)).slice(0, 10);
    const content = `用来确认个人信息副本和删除的手机号刚刚变了；到 ${lastDay} 仍由原来的手机确认。如果不是您本人换的，请尽快联系我们：在公众号里回复「人工」。`;
    expect(told).toEqual([{ content }]);
    expect(texts.at(-1)).toMatchObject({ phone: who.form.phone, text: content });
    expect(texts.filter((one) => one.phone !== phone)).toHaveLength(1);
    expect((await who.citizen.post('/privacy/exports')).status).toBe(422);
    expect((await who.citizen.post('/privacy/deletions', { code: await codeTo(who) })).status).toBe(422);
    await ask(who, 'exports');
    days(7);
    const later = { ...who, citizen: await who.again() };
    expect(await privacy(later)).toMatchObject({ formerUntil: null });
    expect((await privacy(later)).phone).not.toBe(before);
  }
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
  // Nobody is signed in any more as the citizen who was.
  await until(async () => (await who.citizen.get('/persons')).status === 401);
  expect((await (await who.again()).get('/persons')).body).toEqual({ items: [] });
});
