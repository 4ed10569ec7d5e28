import { flagOverdue } from '../../../src/services/cases/overdue';
import { addStaff, audited, type Client, signIn } from '../../console/client';
import { type Office, openOffice, step } from './office';

// What people at an office see and do: the list, one case, a step by hand, what is overdue.

let office: Office;
let operator: Client;
let hospital: Client;
beforeAll(async () => {
  office = await openOffice();
  operator = await signIn(office.server, 'operator');
  await addStaff(office.server, 'hospital-clerk', 'clerk', 'hospital-first');
  hospital = await signIn(office.server, 'hospital-clerk');
});
afterAll(() => office?.close());

const base = '/services/cases';
type Listed = { items: { id: string; number: string; overdue: boolean }[]; next: string | null };
const list = async (query: Record<string, string>, by = operator) =>
  (await by.get(`${base}/cases?${new URLSearchParams(query)}`)).body as Listed;
const numbers = ({ items }: Listed) => items.map(({ number }) => number);

test('the list is found through by number, kind, state and page, each order to its end', async () => {
  const all = Array.from({ length: 25 }, (_, index) => `LS2026${String(index).padStart(4, '0')}`);
  await office.store(
    office.police,
    ...all.map((number, index) =>
      step(number, 'accepted', `2026-02-${String(10 + (index % 10)).padStart(2, '0')} 10:00`),
    ),
  );
  for (const query of [{ search: 'ls-2026' }, { kind: 'passport', state: 'accepted' }] as Record<string, string>[]) {
    const seen: string[] = [];
    let after: string | null = '';
    while (after !== null) {
      const page: Listed = await list({ ...query, limit: '7', ...(after && { after }) });
      seen.push(...numbers(page));
      after = page.next;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((number) => number.startsWith('LS'))).toHaveLength(25);
  }
  expect(numbers(await list({ search: 'LS20260007' }))).toEqual(['LS20260007']);
  expect(numbers(await list({ search: '!!' }))).toEqual([]);
  expect(numbers(await list({ kind: 'passport', state: 'making', search: 'LS' }))).toEqual([]);
  expect((await operator.get(`${base}/cases?after=x`)).status).toBe(422);
  // A place in the order of numbers is none among times.
  const inNumbers = Buffer.from(JSON.stringify(['SF20260001', '1'])).toString('base64url');
  expect((await operator.get(`${base}/cases?after=${inNumbers}`)).status).toBe(422);
});

test('by hand: a case is added, goes a step further, each in the audit trail; its citizen’s number is nowhere', async () => {
  const body = {
    sourceId: office.police,
    number: 'hd 2026-0001',
    kind: 'passport',
    state: 'accepted',
    at: '2026-03-01T09:00:00+08:00',
    code: 'ABC123',
  };
  const added = await operator.send('POST', `${base}/cases`, body);
  expect([added.status, added.body]).toEqual([
    201,
    expect.objectContaining({ number: 'HD20260001', stateTitle: '已受理' }),
  ]);
  const { id } = added.body as { id: string };
  expect(await operator.send('POST', `${base}/cases`, body)).toMatchObject({
    status: 422,
    body: { error: { fields: { number: expect.stringContaining('已经有了') } } },
  });
  const wrong = await operator.send('POST', `${base}/cases/${id}/steps`, { state: 'flying' });
  expect(wrong).toMatchObject({ status: 422, body: { error: { fields: { state: expect.stringContaining('应为') } } } });
  const next = await operator.send('POST', `${base}/cases/${id}/steps`, { state: 'approved', note: '请等短信' });
  expect(next.body).toMatchObject({ steps: [{ title: '已受理' }, { title: '审核通过', note: '请等短信' }] });
  expect(JSON.stringify(next.body)).not.toContain('hash');
  expect((await audited(office.server, 'case.add'))[0]).toMatchObject({ subject: `case:${id}`, username: 'operator' });
  expect((await audited(office.server, 'case.step'))[0]).toMatchObject({
    subject: `case:${id}`,
    detail: { state: 'approved' },
  });

  expect((await hospital.get(`${base}/cases/${id}`)).status).toBe(404);
  expect((await hospital.send('POST', `${base}/cases/${id}/steps`, { state: 'approved' })).status).toBe(404);
  expect((await hospital.send('POST', `${base}/cases`, body)).status).toBe(404);
  expect(numbers(await list({ search: 'HD' }, hospital))).toEqual([]);
  const { items } = (await hospital.get(`${base}/sources`)).body as { items: { key: string }[] };
  expect(items.map(({ key }) => key)).toEqual(['demo-hospital']);
});

test('what is overdue by working days is flagged once, told to whoever supervises, and gone from the list when it is done', async () => {
  office.setTime('2026-03-02T10:00:00+08:00');
  await flagOverdue(office.deps);
  await office.store(
    office.police,
    step('OV20260001', 'accepted', '2026-03-02 10:00'),
    step('OV20260002', 'accepted', '2026-03-02 10:00'),
  );
  const overdue = async () => numbers(await list({ overdue: 'true' })).filter((number) => number.startsWith('OV'));
  const bells = async () =>
    office.db.query<{ title: string; username: string }>(
      `SELECT n.title, s.username FROM staff_notifications n JOIN staff s ON s.id = n.staff_id WHERE n.kind = 'overdue' AND n.about = $1`,
      [`cases-overdue:${office.police}`],
    );
  // Seven working days: the 11th, to the end of office hours.
  office.setTime('2026-03-11T12:00:00+08:00');
  operator = await signIn(office.server, 'operator');
  await flagOverdue(office.deps);
  expect(await overdue()).toEqual([]);
  await office.db.query('DELETE FROM staff_notifications');
  office.setTime('2026-03-11T23:00:00+08:00');
  operator = await signIn(office.server, 'operator');
  await Promise.all([flagOverdue(office.deps), flagOverdue(office.deps)]);
  expect(await overdue()).toEqual(['OV20260001', 'OV20260002']);
  expect(await bells()).toEqual([{ username: 'supervisor', title: expect.stringMatching(/有 \d+ 个办件超期$/) }]);
  await office.db.query('DELETE FROM staff_notifications');
  await flagOverdue(office.deps);
  expect(await bells()).toEqual([]);
  await office.store(office.police, step('OV20260001', 'ready', '2026-03-11 22:30'));
  expect(await overdue()).toEqual(['OV20260002']);
  office.setTime('2026-03-02T10:00:00+08:00');
});
