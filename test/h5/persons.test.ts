import { idCard } from '../services/appointments/hall';
import { anyone, startTestServer, type TestServer } from '../support/server';
import { anonymous, type CitizenClient, signInCitizen, smsCode } from './citizen-client';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ env: { ROLES: 'web' } });
});
afterAll(() => server?.stop());

const version = async (kind: string) =>
  (await anonymous(server).get<{ version: string }>(`/consents/${kind}`)).body.version;
const later = () => {
  server.deps.clock.offset += 61_000;
};

let order = 100;
async function form(citizen: CitizenClient, openid: string, changes: object = {}) {
  const phone = `139${String(++order).padStart(8, '0')}`;
  expect(await citizen.post('/phone-codes', { phone })).toMatchObject({ status: 200 });
  return {
    relation: 'self',
    name: '示例市民',
    document: { kind: 'id-card', number: idCard(order) },
    phone,
    code: await smsCode(server, openid),
    consents: [
      { kind: 'identity', version: await version('identity') },
      { kind: 'family', version: await version('family') },
    ],
    ...changes,
  };
}

async function someone() {
  later();
  const openid = anyone();
  return { openid, citizen: await signInCitizen(server, openid) };
}

test('registered with consent and a code from the phone; shown masked, kept encrypted', async () => {
  const { openid, citizen } = await someone();
  const sent = await form(citizen, openid);
  const made = await citizen.post<{ id: string }>('/persons', sent);
  expect(made).toMatchObject({
    status: 201,
    body: {
      relation: 'self',
      name: '示**民',
      phone: expect.stringMatching(/^139\*{4}\d{4}$/),
      documentKind: 'id-card',
    },
  });
  expect((await citizen.get('/persons')).body).toEqual({ items: [made.body] });
  const kept = JSON.stringify(
    await server.deps.db.query('SELECT * FROM person_bindings, persons, consents, phone_codes'),
  );
  for (const secret of [sent.phone, sent.document.number, '示例市民', sent.code]) expect(kept).not.toContain(secret);
  expect((await citizen.delete(`/persons/${made.body.id}`)).status).toBe(200);
  expect((await citizen.get('/persons')).body).toEqual({ items: [] });
  expect((await citizen.delete(`/persons/${made.body.id}`)).status).toBe(404);
});

test('one ID in two accounts, and bound by two citizens, is one person for the limits; neither sees the other', async () => {
  const [one, two] = [await someone(), await someone()];
  const first = await one.citizen.post<{ id: string }>('/persons', await form(one.citizen, one.openid));
  later();
  const same = await form(two.citizen, two.openid, {
    relation: 'parent',
    name: '另写一名',
    document: { kind: 'id-card', number: idCard(order) },
  });
  const second = await two.citizen.post<{ id: string }>('/persons', same);
  expect(second.body).toMatchObject({ id: first.body.id, name: '另**名' });
  expect((await one.citizen.get<{ items: object[] }>('/persons')).body.items).toEqual([first.body]);
});

test('what is pasted with blanks, marks that nobody sees, +86 or another dot is taken as it was meant', async () => {
  const { openid, citizen } = await someone();
  const right = await form(citizen, openid);
  const pasted = {
    ...right,
    name: ' 示例\u200b•市民\ufeff ',
    document: {
      kind: 'id-card',
      number: `\u202a${right.document.number.slice(0, 6)} ${right.document.number.slice(6)}\u202c`,
    },
    phone: `+86 ${right.phone.slice(0, 3)}-${right.phone.slice(3, 7)}\u00a0${right.phone.slice(7)}`,
    code: ` ${right.code.slice(0, 3)} ${right.code.slice(3)}`,
  };
  const made = await citizen.post<{ name: string }>('/persons', pasted);
  expect(made.body).toMatchObject({ name: '示***民', phone: `139****${right.phone.slice(-4)}` });
});

