import { readFileSync } from 'node:fs';
import path from 'node:path';
import { counters } from '../../../src/services/appointments/load';
import { type Client, signIn } from '../../console/client';
import { anonymous, signInCitizen } from '../../h5/citizen-client';
import { play, readChat } from '../../support/chat';
import { anyone } from '../../support/server';
import { type Citizen, type Hall, openHall } from '../appointments/hall';

let hall: Hall;
let clerk: Client;
beforeAll(async () => {
  hall = await openHall();
  setTime('2026-03-02 10:00');
  clerk = await signIn(hall.server, 'clerk-hospital');
});
afterAll(() => hall?.close());

function setTime(time: string): void {
  hall.setTime(time);
  hall.server.deps.clock.offset = hall.now.getTime() - Date.now();
}

/** Booked for then, and here. */
async function here(resource: number, time: string): Promise<Citizen & { id: string }> {
  const citizen = await hall.citizen();
  const { id } = await hall.book(hall.wants(citizen, await hall.slot(resource, 1, time)));
  await clerk.send('POST', `/services/appointments/${id}/check-in`);
  return { ...citizen, id };
}
const act = (id: string, name: string) => clerk.send('POST', `/services/appointments/${id}/${name}`);

type Office = { id: number; title: string; waiting: number; state: string; words: string };
/** What was counted within the same second is told again: each look is a second after the one before. */
const look = <T>(path: string) => {
  hall.server.deps.clock.offset += 1000;
  return anonymous(hall.server).get<T>(path);
};
const offices = async () => (await look<{ next: string | null; offices: Office[] }>('/queues?account=demo')).body;
const office = async () => (await offices()).offices.find(({ id }) => id === hall.organisation.id)!;
const counterOf = async (title: string) => {
  const { body } = await look<{ counters: { title: string; words: string; called: number[] }[] }>(
    `/queues/${hall.organisation.id}?account=demo`,
  );
  return body.counters.filter((one) => one.title === title).at(-1);
};

