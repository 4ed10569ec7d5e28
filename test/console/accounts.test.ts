import { toDataURL } from 'qrcode';
import { consoleContracts } from '../../src/console';
import { anyone, startTestServer, type TestServer } from '../support/server';
import { addStaff, audited, type Client, signIn } from './client';

let server: TestServer;
let admin: Client;

const secrets = {
  secret: 'hospital-secret-0123456789',
  token: 'HospitalToken01',
  aesKey: 'Q7rT2mZx9Lw4KpV8sYc1NdGf6HjB3aEuRi5OtMqSzXb',
};
const hospital = {
  key: 'hospital',
  title: '示例市第一医院',
  organisation: 'hospital-first',
  appid: 'wx1234567890abcdef',
  originalId: 'gh_1234567890ab',
  mode: 'safe',
  ...secrets,
};

beforeAll(async () => {
  server = await startTestServer();
  admin = await signIn(server, 'admin');
  await addStaff(server, 'hospital-admin', 'admin', 'hospital-first');
  await addStaff(server, 'police-operator', 'operator', 'police');
});
afterAll(() => server?.stop());

const keysSeenBy = async (username: string) => {
  const { body } = await (await signIn(server, username)).get('/accounts');
  return (body as { accounts: { key: string }[] }).accounts.map(({ key }) => key);
};

test('an admin adds an account to an organisation; it is seen there and above, not elsewhere', async () => {
  expect(await admin.send('POST', '/accounts', hospital)).toMatchObject({ status: 201 });
  expect(await audited(server, 'account.add')).toMatchObject([
    { subject: 'account:hospital', username: 'admin', address: expect.stringContaining('127.0.0.1') },
  ]);
  expect(await keysSeenBy('admin')).toEqual(['demo', 'hospital']);
  expect(await keysSeenBy('hospital-admin')).toEqual(['hospital']);
  expect(await keysSeenBy('police-operator')).toEqual([]);

  const police = await signIn(server, 'police-operator');
  for (const path of [
    '/accounts/hospital',
    '/chats/hospital',
    '/deliveries?account=hospital',
    '/menu?account=hospital',
  ])
    expect([path, (await police.get(path)).status]).toEqual([path, 404]);
  const clinic = await signIn(server, 'hospital-admin');
  expect((await clinic.send('POST', '/accounts/demo/rotate', { mode: 'plain' })).status).toBe(404);
});

test('an account cannot be put where one has no say, nor twice', async () => {
  const clinic = await signIn(server, 'hospital-admin');
  expect(await clinic.send('POST', '/accounts', { ...hospital, key: 'other', organisation: 'police' })).toMatchObject({
    status: 422,
    body: { error: { fields: { organisation: expect.any(String) } } },
  });
  expect((await admin.send('POST', '/accounts', { ...hospital, key: 'again' })).status).toBe(409);
  expect(await admin.send('POST', '/accounts', { ...hospital, aesKey: 'short', appid: 'x' })).toMatchObject({
    status: 422,
    body: { error: { fields: { aesKey: '应为 43 个英文字母或数字', appid: expect.stringContaining('wx') } } },
  });
});

test('a new token and key are taken beside the old ones until the rotation is ended', async () => {
  const fresh = { token: 'HospitalToken02', aesKey: 'a'.repeat(43) };
  expect((await admin.send('POST', '/accounts/hospital/rotate', fresh)).status).toBe(200);
  expect(server.deps.accounts.byKey('hospital')).toMatchObject({
    tokens: [fresh.token, secrets.token],
    aesKeys: [fresh.aesKey, secrets.aesKey],
  });
  expect((await admin.get('/accounts/hospital')).body).toMatchObject({ rotating: true });
  expect((await admin.send('POST', '/accounts/hospital/end-rotation')).status).toBe(200);
  expect(server.deps.accounts.byKey('hospital')).toMatchObject({ tokens: [fresh.token], aesKeys: [fresh.aesKey] });
  expect(await audited(server, 'account.rotate')).toMatchObject([{ detail: { replaced: ['token', 'aesKey'] } }]);
  expect(await audited(server, 'account.end-rotation')).toHaveLength(1);
  expect((await admin.send('POST', '/accounts/hospital/rotate', {})).status).toBe(422);
});

