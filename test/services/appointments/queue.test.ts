import { checkCharacter, type DocumentKind } from '../../../src/people/identity/documents';
import { markNoShows } from '../../../src/services/appointments/no-shows';
import { read, type ShownKind, shownKinds } from '../../../web/console/services/appointments/documents';
import { type Answer, audited, type Client, signIn } from '../../console/client';
import { type Citizen, type Hall, idCard, openHall } from './hall';

let hall: Hall;
let clerk: Client;
beforeAll(async () => {
  hall = await openHall();
  hall.server.deps.clock.offset = hall.now.getTime() - Date.now();
  clerk = await signIn(hall.server, 'clerk-hospital');
});
afterAll(() => hall?.close());

const path = '/services/appointments';
type Visit = {
  id: string;
  code: string;
  status: string;
  state: string;
  queueNumber: number;
  person: string;
  phone: string;
  walkIn: boolean;
  notices: { kind: string; status: string }[];
};
const post = (part: string, body?: object): Promise<Answer> => clerk.send('POST', `${path}/${part}`, body);
const act = async (id: string, name: string) => (await post(`${id}/${name}`)).status;
const next = async (resource: number, done?: object) =>
  ((await post(`resources/${resource}/call-next`, { done })).body as { called: Visit | null }).called;
const visits = async (resource: number) =>
  ((await clerk.get(`${path}/resources/${resource}/days/2026-03-02`)).body as { items: Visit[] }).items;

/** Booked early in the morning, for then or later in the day. */
async function booked(resource: number, time = '2026-03-02 11:00'): Promise<{ citizen: Citizen; id: string }> {
  hall.setTime('2026-03-02 08:00');
  const citizen = await hall.citizen();
  const { id } = await hall.book(hall.wants(citizen, await hall.slot(resource, 1, time)));
  hall.setTime('2026-03-02 10:00');
  return { citizen, id };
}

/** People who have booked at 11, 12 … and are here in this order. */
async function here(resource: number, many: number): Promise<string[]> {
  const ids: string[] = [];
  for (let hour = 11; hour < 11 + many; hour++) {
    const { id } = await booked(resource, `2026-03-02 ${hour}:00`);
    expect(await act(id, 'check-in')).toBe(200);
    ids.push(id);
  }
  return ids;
}

test('called in the order of their numbers; passed over, back behind the next three; nobody is called twice by two clerks', async () => {
  const resource = await hall.resource();
  const [one, two, three, four, five, six] = await here(resource, 6);
  expect(await next(resource)).toMatchObject({ id: one, queueNumber: 1, state: '已签到' });
  const done = { id: one, how: 'pass' };
  expect(await next(resource, done)).toMatchObject({ id: two });
  expect(await post(`resources/${resource}/call-next`, { done })).toMatchObject({
    status: 409,
    body: { error: { message: '这一位已经办结或过号，请看最新的名单' } },
  });
  expect((await visits(resource)).find(({ id }) => id === one)).toMatchObject({ state: '已过号' });
  expect(await act(one!, 'line-up-again')).toBe(200);
  expect(await act(one!, 'line-up-again')).toBe(409);
  const both = await Promise.all([next(resource), next(resource)]);
  expect(both.map((visit) => visit?.id).sort()).toEqual([three, four].sort());
  expect(await next(resource, { id: two, how: 'serve' })).toMatchObject({ id: five });
  expect(await next(resource)).toMatchObject({ id: one, queueNumber: 1 });
  expect(await next(resource)).toMatchObject({ id: six });
  expect(await next(resource)).toBeNull();
  expect((await audited(hall.server, 'appointment.pass')).length).toBe(1);
});

test('a call is told to the citizen, also after the time of the booking, and the roster shows what became of each notice', async () => {
  const resource = await hall.resource();
  const { citizen, id } = await booked(resource, '2026-03-02 10:00');
  await act(id, 'check-in');
  await act(id, 'call');
  const [sent] = await hall.db.query<{ late: boolean }>(
    'SELECT expires_at > created_at AS late FROM deliveries WHERE openid = $1',
    [citizen.openid],
  );
  expect(sent).toEqual({ late: true });
  expect(await visits(resource)).toMatchObject([
    {
      notices: [
        { kind: 'booked', status: 'sent' },
        { kind: 'called', status: 'queued' },
      ],
    },
  ]);
  await act(id, 'call');
  expect((await audited(hall.server, 'appointment.recall')).length).toBe(1);
});

test('found by the document: masked, only today and here, audited without the number; then checked in', async () => {
  const resource = await hall.resource();
  const { citizen, id } = await booked(resource);
  const { number } = citizen.person.document;
  const document = { kind: 'id-card', number: ` ${number.toLowerCase()} ` };
  const { items } = (await post('find-by-document', { document })).body as { items: Visit[] };
  expect(items).toMatchObject([{ id, person: '示**民', phone: expect.stringContaining('****'), status: 'booked' }]);
  const [row] = await audited(hall.server, 'appointment.find-by-document');
  expect(row).toMatchObject({
    subject: `person:${citizen.person.id}`,
    detail: { found: [id] },
    username: 'clerk-hospital',
  });
  expect(JSON.stringify(row)).not.toContain(number);
  expect(await post('find-by-document', { document: { kind: 'id-card', number: '110000199002280000' } })).toMatchObject(
    {
      status: 422,
      body: { error: { fields: { 'document.number': '身份证号的最后一位对不上，请检查' } } },
    },
  );
  expect(await act(id, 'check-in')).toBe(200);
});

