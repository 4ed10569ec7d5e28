import { descriptionContract } from '../../../src/services/cases/remote/description';
import { outgoing, requestContract } from '../../../src/services/cases/remote/request';
import { addStaff, audited, type Client, signIn } from '../../console/client';
import { type BackEnd, describe as described, openBackEnd, signedOffice } from './back-end';
import { idCard, type Office, openOffice } from './office';

const prefix = '/services/cases/remotes';
let office: Office;
let end: BackEnd;
let operator: Client;
let police: number;
beforeAll(async () => {
  office = await openOffice();
  end = await openBackEnd();
  const { settings } = office.deps;
  await settings.set('cases.remote', { freshSeconds: 0, localHosts: [end.host] });
  await addStaff(office.server, 'police-operator', 'operator', 'police');
  operator = await signIn(office.server, 'police-operator');
  police = (await office.db.query<{ id: number }>(`SELECT id FROM organisations WHERE key = 'police'`))[0]!.id;
});
afterAll(async () => {
  await end?.close();
  await office?.close();
});

const fields = (body: unknown) => (body as { error: { fields: Record<string, string> } }).error.fields;
const add = (key: string, more: object = {}) =>
  operator.send('POST', prefix, {
    key,
    title: '示例车管后台',
    organisationId: police,
    description: { ...described(end.url), auth: { kind: 'bearer' }, ...more },
    secret: 'very-secret-token',
  });
/** What is asked of a description before it is kept. */
const asking = (more: object = {}) => ({
  id: null,
  organisationId: police,
  description: described(end.url),
  number: 'CG20260002',
  factor: '',
  reason: '核对新接口',
  ...more,
});

test('described, tried, switched on, seen by citizens, switched off; the secret is never read back; all of it audited', async () => {
  const [number, { number: id }] = ['CG20260001', idCard()];
  const made = await add('test-vehicles');
  expect(made.status).toBe(201);
  const { id: source } = made.body as { id: number };
  const path = `${prefix}/${source}`;
  expect((await add('test-vehicles')).status).toBe(409);
  const whole = await operator.get(path);
  expect(whole.body).toMatchObject({ title: '示例车管后台', on: false, hasSecret: true, baseUrl: `${end.url}/api` });
  expect(JSON.stringify(whole.body)).not.toContain('very-secret-token');

  end.json({
    code: '0',
    phone: '13800138000',
    echo: 'very-secret-token',
    data: { no: number, id, state: 'Z', at: '2026-03-01' },
  });
  const { description } = whole.body as { description: object };
  const ask = asking({ id: source, description, number, factor: id.slice(-4) });
  const tried = await operator.send('POST', `${prefix}/try`, ask);
  expect(tried.body).toMatchObject({
    status: 200,
    fault: null,
    request: { method: 'GET', headers: { authorization: 'Bearer ••••••' } },
    cases: [{ number, title: '普通护照', matches: true, faults: ['状态「Z」没有对应，照原样显示'] }],
  });
  expect(end.asked.at(-1)!.headers.authorization).toBe('Bearer very-secret-token');
  for (const hidden of ['very-secret-token', id, '13800138000'])
    expect(JSON.stringify(tried.body)).not.toContain(hidden);

  const citizen = await office.citizen();
  const find = async () =>
    (await citizen.post<{ item: object | null }>('/cases/find', { number, factor: id.slice(-4) })).body.item;
  expect(await find()).toBeNull();
  expect((await operator.send('POST', `${path}/switch`, { on: true })).status).toBe(200);
  expect(await find()).toMatchObject({ number, state: 'Z' });
  const states = { ...described('').mapping, kinds: { '*': { kind: 'passport', states: { Z: 'refused' } } } };
  expect(
    (await operator.send('PUT', path, { title: '示例车管', description: { ...description, mapping: states } })).status,
  ).toBe(200);
  expect(await find()).toMatchObject({ state: '不予签发' });
  await operator.send('POST', `${path}/switch`, { on: false });
  expect(await find()).toBeNull();

  const trail = await Promise.all(
    ['add', 'try', 'change', 'switch-on', 'switch-off'].map((act) => audited(office.server, `case-source.${act}`)),
  );
  expect(trail.map(([row]) => row?.username)).toEqual(Array(5).fill('police-operator'));
  expect(trail[2]![0]!.detail).toMatchObject({ changed: ['mapping'], secret: false });
  expect(JSON.stringify(trail)).not.toContain('very-secret-token');
  expect(JSON.stringify(trail)).not.toContain(number);
});