test('an admin corrects what an account is called and set to; what is not named stays', async () => {
  const edit = (change: object) => admin.send('PATCH', '/accounts/hospital', change);
  const noticeTemplates = { 'lost.found': { subscribe: { templateId: 'T1', fields: { thing1: '物品' } } } };
  expect((await edit({ title: '示例市第一医院服务号', noticeTemplates })).status).toBe(200);
  // Another process has set something that this one has not heard of yet.
  await server.deps.db.query(
    `UPDATE accounts SET settings = settings || '{"freshnessSeconds":200}' WHERE key = 'hospital'`,
  );
  expect((await edit({ noticeTemplates })).status).toBe(200);
  expect((await admin.get('/accounts/hospital')).body).toMatchObject({ freshnessSeconds: 200 });
  expect((await edit({ freshnessSeconds: 300 })).status).toBe(200);
  expect((await admin.get('/accounts/hospital')).body).toMatchObject({
    title: '示例市第一医院服务号',
    appid: hospital.appid,
    freshnessSeconds: 300,
    noticeTemplates,
  });
  expect((await edit({ appid: 'wxfedcba0987654321', freshnessSeconds: null })).status).toBe(200);
  expect(server.deps.accounts.byKey('hospital')).toMatchObject({
    appid: 'wxfedcba0987654321',
    settings: { noticeTemplates },
  });
  expect((await edit({ appid: server.deps.accounts.byKey('demo')!.appid })).status).toBe(409);
  for (const wrong of [{}, { title: '' }, { originalId: 'x' }, { noticeTemplates: { 'lost.found': {} } }])
    expect([wrong, (await edit(wrong)).status]).toEqual([wrong, 422]);
  expect((await audited(server, 'account.edit')).map(({ detail }) => Object.keys(detail))).toEqual([
    ['appid', 'freshnessSeconds'],
    ['freshnessSeconds'],
    ['noticeTemplates'],
    ['title', 'noticeTemplates'],
  ]);
  const operator = await signIn(server, 'operator');
  expect((await operator.send('PATCH', '/accounts/hospital', { title: '别的' })).status).toBe(403);
});

test('for whoever chooses templates: every kind of notice that the services send, and what its fields are filled from', async () => {
  const { items } = (await admin.get('/notice-kinds')).body as { items: { kind: string; fields: string[] }[] };
  expect(items).toContainEqual({
    kind: 'cases.moved',
    service: '办件进度',
    title: '办件进度',
    fields: ['事项', '编号', '进度', '时间', '说明'],
  });
  const { settings } = server.deps.accounts.byKey('demo')!;
  for (const [kind, chosen] of Object.entries(settings.noticeTemplates ?? {})) {
    const { fields } = (chosen as { template: { fields: Record<string, string> } }).template;
    expect(items.find((one) => one.kind === kind)?.fields).toEqual(expect.arrayContaining(Object.values(fields)));
  }
});

test('an account that is disabled is unknown to callbacks until it is enabled again', async () => {
  const callback = async () => (await fetch(`${server.url}/wechat/hospital`)).status;
  expect(await callback()).not.toBe(404);
  expect((await admin.send('POST', '/accounts/hospital/disable')).status).toBe(200);
  expect(await callback()).toBe(404);
  expect((await admin.get('/accounts')).body).toMatchObject({
    accounts: [{ key: 'demo' }],
    disabled: [{ key: 'hospital' }],
  });
  expect((await admin.send('POST', '/accounts', hospital)).status).toBe(409);
  expect((await admin.send('POST', '/accounts/hospital/enable')).status).toBe(200);
  expect(await callback()).not.toBe(404);
  expect((await admin.send('POST', '/accounts/hospital/enable')).status).toBe(404);
  expect(await audited(server, 'account.disable')).toHaveLength(1);
  expect(await audited(server, 'account.enable')).toHaveLength(1);
});

test('trying an account says step by step what the platform answered', async () => {
  const good = await admin.send('POST', '/accounts/demo/test');
  expect((good.body as { steps: { ok: boolean }[] }).steps.map(({ ok }) => ok)).toEqual([true, true]);
  await admin.send('POST', '/accounts/hospital/rotate', { secret: 'changed-on-our-side-only' });
  const { status, body } = await admin.send('POST', '/accounts/hospital/test');
  expect(status).toBe(200);
  expect(JSON.stringify(body)).not.toContain('changed-on-our-side-only');
});

