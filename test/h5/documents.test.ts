import { checkCharacter, type DocumentKind, documentContract } from '../../src/people/identity/documents';
import { idCard } from '../services/appointments/hall';
import { startTestServer, type TestServer } from '../support/server';
import { smsCode, until } from './citizen-client';
import { formOf, later, nextOrder, registered, someone, versionOf } from './registration';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ env: { ROLES: 'web' } });
});
afterAll(() => server?.stop());

const checked = (first17: string) => first17 + checkCharacter(first17);
const faultOf = (kind: DocumentKind, number: string) =>
  documentContract.safeParse({ kind, number }).error?.issues[0]?.message;

test.each<[DocumentKind, string]>([
  ['id-card', checked('11010519900228001')],
  ['household-register', checked('11010520200228001')],
  ['hk-macao-permit', 'h12345678'],
  ['hk-macao-permit', 'M1234567801'],
  ['taiwan-permit', '１２３４ ５６７８'],
  ['hmt-residence', checked('81000019900228001')],
  ['residence-permit', 'CAN110090022812'],
  ['residence-permit', checked('91100019900228001')],
  ['passport', 'e-1234 5678'],
])('%s %s is right', (kind, number) => {
  expect(faultOf(kind, number)).toBeUndefined();
});

test.each<[DocumentKind, string, string]>([
  ['id-card', checked('11010519900230001'), '身份证号里的出生日期不对，请检查'],
  ['id-card', '110105900228001', '15 位的旧身份证号已停用，请填新证上的 18 位号码'],
  ['id-card', checked('81000019900228001'), '这是港澳台居民居住证的号码，请把证件类型选为「港澳台居民居住证」'],
  ['id-card', checked('99010519900228001'), '身份证号开头的地区码不对，请检查'],
  ['household-register', '110105202002280010', '身份证号的最后一位对不上，请检查'],
  ['hk-macao-permit', 'A12345678', '港澳居民来往内地通行证号码应为 H 或 M 开头加 8 位数字'],
  ['taiwan-permit', '1234567', '台湾居民来往大陆通行证号码应为 8 位数字'],
  ['hmt-residence', checked('11010519900228001'), '港澳台居民居住证号码应为 18 位，以 810000、820000 或 830000 开头'],
  ['residence-permit', 'CAN110090133212', '永久居留身份证号码里的出生日期不对，请检查'],
  ['passport', 'ABCDEFG', '护照号码应为 5 到 15 位字母和数字，至少有一位数字'],
])('%s %s is refused with what was expected', (kind, number, message) => {
  expect(faultOf(kind, number)).toBe(message);
});

const child = () => ({ relation: 'child', name: '示例孩子' });
/** Born eight years before the tests' clock. */
const youngNumber = () => {
  const year = server.deps.clock.now().getUTCFullYear() - 8;
  return checked(`110105${year}0101${String(nextOrder()).padStart(3, '0')}`);
};

test('a child by the household register needs a guardian for it, and is the same person once it has a card', async () => {
  const who = await someone(server);
  const document = { kind: 'household-register', number: youngNumber() };
  const form = await formOf(server, who, { ...child(), document });
  const without = form.consents.filter(({ kind }) => kind !== 'guardian');
  expect(await who.citizen.post('/persons', { ...form, consents: without })).toMatchObject({
    status: 422,
    body: { error: { code: 'consent-needed', fields: { guardian: '请先阅读并同意《未满 14 周岁儿童信息授权说明》' } } },
  });
  const made = await who.citizen.post<{ id: string; documentKind: string }>('/persons', form);
  expect(made).toMatchObject({ status: 201, body: { documentKind: 'household-register' } });
  later(server);
  const other = await someone(server);
  const card = { kind: 'id-card', number: document.number };
  const again = await other.citizen.post('/persons', await formOf(server, other, { ...child(), document: card }));
  expect(again).toMatchObject({ status: 201, body: { id: made.body.id, documentKind: 'id-card' } });
});