test('what is wrong with a description is told at its place; an answer that cannot be read, in words', async () => {
  const wrong = await add('test-wrong', {
    baseUrl: 'ftp://x',
    byNumber: { path: '/x/{nr}' },
    mapping: { number: 'a..b', state: 's', at: 't', kinds: { '*': { kind: 'passport', states: { A: 'nowhere' } } } },
  });
  expect([wrong.status, Object.keys(fields(wrong.body)).sort()]).toEqual([
    422,
    [
      'description.baseUrl',
      'description.byNumber',
      'description.byNumber.path',
      'description.mapping.document',
      'description.mapping.kinds.*.states.A',
      'description.mapping.number',
    ],
  ]);
  const contradicting = await add('test-wrong', {
    verify: 'office',
    byNumber: { path: '/x' },
    mapping: { number: 'n', kinds: described('').mapping.kinds },
  });
  expect(fields(contradicting.body)).toMatchObject({
    'description.byNumber': '请求里要有 {number}',
    'description.mapping.state': '请填写路径，或写明经过（steps）',
  });
  const tried = async (answer: () => void, description: object = {}) => {
    answer();
    const body = asking({ description: { ...described(end.url), ...description } });
    return (await operator.send('POST', `${prefix}/try`, body)).body as {
      fault: string | null;
      cases: { faults: string[]; matches: boolean }[];
    };
  };
  expect((await tried(() => end.bytes('<html>oops'))).fault).toContain('不是 JSON');
  expect((await tried(() => end.json({ code: '404' }))).fault).toContain('没有这件');
  const { mapping } = described('');
  const bad = { no: 'CG20260002', id: 'x', state: 'A', at: '昨天', kind: 'K9' };
  expect(
    (
      await tried(() => end.json({ code: '0', data: bad }), {
        mapping: { ...mapping, kind: 'kind', kinds: { K1: mapping.kinds['*'] } },
      })
    ).cases,
  ).toMatchObject([{ matches: false, faults: ['kind：办件类型「K9」没有对应', 'at 的时间不是约定的写法（iso）'] }]);
  // No date at all, as programs write it, and a slip of the pen.
  const absurd = { ...bad, at: '1900-01-01T00:00:00+08:00', due: '2099-01-01T00:00:00Z' };
  const [one] = (await tried(() => end.json({ code: '0', data: absurd }), { mapping: { ...mapping, due: 'due' } }))
    .cases;
  const range = expect.stringMatching(/ 的时间应在 1990-01-01 00:00 和 20\d\d-\d\d-\d\d \d\d:\d\d 之间$/);
  expect(one!.faults).toEqual([range, range]);
  expect(one!.faults.map((fault) => fault.split(' ')[0])).toEqual(['at', 'due']);
});

test('to try it takes a reason and is not done without end; whoever runs the system sees structures, and no contents', async () => {
  const [number, { number: id }] = ['CG20260009', idCard()];
  const data = { no: number, id, name: '示例 市民', state: 'Z张', at: '2026-03-01', list: ['秘密', 1234.5, null] };
  end.json({ code: '0', data });
  const ask = asking({ number, factor: id.slice(-4) });
  await addStaff(office.server, 'police-admin', 'admin', 'police');
  const admin = await signIn(office.server, 'police-admin');
  const post = (by: Client, more: object = {}) => by.send('POST', `${prefix}/try`, { ...ask, ...more });
  expect(fields((await post(admin, { reason: '看' })).body)).toEqual({ reason: '请写明试用的理由，至少 4 个字' });
  const { body } = await post(admin);
  expect(body).toMatchObject({
    status: 200,
    cases: [
      {
        number: '**********',
        title: '普通护照',
        state: '**',
        matches: null,
        faults: ['状态「**」没有对应，照原样显示'],
      },
    ],
  });
  const { raw } = body as { raw: string };
  expect(raw).toContain('"name":"** **"');
  expect(raw).toContain('"at":"****-**-**"');
  expect(raw).toContain('"list":["**",****.*,****]');
  for (const hidden of [id, '市民', '秘密', '张', '1234']) expect(JSON.stringify(body)).not.toContain(hidden);
  const xml = '<?xml version="1.0"?><r 号="机密"><!-- 机密 --><名>机密</名><t><![CDATA[机密<b>机密]]></t></r>';
  end.bytes(xml);
  expect(await post(admin, { description: { ...described(end.url), format: 'xml' } })).toMatchObject({
    body: { raw: '<?xml version="*.*"?><r 号="**"><!-- ** --><名>**</名><t><![*****[**<*>**]]></t></r>' },
  });
  end.json({ code: '0', data });
  expect((await post(operator)).body).toMatchObject({
    raw: expect.stringContaining('示例 市民'),
    cases: [{ matches: true }],
  });
  const trail = (await audited(office.server, 'case-source.try')).slice(0, 2);
  expect(trail).toMatchObject([
    { username: 'police-operator', detail: { reason: '核对新接口', sees: 'contents' } },
    { username: 'police-admin', detail: { reason: '核对新接口', sees: 'structure' } },
  ]);
  const statuses = new Set<number>();
  for (let left = 30; left > 0; left--) statuses.add((await post(admin)).status);
  expect([...statuses]).toEqual([200, 429]);
  expect((await post(operator)).status).toBe(200);
});