test('a QR code that an operator makes with a scene leads to the service', async () => {
  const operator = await signIn(server, 'operator');
  const { items } = (await operator.get('/scenes')).body as { items: { scene: string }[] };
  expect(items).toContainEqual({
    scene: 'questions',
    kind: 'service',
    title: '我要提问',
    effect: '已关注的市民扫了，直接打开「我要提问」；没关注的先关注，收到「关注后的欢迎语」，接着打开「我要提问」。',
  });
  expect(items).toContainEqual(expect.objectContaining({ scene: 'hospital', kind: 'text' }));
  const make = (body: object) => operator.send('POST', '/accounts/demo/qrcodes', body);
  const { status, body } = await make({ scene: 'questions', days: 30 });
  const { address, image, expiresAt } = body as { address: string; image: string; expiresAt: string };
  expect(status).toBe(201);
  expect(image).toBe(await toDataURL(address, { margin: 4, width: 860, errorCorrectionLevel: 'M' }));
  expect((Date.parse(expiresAt) - server.deps.clock.millis()) / 86_400_000).toBeCloseTo(30, 1);
  expect((await make({ scene: 'street-7', days: null })).body).toMatchObject({
    expiresAt: null,
    effect: expect.stringContaining('没有服务或文字用这个场景值'),
  });
  expect(await server.deps.db.query('SELECT scene, url FROM simulator.qr_codes ORDER BY made_at')).toEqual([
    { scene: 'questions', url: address },
    { scene: 'street-7', url: expect.any(String) },
  ]);
  expect(await audited(server, 'account.qr-code')).toMatchObject([
    { username: 'operator', subject: 'account:demo', detail: { scene: 'street-7', days: null } },
    { username: 'operator', subject: 'account:demo', detail: { scene: 'questions', days: 30 } },
  ]);

  const [asked] = await server.say(anyone(), '我要提问');
  const citizen = anyone();
  const scan = async () => (await server.act(citizen, { scan: { scene: 'questions' } })).replies[0]!.content!;
  const followed = await scan();
  expect([followed.includes('欢迎关注'), followed.endsWith(asked!)]).toEqual([true, true]);
  await server.say(citizen, '取消');
  expect(await scan()).toBe(asked);
  // Its first question is as open as when it was asked for by name.
  expect((await server.say(citizen, '排队人数'))[0]).toContain('已离开刚才的办理');
});

test('a scene that WeChat would not take, an account of others, and what the platform refuses make no QR code', async () => {
  const operator = await signIn(server, 'operator');
  const before = await audited(server, 'account.qr-code');
  for (const [wrong, field] of [
    [{ scene: '医院', days: null }, 'scene'],
    [{ scene: 'x'.repeat(65), days: null }, 'scene'],
    [{ scene: 'x', days: 31 }, 'days'],
  ] as const)
    expect(await operator.send('POST', '/accounts/demo/qrcodes', wrong)).toMatchObject({
      status: 422,
      body: { error: { fields: { [field]: expect.stringMatching(/\p{Script=Han}/u) } } },
    });
  const good = { scene: 'cases', days: null };
  const police = await signIn(server, 'police-operator');
  expect((await police.send('POST', '/accounts/demo/qrcodes', good)).status).toBe(404);
  expect((await admin.send('POST', '/accounts/demo/qrcodes', good)).status).toBe(403);
  await fetch(`${server.url}/simulator/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ api: 'qrcode/create', kind: '45009', times: 1 }),
  });
  expect(await operator.send('POST', '/accounts/demo/qrcodes', good)).toMatchObject({
    status: 409,
    body: { error: { message: expect.stringContaining('微信没有接受：今天的接口调用次数已用完') } },
  });
  expect(await audited(server, 'account.qr-code')).toEqual(before);
});

test('no secret ever comes out again, by any route, for anyone, nor by the audit trail', async () => {
  const accounts = server.deps.accounts.list();
  const hidden = [...Object.values(secrets), ...accounts.flatMap((one) => [one.secret, ...one.tokens, ...one.aesKeys])];
  const tries = consoleContracts.filter(({ method }) => method === 'get').map(({ path }) => path);
  for (const username of ['admin', 'operator', 'auditor', 'supervisor']) {
    const someone = await signIn(server, username);
    for (const path of tries) {
      const filled = path.replace(':key', 'hospital').replace(':account', 'hospital').replace(/:\w+/, '1');
      const told = JSON.stringify((await someone.get(`${filled}?account=hospital`)).body);
      for (const secret of hidden) expect([path, told.includes(secret)]).toEqual([path, false]);
    }
  }
  const trail = JSON.stringify(await server.deps.db.query('SELECT * FROM audit'));
  for (const secret of hidden) expect(trail).not.toContain(secret);
  const [stored] = await server.deps.db.query(`SELECT * FROM accounts WHERE key = 'hospital'`);
  for (const secret of hidden) expect(JSON.stringify(stored)).not.toContain(secret);
});

test('the audit trail is read by auditors, newest first, page by page, and cannot be changed', async () => {
  const auditor = await signIn(server, 'auditor');
  const first = (await auditor.get('/audit?limit=2')).body as { items: { id: string }[]; next: string };
  const second = (await auditor.get(`/audit?limit=2&after=${first.next}`)).body as typeof first;
  const ids = [...first.items, ...second.items].map(({ id }) => Number(id));
  expect(ids).toEqual([...ids].sort((one, other) => other - one));
  expect(new Set(ids).size).toBe(4);
  const accounts = (await auditor.get('/audit?action=account&staff=admin')).body as {
    items: { action: string }[];
  };
  expect(accounts.items.every(({ action }) => action.startsWith('account.'))).toBe(true);
  expect((await auditor.get('/audit?after=bm90IG91cnM')).status).toBe(422);
  for (const statement of ['UPDATE audit SET action = action', 'DELETE FROM audit', 'TRUNCATE audit'])
    await expect(server.deps.db.query(statement)).rejects.toThrow('only be added to');
});