test('who is sixteen has a card; who is under fourteen does not sign up for themselves', async () => {
  const who = await someone(server);
  const adult = { kind: 'household-register', number: checked('11010519900228077') };
  const form = await formOf(server, who, { ...child(), document: adult });
  expect(await who.citizen.post('/persons', form)).toMatchObject({
    status: 422,
    body: { error: { code: 'card-needed', message: '已满 16 周岁，请用居民身份证登记' } },
  });
  const passport = { kind: 'passport', number: `E${nextOrder()}2345678` };
  expect(await who.citizen.post('/persons', { ...form, document: passport })).toMatchObject({
    status: 422,
    body: { error: { code: 'born-needed' } },
  });
  const born = `${server.deps.clock.now().getUTCFullYear() - 8}-01-01`;
  expect(await who.citizen.post('/persons', { ...form, relation: 'self', document: passport, born })).toMatchObject({
    status: 422,
    body: { error: { code: 'too-young' } },
  });
});

test('another phone is taken by its own code alone, and only for one of the family', async () => {
  const who = await registered(server);
  const stranger = await someone(server);
  const phone = '13700001234';
  const body = { phone, code: '123456' };
  expect((await stranger.citizen.post(`/persons/${who.personId}/phone`, body)).status).toBe(404);
  expect((await who.citizen.post(`/persons/${who.personId}/phone`, body)).status).toBe(422);
  await who.citizen.post('/phone-codes', { phone });
  const code = await smsCode(server, who.openid);
  expect(await who.citizen.post(`/persons/${who.personId}/phone`, { phone, code })).toMatchObject({
    status: 200,
    body: { phone: expect.stringMatching(/1234$/) },
  });
});

test('a consent is seen, taken back with what rests on it, and given again in its version', async () => {
  const who = await registered(server);
  const young = { ...child(), document: { kind: 'household-register', number: youngNumber() } };
  expect((await who.citizen.post('/persons', await formOf(server, who, young))).status).toBe(201);
  type State = { items: { kind: string; state: string }[] };
  const stateOf = async (kind: string) =>
    (await who.citizen.get<State>('/consents')).body.items.find((one) => one.kind === kind)!.state;
  const relations = async () =>
    (await who.citizen.get<{ items: { relation: string }[] }>('/persons')).body.items.map(({ relation }) => relation);
  expect([await stateOf('guardian'), await stateOf('health')]).toEqual(['given', 'none']);
  expect(await relations()).toEqual(['self', 'child']);
  expect((await who.citizen.delete('/consents/guardian')).status).toBe(200);
  expect((await who.citizen.delete('/consents/guardian')).status).toBe(404);
  expect([await stateOf('guardian'), await relations()]).toEqual(['none', ['self']]);
  const version = await versionOf(server, 'guardian');
  expect(await who.citizen.post('/consents/guardian', { version })).toMatchObject({
    status: 409,
    body: { error: { code: 'no-persons', message: '现在没有登记这样的家人，登记时会请您逐位确认' } },
  });
  expect(await who.citizen.post('/consents/health', { version: 'an old one' })).toMatchObject({ status: 409 });
  expect((await who.citizen.post('/consents/health', { version: await versionOf(server, 'health') })).status).toBe(200);
  expect(await stateOf('health')).toBe('given');
});

