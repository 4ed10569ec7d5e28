import { audited, type Client, signIn } from '../../console/client';
import { type Key, type OpenAnswer, sendSigned } from '../../support/open-client';
import { idCard as realCard } from '../appointments/hall';
import { type Office, openOffice } from './office';

// What back-office programs report, by POST /api/open/cases.

let office: Office;
let operator: Client;
let key: Key;

beforeAll(async () => {
  office = await openOffice();
  operator = await signIn(office.server, 'operator');
  key = await makeKey('demo-police');
});
afterAll(() => office?.close());

const makeKey = async (target: string) =>
  (await operator.send('POST', '/api-keys', { service: 'cases', target, title: '示例业务系统' })).body as Key;

const row = (number: string, more: object = {}) => ({
  number,
  kind: 'passport',
  state: 'accepted',
  at: '2026-02-20T10:00:00+08:00',
  ...more,
});
const send = (cases: unknown[], changes: Parameters<typeof sendSigned>[4] = {}, by = key) =>
  sendSigned(office.server, by, '/api/open/cases', { cases }, changes);
const told = ({ text }: OpenAnswer) => JSON.parse(text);
const fault = ({ status, text }: OpenAnswer) => [status, JSON.parse(text).error.code];
const stateOf = async (number: string) =>
  (await office.db.query<{ state: string }>('SELECT state FROM cases WHERE number = $1', [number]))[0]?.state;

test('rows are answered one by one: what is right is stored, what is wrong says what was expected', async () => {
  const document = { kind: 'id-card', number: realCard(1) };
  const answer = await send([
    row('open 2026-0001', { document, code: 'abc123', note: '受理窗口 2' }),
    row('OPEN20260001'),
    row('OPEN20260002', { state: 'flying' }),
    row('O1', { kind: 'unheard-of', at: 'yesterday', extra: 1 }),
    row('OPEN20260003', { document: { kind: 'id-card', number: '123' } }),
    row('OPEN20260004', { at: '2027-01-01T00:00:00+08:00' }),
    row('OPEN20260001', { kind: 'medical-report', state: 'ordered' }),
    'nonsense',
    row('OPEN20260005', { at: '0001-01-01T00:00:00Z', dueAt: '9999-12-31T00:00:00Z' }),
    row('OPEN20260006', { at: '2026-03-03T09:59:00+08:00', dueAt: '2031-03-03T10:00:00+08:00' }),
  ]);
  expect(answer.status).toBe(200);
  expect(told(answer)).toEqual({
    accepted: 2,
    unchanged: 1,
    failed: 7,
    rows: [
      { index: 0, number: 'OPEN20260001', result: 'accepted' },
      { index: 1, number: 'OPEN20260001', result: 'unchanged' },
      {
        index: 2,
        number: 'OPEN20260002',
        result: 'error',
        errors: { state: expect.stringContaining('应为「普通护照」的状态之一：accepted') },
      },
      {
        index: 3,
        number: 'O1',
        result: 'error',
        errors: {
          number: '应为 6 到 32 位字母、数字或汉字',
          kind: expect.stringContaining('应为办件类型之一：'),
          at: '应为时间，如 2026-03-01T09:30:00+08:00',
          '': '没有这些字段：extra',
        },
      },
      {
        index: 4,
        number: 'OPEN20260003',
        result: 'error',
        errors: { 'document.number': '身份证号应为 18 位，最后一位是数字或 X' },
      },
      {
        index: 5,
        number: 'OPEN20260004',
        result: 'error',
        errors: { at: expect.stringMatching(/^应在 1990-01-01 00:00 和 2026-03-03 10:0\d 之间$/) },
      },
      {
        index: 6,
        number: 'OPEN20260001',
        result: 'error',
        errors: { kind: expect.stringContaining('已经是别的类型') },
      },
      { index: 7, number: null, result: 'error', errors: { '': '应为文字' } },
      {
        index: 8,
        number: 'OPEN20260005',
        result: 'error',
        errors: { at: expect.stringContaining('应在 1990-01-01'), dueAt: expect.stringContaining('和 2036-') },
      },
      { index: 9, number: 'OPEN20260006', result: 'accepted' },
    ],
  });
  const citizen = await office.citizen(document as never);
  expect((await citizen.get('/cases')).body).toMatchObject({ items: [{ number: 'OPEN20260001', state: '已受理' }] });
  expect((await citizen.post('/cases/find', { number: 'OPEN20260001', factor: 'ABC123' })).body).toMatchObject({
    item: { number: 'OPEN20260001' },
  });
});