test('in the chat: one’s own first, then office by office, word for word', async () => {
  const resource = await hall.resource();
  await here(resource, '2026-03-02 10:30');
  const { openid } = await here(resource, '2026-03-02 11:00');
  const turns = readChat(readFileSync(path.join(__dirname, 'queues.chat'), 'utf8'));
  const heard = [];
  for (const { act, line } of turns) {
    const reply = (await play(hall.server, openid, act)).replaceAll(hall.server.url, '{{url}}');
    heard.push({ line, act, reply: reply.replace(/(?<=#\/queues\/)\d+/, '{{office}}') });
  }
  expect(heard).toEqual(turns);
});

test('what is called, passed over and served counts no more; a wait is estimated once five visits are known', async () => {
  const resource = await hall.resource({});
  await hall.db.query('UPDATE appointment_resources SET title = $2, subtitle = $3 WHERE id = $1', [
    resource,
    '测时窗口',
    '',
  ]);
  const people = [];
  for (let minute = 10; minute < 18; minute++) people.push(await here(resource, `2026-03-02 11:${minute}`));
  const waiting = people.length;
  expect(await counterOf('测时窗口')).toMatchObject({ words: `${waiting} 人在等，要等多久还估不出`, called: [] });
  // Five visits of eight minutes each, and one that was forgotten over lunch.
  for (const [index, { id }] of people.slice(0, 5).entries()) {
    await act(id, 'call');
    await hall.db.query(`UPDATE appointments SET called_at = called_at - interval '8 minutes' WHERE id = $1`, [id]);
    if (index === 4) expect(await counterOf('测时窗口')).toMatchObject({ called: [5] });
    await act(id, 'serve');
  }
  const client = await signInCitizen(hall.server, people[7]!.openid);
  setTime('2026-03-02 10:05');
  expect(await counterOf('测时窗口')).toMatchObject({ words: '3 人在等，约 24 分钟' });
  expect((await client.get('/queues/mine')).body).toEqual({
    turns: [
      {
        title: '测时窗口',
        place: '示例市第一医院 门诊服务部',
        words: '8 号，前面 2 人，约 16 分钟',
        called: false,
      },
    ],
  });
  await act(people[7]!.id, 'call');
  expect((await client.get('/queues/mine')).body).toMatchObject({
    turns: [{ words: '8 号，已经叫到您', called: true }],
  });
  await act(people[7]!.id, 'pass');
  // The time that was booked is over, and they are in line all the same.
  setTime('2026-03-02 12:30');
  expect((await client.get('/queues/mine')).body).toMatchObject({
    turns: [{ words: '8 号，已过号，请到窗口重新排队' }],
  });
  expect(await hall.server.say(people[6]!.openid, '排队')).toEqual([
    expect.stringContaining('您的 测时窗口：7 号，前面 1 人，约 8 分钟'),
  ]);
});

test('out of hours it says so and when it begins; nothing of others is told, and nothing of another account', async () => {
  const resource = await hall.resource();
  await hall.slot(resource, 1, '2026-03-03 09:00');
  setTime('2026-03-03 07:30');
  expect(await office()).toMatchObject({ waiting: 0, state: 'later', words: '09:00 开始' });
  expect(await offices()).toMatchObject({ next: new Date('2026-03-03T09:00:00+08:00').toISOString() });
  const stranger = anyone();
  expect(await hall.server.say(stranger, '排队人数')).toEqual([
    expect.stringMatching(/^现在都没有在办，最早 今天 09:00 开始。/),
  ]);
  setTime('2026-03-03 23:00');
  expect(await office()).toMatchObject({ state: 'over', words: '今天已结束' });
  expect(await hall.server.say(stranger, '排队人数')).toEqual([expect.stringContaining('最早 明天 09:00 开始')]);
  // Where the next day is planned, it is that plan that says when, not the city's working hours.
  await hall.slot(resource, 1, '2026-03-04 07:50');
  setTime('2026-03-03 23:02');
  expect(await hall.server.say(stranger, '排队人数')).toEqual([expect.stringContaining('最早 明天 07:50 开始')]);
  const client = await signInCitizen(hall.server, stranger);
  expect((await client.get('/queues/mine')).body).toEqual({ turns: [] });
  expect((await anonymous(hall.server).get('/queues/mine')).status).toBe(401);
  expect((await anonymous(hall.server).get('/queues?account=nobody')).status).toBe(404);
  // Who came by a link that names none sees those of the first.
  expect((await anonymous(hall.server).get('/queues?account=')).status).toBe(200);
  expect((await anonymous(hall.server).get('/queues/1?account=demo')).status).toBe(404);
});

test('the load is counted along indexes, however many visits there have been', async () => {
  const resource = await hall.resource();
  const slot = await hall.slot(resource, 1, '2026-03-02 16:00');
  await hall.db.query(
    `INSERT INTO appointments (code, slot_id, resource_id, organisation_id, day, starts_at, name_sealed, status, made_at,
                               called_at, ended_at, queue_number, queue_rank)
     SELECT 'f' || n, $1, $2, $3, date '2026-03-01' - n % 60, $4, '', 'served', $4, $4::timestamptz - n * interval '1 minute',
            $4::timestamptz - n * interval '1 minute' + interval '5 minutes', n, n FROM generate_series(1, 50000) n`,
    [slot, resource, hall.organisation.id, hall.now],
  );
  await hall.db.query('ANALYZE appointments');
  const rows = await hall.db.query<{ 'QUERY PLAN': string }>(`EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) ${counters}`, [
    hall.account.organisationId,
    '2026-03-02',
    hall.now,
    3,
  ]);
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(plan).toMatch(/appointments_in_line/);
  expect(plan).toMatch(/appointments_served/);
  expect(plan).not.toMatch(/Seq Scan on appointments\b/);
  const pages = [...plan.matchAll(/Buffers: shared hit=(\d+)(?: read=(\d+))?/g)].map(
    ([, hit, read = 0]) => Number(hit) + Number(read),
  );
  expect(pages[0]).toBeLessThan(500);
});