test.each<[string, object, [number, string, Record<string, string>?]]>([
  [
    'a wrong code',
    { code: '000000' },
    [422, '验证码不对或已过期，请重新获取', { code: '验证码不对或已过期，请重新获取' }],
  ],
  [
    'no consent',
    { consents: [] },
    [422, '请先阅读并同意《实名信息授权说明》', { identity: '请先阅读并同意《实名信息授权说明》' }],
  ],
  ['an old consent', { consents: [{ kind: 'identity', version: 'x' }] }, [409, '授权说明刚有更新，请重新阅读并同意']],
  [
    'a birthday to come',
    { document: { kind: 'passport', number: 'E12345678' }, born: '2999-01-01' },
    [422, '出生日期不对，请检查', { born: '出生日期应为已经过去的日期，不早于 1900 年' }],
  ],
  [
    'what is far too long',
    {
      name: '长'.repeat(201),
      phone: '1'.repeat(41),
      code: '1'.repeat(41),
      document: { kind: 'id-card', number: '1'.repeat(81) },
    },
    [
      422,
      '填写的内容不符合要求，请按提示修改',
      {
        name: '请写证件上的姓名，2 到 40 个字',
        phone: '手机号应为 11 位',
        code: '验证码应为 6 位数字',
        'document.number': '证件号码太长，请只填证件上的号码',
      },
    ],
  ],
  [
    'a child for itself',
    { document: { kind: 'id-card', number: idCard(1, '20240101') } },
    [422, '未满 14 周岁的，请由父母登记为「子女」'],
  ],
  [
    'a day that was none',
    { document: { kind: 'id-card', number: idCard(1, '19900230') } },
    [422, '填写的内容不符合要求，请按提示修改', { 'document.number': '身份证号里的出生日期不对，请检查' }],
  ],
  [
    'a wrong last digit',
    { document: { kind: 'id-card', number: '110000199002280010' } },
    [422, '填写的内容不符合要求，请按提示修改', { 'document.number': '身份证号的最后一位对不上，请检查' }],
  ],
])('%s is refused in words', async (_what, changes, [status, message, fields]) => {
  const { openid, citizen } = await someone();
  const answer = await citizen.post('/persons', await form(citizen, openid, changes));
  expect(answer).toMatchObject({ status, body: { error: { message } } });
  expect(answer.body.error?.fields).toEqual(fields);
});

test('twenty wrong codes in a day, however many were asked for, and even the right one is not looked at any more', async () => {
  const { openid, citizen } = await someone();
  const sent = await form(citizen, openid);
  const guess = async (code: string) => (await citizen.post('/persons', { ...sent, code })).status;
  const statuses = [];
  for (let round = 0; round < 4; round++) {
    if (round > 0) {
      later();
      await citizen.post('/phone-codes', { phone: sent.phone });
    }
    const right = await smsCode(server, openid);
    for (let wrong = 1; wrong <= 5; wrong++)
      statuses.push(await guess(String((Number(right) + wrong) % 1_000_000).padStart(6, '0')));
  }
  expect(statuses).toEqual(Array(20).fill(422));
  later();
  expect((await citizen.post('/phone-codes', { phone: sent.phone })).status).toBe(200);
  expect(await guess(await smsCode(server, openid))).toBe(429);
});

test('a code works once, five wrong tries end it, and another comes after a minute', async () => {
  const { openid, citizen } = await someone();
  const sent = await form(citizen, openid);
  for (let tries = 0; tries < 5; tries++) await citizen.post('/persons', { ...sent, code: '000000' });
  expect((await citizen.post('/persons', sent)).status).toBe(422);
  expect(await citizen.post('/phone-codes', { phone: sent.phone })).toMatchObject({
    status: 429,
    body: { error: { message: expect.stringMatching(/^验证码刚发过，请 \d+ 秒后再试$/) } },
  });
  later();
  await citizen.post('/phone-codes', { phone: sent.phone });
  const code = await smsCode(server, openid);
  expect((await citizen.post('/persons', { ...sent, code })).status).toBe(201);
  expect((await citizen.post('/persons', { ...sent, code })).status).toBe(422);
});

test('one address gets no more codes than an hour allows, whoever asks and for whatever phone', async () => {
  await server.deps.settings.set('identity.sms-per-address', 2);
  try {
    const statuses = [];
    for (let n = 0; n < 3; n++) {
      const { citizen } = await someone();
      const sent = await citizen.post('/phone-codes', { phone: `138${String(++order).padStart(8, '0')}` });
      statuses.push([sent.status, sent.body.error?.message]);
    }
    expect(statuses).toEqual([
      [200, undefined],
      [200, undefined],
      [429, expect.stringMatching(/^这里获取的验证码太多，请 \d+ 分钟后再试，或换一个网络$/)],
    ]);
  } finally {
    await server.deps.settings.set('identity.sms-per-address', 1000);
  }
});