test('each fault of a request has its own words', async () => {
  const cases = [row('FAULT0001')];
  const now = Math.floor(office.deps.clock.millis() / 1000);
  const missing = await send(cases, { headers: { 'x-weiban-signature': '', 'idempotency-key': 'short' } });
  expect(fault(missing)).toEqual([401, 'not-signed']);
  expect(told(missing).error.fields).toEqual({
    'X-Weiban-Signature': '缺少：应为签名，64 位小写十六进制',
    'Idempotency-Key': expect.stringContaining('格式不对'),
  });
  // The clock goes on while a request is on its way, so that one ahead is ahead by more.
  for (const off of [-301, 330])
    expect(fault(await send(cases, { timestamp: now + off }))).toEqual([401, 'clock-skew']);
  expect((await send(cases, { timestamp: now - 290 })).status).toBe(200);
  expect(fault(await send(cases, {}, { ...key, id: `wk_${'0'.repeat(24)}` }))).toEqual([401, 'unknown-key']);
  expect(fault(await send(cases, {}, { ...key, secret: `${key.secret}x` }))).toEqual([401, 'bad-signature']);
  expect(fault(await send(cases, { sent: JSON.stringify({ cases: [row('FAULT0002')] }) }))).toEqual([
    401,
    'bad-signature',
  ]);
  expect(fault(await sendSigned(office.server, key, '/api/open/cases', 'no json'))).toEqual([400, 'bad-json']);
  expect(fault(await send(cases, { headers: { 'content-type': 'text/plain' } }))).toEqual([400, 'not-json']);
  expect(fault(await send([]))).toEqual([422, 'invalid-input']);
  expect(fault(await send(Array(501).fill(row('FAULT0003'))))).toEqual([422, 'invalid-input']);
  expect(fault(await send([row('FAULT0004', { note: 'x'.repeat(1024 * 1024) })]))).toEqual([413, 'too-large']);
  expect(fault(await sendSigned(office.server, key, '/api/open/nothing', {}))).toEqual([404, 'not-found']);
  expect(await stateOf('FAULT0002')).toBeUndefined();
});

test('the same request again, also at once, gets the same bytes and takes effect once; another under its key is refused', async () => {
  const idempotencyKey = 'a-night-of-2026-02-20';
  const all = await Promise.all(Array.from({ length: 8 }, () => send([row('ONCE20260001')], { idempotencyKey })));
  expect(new Set(all.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  expect(told(all[0]!)).toMatchObject({ accepted: 1 });
  await send([row('ONCE20260001', { state: 'approved', at: '2026-02-21T10:00:00+08:00' })]);
  expect(await send([row('ONCE20260001')], { idempotencyKey })).toEqual(all[0]);
  expect(await stateOf('ONCE20260001')).toBe('approved');
  expect(fault(await send([row('ONCE20260002')], { idempotencyKey }))).toEqual([409, 'key-reused']);
  expect(await stateOf('ONCE20260002')).toBeUndefined();
  // What was refused did nothing, and may be put right under the same key.
  const other = { idempotencyKey: 'another-night' };
  expect(fault(await send([], other))).toEqual([422, 'invalid-input']);
  expect((await send([row('ONCE20260003')], other)).status).toBe(200);
});

test('a key is for one source, is shown once, and is gone when it is revoked; the hospital sees nothing of the police’s', async () => {
  const hospital = await makeKey('demo-hospital');
  await send([row('SCOPE0001')], {}, hospital);
  const [stored] = await office.db.query<{ source_id: number }>(
    `SELECT source_id FROM cases WHERE number = 'SCOPE0001'`,
  );
  expect(stored!.source_id).toBe(office.hospital);
  expect(JSON.stringify(await office.db.query('SELECT * FROM api_keys'))).not.toContain(hospital.secret);
  const listed = (await operator.get('/api-keys')).body as { items: { id: string; usedAt: string | null }[] };
  expect(JSON.stringify(listed)).not.toContain(hospital.secret);
  expect(listed.items.find(({ id }) => id === hospital.id)?.usedAt).not.toBeNull();
  expect((await operator.send('DELETE', `/api-keys/${hospital.id}`)).status).toBe(200);
  expect(fault(await send([row('SCOPE0002')], {}, hospital))).toEqual([401, 'unknown-key']);
  expect((await audited(office.server, 'api-key.make'))[0]).toMatchObject({
    username: 'operator',
    detail: { target: 'demo-hospital' },
  });
  expect(await audited(office.server, 'api-key.revoke')).toHaveLength(1);

  await office.db.query(`UPDATE case_sources SET disabled_at = created_at WHERE key = 'demo-hospital'`);
  const unused = await operator.send('POST', '/api-keys', { service: 'cases', target: 'demo-hospital', title: '示例' });
  expect(unused.status).toBe(404);
});

test('a key is slowed down by itself, whatever others do', async () => {
  const [greedy, other] = [await makeKey('demo-police'), await makeKey('demo-police')];
  const statuses = new Map<number, number>();
  for (let left = 125; left > 0; left--) {
    const { status } = await send([row('RATE20260001')], {}, greedy);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  expect(statuses).toEqual(
    new Map([
      [200, 120],
      [429, 5],
    ]),
  );
  expect((await send([row('RATE20260002')], {}, other)).status).toBe(200);
});