test('a secret that was entered for one host goes to no other', async () => {
  const { id } = (await add('test-hosts')).body as { id: number };
  const elsewhere = { ...described('http://10.9.9.9'), auth: { kind: 'bearer' } };
  const put = (secret?: string) =>
    operator.send('PUT', `${prefix}/${id}`, { title: '示例', description: elsewhere, secret });
  expect(fields((await put()).body)).toEqual({ secret: '换了主机，请重新填写密钥' });
  const tried = await operator.send('POST', `${prefix}/try`, asking({ id, description: elsewhere }));
  expect(fields(tried.body)).toEqual({ secret: '换了主机，请重新填写密钥' });
  expect((await put('another')).status).toBe(200);
});

describe('requests that are signed', () => {
  const auth = {
    kind: 'hmac',
    keyId: 'weiban',
    headers: { key: 'X-Office-Key', timestamp: 'X-Office-Timestamp', signature: 'X-Office-Signature' },
  };
  const [secret, number, code] = ['demo-backoffice-secret', 'CR20260007', '975310'];
  const description = () => ({ ...signedOffice(office.server.url), auth });
  const post = (path: string, body: object) => operator.send('POST', `${prefix}${path}`, body);
  const fresh = () => ({ key: 'test-signed', title: '示例出入境', organisationId: police, description: description() });
  const tryIt = async (more: object) => {
    const asked = asking({ description: description(), number, factor: code, ...more });
    return (await post('/try', asked)).body as { status: number; request: { headers: object }; cases: object[] };
  };

  test('the office takes them with a query and with a body, and no others; the secret goes nowhere', async () => {
    const { settings, db, encryption } = office.deps;
    const hosts = [end.host, new URL(office.server.url).host];
    await settings.set('cases.remote', { freshSeconds: 0, localHosts: hosts });
    expect(await tryIt({ secret: 'another-secret' })).toMatchObject({ status: 401, cases: [] });
    expect(
      await tryIt({ secret, description: { ...description(), auth: { ...auth, keyId: 'nobody' } } }),
    ).toMatchObject({
      status: 401,
    });
    const tried = await tryIt({ secret });
    expect(tried).toMatchObject({
      status: 200,
      request: { headers: { 'x-office-key': 'weiban', 'x-office-signature': '••••••' } },
      cases: [{ number, title: '往来港澳台通行证及签注', matches: true }],
    });
    expect(JSON.stringify(tried)).not.toContain(secret);

    const { id } = (await post('', { ...fresh(), secret })).body as { id: number };
    const [row] = await db.query<{ settings: { secretSealed: string } }>(
      'SELECT settings FROM case_sources WHERE id = $1',
      [id],
    );
    expect(JSON.stringify(row)).not.toContain(secret);
    expect(encryption.open(row!.settings.secretSealed)).toBe(secret);
    const whole = await operator.get(`${prefix}/${id}`);
    expect(whole.body).toMatchObject({ hasSecret: true, description: { auth } });
    expect(JSON.stringify([whole.body, await audited(office.server, 'case-source.add')])).not.toContain(secret);
    await post(`/${id}/switch`, { on: true });
    const owner = await office.citizen({ kind: 'id-card', number: '990000199001010017' });
    expect((await owner.post('/cases/find', { number, factor: code })).body).toMatchObject({ item: { number } });
    // By who they are: a POST, whose body is signed with it.
    expect((await owner.get('/cases')).body).toMatchObject({
      items: expect.arrayContaining([expect.objectContaining({ number })]),
    });

    // What only ever signed is not sent out as a token because somebody chose another way.
    const asToken = { title: '示例', description: { ...description(), auth: { kind: 'bearer' } } };
    expect(fields((await operator.send('PUT', `${prefix}/${id}`, asToken)).body)).toEqual({
      secret: '换了证明的办法，请重新填写密钥',
    });
    const wrong = { ...auth, headers: { key: 'Host', timestamp: 'X-T', signature: 'x-t' } };
    expect(fields((await post('', { ...fresh(), description: { ...description(), auth: wrong } })).body)).toEqual({
      'description.auth.headers.key': '这个请求头另有用处，请换一个',
      'description.auth.headers': '请求头的名称不能相同',
    });
  });

  test('a request is signed as the document has it', () => {
    const whole = descriptionContract.parse({
      ...description(),
      baseUrl: 'https://bj.example.gov.cn/api',
      auth: { kind: 'hmac', keyId: 'weiban' },
    });
    const asked = requestContract.parse({
      method: 'POST',
      path: '/cases/search',
      query: { v: '1' },
      body: { type: 'json', value: { no: '{number}' } },
    });
    const at = new Date('2026-03-02T10:00:00+08:00');
    expect(outgoing(whole, asked, { number }, { secret: 'example-secret', at }).headers).toMatchObject({
      'x-key': 'weiban',
      'x-timestamp': '1772416800',
      'x-signature': 'e37768297d602209bf6348095960b0072c831b870c1e5d5516e9bf47deb19e6d',
    });
  });
});