/** One of each that the roster page lets a clerk choose; what the page tells by its digits is as `auto`. */
const shownNumbers: Record<ShownKind, [DocumentKind, string]> = {
  auto: ['id-card', idCard(501)],
  'hk-macao-permit': ['hk-macao-permit', 'H00000001'],
  'taiwan-permit': ['taiwan-permit', '00000001'],
  'hmt-residence': ['hmt-residence', `81000019900228001${checkCharacter('81000019900228001')}`],
  'residence-permit': ['residence-permit', 'XXX110090022801'],
  passport: ['passport', 'E00000001'],
};

test('checked in by every kind of document that the page offers, as the page reads it', async () => {
  for (const shown of Object.keys(shownKinds) as ShownKind[]) {
    const resource = await hall.resource();
    const [kind, number] = shownNumbers[shown];
    hall.setTime('2026-03-02 08:00');
    const citizen = await hall.citizen({ kind, number });
    const { id } = await hall.book(hall.wants(citizen, await hall.slot(resource, 1, '2026-03-02 11:00')));
    hall.setTime('2026-03-02 10:00');
    // Typed as it is printed, in small letters and with a blank.
    const document = read(`${number.slice(0, 3)} ${number.slice(3).toLowerCase()}`, shown);
    expect(document).toEqual({ kind, number });
    expect(await post('find-by-document', { document })).toMatchObject({ body: { items: [{ id, status: 'booked' }] } });
    expect(await act(id, 'check-in')).toBe(200);
    expect(await visits(resource)).toMatchObject([{ id, status: 'checked-in' }]);
  }
});

test('who is seen in the clear is written down with the reason', async () => {
  const { citizen, id } = await booked(await hall.resource());
  expect((await post(`${id}/reveal`, { reason: '看' })).status).toBe(422);
  expect(await post(`${id}/reveal`, { reason: '停诊，打电话告知' })).toMatchObject({
    body: { person: '示例市民', phone: citizen.person.phone },
  });
  expect((await audited(hall.server, 'appointment.reveal'))[0]).toMatchObject({
    subject: `appointment:${id}`,
    detail: { reason: '停诊，打电话告知' },
  });
});

test('who comes without booking gets a place of the counter pool while there is one, and the form sent twice is one person', async () => {
  const resource = await hall.resource();
  await hall.slot(resource, 5, '2026-03-02 15:00');
  const come = (key: string) => post(`resources/${resource}/walk-ins`, { name: '示例访客', phone: '13900000001', key });
  const none = { code: 'full', message: expect.stringMatching(/^今天这里没有放现场取的号，/) };
  expect(await come('nobody-has-place')).toMatchObject({ status: 409, body: { error: none } });
  await hall.db.query(
    `INSERT INTO appointment_slots (resource_id, organisation_id, pool, day, starts_at, ends_at, opens_at, capacity)
     SELECT id, organisation_id, 'counter', '2026-03-02', '2026-03-02 13:00+08', '2026-03-02 17:00+08', '2026-03-01 07:00+08', 2
       FROM appointment_resources WHERE id = $1`,
    [resource],
  );
  const twice = await Promise.all([come('the-first-form'), come('the-first-form')]);
  expect(twice.map(({ body }) => (body as Visit).queueNumber)).toEqual([1, 1]);
  const many = await Promise.all(['second', 'third', 'fourth'].map((key) => come(`the-${key}-form`)));
  expect(many.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  expect(JSON.stringify(many.map(({ body }) => body))).toContain('今天窗口的现场号已经没有了');
  expect(await visits(resource)).toMatchObject([
    { walkIn: true, person: '示**客', queueNumber: 1, status: 'checked-in' },
    { walkIn: true, queueNumber: 2 },
  ]);
  // Nobody to tell, and no harm in calling.
  expect(await next(resource)).toMatchObject({ queueNumber: 1, notices: [] });
});

test('not come: not before the time; marked by a clerk it counts, and who comes after all is checked in without the mark', async () => {
  const resource = await hall.resource();
  const [late, early] = [await booked(resource, '2026-03-02 09:30'), await booked(resource, '2026-03-02 16:00')];
  expect(await act(early.id, 'no-show')).toBe(409);
  expect(await act(late.id, 'no-show')).toBe(200);
  const marks = () =>
    hall.db.query('SELECT forgiven_at IS NULL AS counts FROM appointment_no_shows WHERE appointment_id = $1', [
      late.id,
    ]);
  expect(await marks()).toEqual([{ counts: true }]);
  expect(await act(late.id, 'check-in')).toBe(200);
  expect(await marks()).toEqual([{ counts: false }]);
  expect(await act(late.id, 'no-show')).toBe(409);
});

test('who waits at the end of the day is no no-show; who never came is, and their roster is told', async () => {
  const resource = await hall.resource();
  const [came, missed] = [await booked(resource, '2026-03-02 16:00'), await booked(resource, '2026-03-02 17:00')];
  await act(came.id, 'check-in');
  const told: object[] = [];
  const off = hall.server.deps.live.subscribe(({ topic, data }) => topic === 'appointment' && told.push(data));
  hall.setTime('2026-03-03 02:00');
  await markNoShows(hall.deps);
  await expectEventually(() => told.some((data) => (data as { resourceId: number }).resourceId === resource));
  off();
  expect((await visits(resource)).map(({ id, status }) => [id, status])).toEqual([
    [came.id, 'checked-in'],
    [missed.id, 'no-show'],
  ]);
});

/** What another connection brings is awaited, not slept for. */
async function expectEventually(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