test('what is declared for one of the family is of that very person: dated, over with them, asked anew when the text is another', async () => {
  const who = await registered(server);
  const add = async (changes: object) => {
    later(server);
    const made = await who.citizen.post<{ id: string }>('/persons', await formOf(server, who, changes));
    expect(made.status).toBe(201);
    return { id: made.body.id, at: server.deps.clock.now().toISOString().slice(0, 16) };
  };
  const mother = await add({ relation: 'parent', name: '示例母亲' });
  const boy = await add({ ...child(), document: { kind: 'household-register', number: youngNumber() } });
  type State = { kind: string; state: string; persons: { id: string; state: string; givenAt: string | null }[] };
  const declared = async (kind: string) => {
    const { items } = (await who.citizen.get<{ items: State[] }>('/consents')).body;
    const { state, persons } = items.find((one) => one.kind === kind)!;
    return [state, ...persons.map((one) => [one.id, one.state, one.givenAt?.slice(0, 16)])];
  };
  const first = [mother.id, 'given', mother.at];
  expect(await declared('family')).toEqual(['given', first, [boy.id, 'given', boy.at]]);
  expect(await declared('guardian')).toEqual(['given', [boy.id, 'given', boy.at]]);

  expect((await who.citizen.delete(`/persons/${boy.id}`)).status).toBe(200);
  expect(await declared('family')).toEqual(['given', first]);
  expect(await declared('guardian')).toEqual(['none']);

  const other = (version: string) => until(async () => (await versionOf(server, 'family')) !== version);
  const original = await versionOf(server, 'family');
  await server.deps.texts.override({ key: 'consent.family', accountId: 0, body: '另一份说明', staffId: null });
  await other(original);
  const father = await add({ relation: 'parent', name: '示例父亲' });
  const second = [father.id, 'given', father.at];
  expect(await declared('family')).toEqual(['outdated', [mother.id, 'outdated', mother.at], second]);
  later(server);
  const version = await versionOf(server, 'family');
  expect((await who.citizen.post('/consents/family', { version })).status).toBe(200);
  const again = server.deps.clock.now().toISOString().slice(0, 16);
  expect(await declared('family')).toEqual(['given', [mother.id, 'given', again], second]);
  await server.deps.texts.revert({ key: 'consent.family', accountId: 0 });
  await other(version);

  // Taken for a child by mistake, and registered again: no guardian agrees for somebody grown up.
  const passport = { kind: 'passport', number: `E${nextOrder()}2345678` };
  const born = `${server.deps.clock.now().getUTCFullYear() - 8}-01-01`;
  const taken = await add({ ...child(), document: passport, born });
  expect(await declared('guardian')).toEqual(['given', [taken.id, 'given', taken.at]]);
  const right = await add({ relation: 'parent', name: child().name, document: passport, born: '1960-01-01' });
  expect(right.id).toBe(taken.id);
  expect(await declared('guardian')).toEqual(['none']);

  // However many texts there were since for one of the family, what the citizen agreed to themselves is still there.
  await server.deps.db.query(
    `WITH t AS (INSERT INTO consent_texts (version, kind, text, first_shown_at)
                SELECT 'v' || n, 'family', 'v' || n, $3 FROM generate_series(1, 120) n RETURNING version)
     INSERT INTO consents (account_id, openid, kind, version, given_at, person_id)
     SELECT $1, $2, 'family', version, $3, $4 FROM t`,
    [server.deps.accounts.byKey('demo')!.id, who.openid, server.deps.clock.now(), mother.id],
  );
  expect(await declared('identity')).toEqual(['given']);
  expect((await declared('family'))[1]).toEqual([mother.id, 'given', mother.at]);
});

test('who is registered themselves is told so, and the code is not used up by it but serves for one of the family', async () => {
  const who = await registered(server);
  const form = await formOf(server, who);
  expect(await who.citizen.post('/persons', form)).toMatchObject({
    status: 409,
    body: { error: { code: 'self-bound', message: expect.stringContaining('为家人登记请选与家人的关系') } },
  });
  expect((await who.citizen.post('/persons', { ...form, relation: 'spouse' })).status).toBe(201);
});

test('which document is registered is not found out by trying: behind no right code are all alike, behind one a day has few tries', async () => {
  const who = await registered(server);
  const unknown = () => ({ kind: 'id-card', number: idCard(nextOrder()) });
  const answers = [];
  for (const document of [who.form.document, unknown()])
    answers.push(await who.citizen.post('/persons', { ...who.form, document, code: '000000' }));
  expect(answers[0]).toMatchObject({ status: 422, body: { error: { code: 'wrong-code' } } });
  expect(answers[1]).toEqual(answers[0]);

  const { phone } = who.form;
  const statuses = [];
  for (let round = 0; round < 5; round++) {
    later(server);
    expect((await who.citizen.post('/phone-codes', { phone })).status).toBe(200);
    const code = await smsCode(server, who.openid);
    const document = unknown();
    for (let tries = 0; tries < 4; tries++)
      statuses.push((await who.citizen.post('/persons', { ...who.form, document: unknown(), code })).status);
    // Used in the end for somebody else: the tries before it stay tries.
    const other = { ...who.form, relation: 'other', document, code };
    statuses.push((await who.citizen.post('/persons', other)).status);
  }
  expect(statuses).toEqual([...Array(4).fill([409, 409, 409, 409, 201]).flat(), 409, 409, 409, 409, 429]);
});
