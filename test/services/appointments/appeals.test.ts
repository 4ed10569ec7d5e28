import { markNoShows } from '../../../src/services/appointments/no-shows';
import { personal } from '../../../src/services/appointments/personal';
import { audited, type Client, signIn } from '../../console/client';
import { signInCitizen } from '../../h5/citizen-client';
import { anyone } from '../../support/server';
import { type Hall, openHall } from './hall';

let hall: Hall;
beforeAll(async () => {
  hall = await openHall();
});
afterAll(() => hall?.server.stop());

type NoShow = { state: string; against: string | null; decision: string | null };

/** Somebody who did not come, on their page. */
async function missed() {
  const slot = await hall.slot(await hall.resource(), 1, '2026-03-04 09:00');
  hall.setTime('2026-03-02 10:00');
  const who = await hall.citizen();
  const { id } = await hall.book(hall.wants(who, slot));
  hall.setTime('2026-03-05 10:00');
  await markNoShows(hall.deps);
  // The pages go by the server's clock, which runs.
  hall.server.deps.clock.offset = hall.now.getTime() - Date.now();
  return { id, who, citizen: await signInCitizen(hall.server, who.openid) };
}
const told = (openid: string) =>
  hall.db.query<{ result: string; words: string }>(
    `SELECT body->'notice'->'data'->>'结果' AS result, body->'notice'->'data'->>'说明' AS words FROM deliveries
      WHERE openid = $1 AND body->'notice'->>'kind' = 'appointments.appealed'`,
    [openid],
  );

test('a citizen explains once, the department decides, the citizen is told, and the mark is gone', async () => {
  const { id, who, citizen } = await missed();
  expect((await citizen.get<NoShow>(`/appointments/${id}/no-show`)).body).toMatchObject({
    state: 'none',
    against: null,
  });
  expect((await citizen.post(`/appointments/${id}/no-show/appeal`, { reason: '忘' })).status).toBe(422);
  const reason = '当天急诊住院<script>alert(1)</script>';
  const both = await Promise.all([1, 2].map(() => citizen.post(`/appointments/${id}/no-show/appeal`, { reason })));
  expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
  expect(JSON.stringify(await hall.db.query('SELECT * FROM appointment_no_shows'))).not.toContain('急诊');
  const copy = await personal.copy({ accountId: hall.account.id, openid: who.openid }, 10, hall.deps);
  expect(copy).toMatchObject([{ 状态: '未到', 爽约申诉: reason, 申诉结果: '等待处理' }]);

  const clerk = await signIn(hall.server, 'clerk-hospital');
  const bells = (await clerk.get('/notifications')).body as { items: object[] };
  expect(bells.items).toContainEqual(
    expect.objectContaining({ title: expect.stringMatching(/^预约 \d{8} 有爽约申诉$/), link: '/appointments/appeals' }),
  );
  const waiting = async (of: Client) =>
    ((await of.get('/services/appointments/appeals')).body as { items: object[] }).items;
  expect(await waiting(clerk)).toContainEqual(expect.objectContaining({ id, person: '示**民', reason }));
  expect((await audited(hall.server, 'appointment.appeal-read')).length).toBeGreaterThan(0);
  const police = await signIn(hall.server, 'clerk-police');
  expect(await waiting(police)).toEqual([]);
  const decision = { accept: true, words: '已核对病历' };
  expect((await police.send('POST', `/services/appointments/appeals/${id}/decide`, decision)).status).toBe(404);
  expect((await clerk.send('POST', `/services/appointments/appeals/${id}/decide`, decision)).status).toBe(200);
  expect((await clerk.send('POST', `/services/appointments/appeals/${id}/decide`, decision)).status).toBe(409);
  expect(await told(who.openid)).toEqual([{ result: '申诉成立，这次爽约已撤销', words: '已核对病历' }]);
  expect((await citizen.get<NoShow>(`/appointments/${id}/no-show`)).body).toMatchObject({
    state: 'accepted',
    decision: '已核对病历',
  });
});

test('in the chat 我的预约 names the mark, and leads to the page where it is appealed against', async () => {
  const { id, who, citizen } = await missed();
  await hall.server.act(who.openid, { event: 'subscribe' });
  const say = async (words: string) => (await hall.server.say(who.openid, words))[0];
  expect(await say('我的预约')).toBe('您的预约：\n1. 03-04 09:00 示例医生 主任医师（未到）\n回复序号查看。');
  expect(await say('1')).toMatch(
    new RegExp(
      `没有来，记了一次爽约，计算到 2026-08-31。\n有原因的可以申诉一次，.*/h5/\\?account=demo#/appointments/${id}$`,
    ),
  );
  await citizen.post(`/appointments/${id}/no-show/appeal`, { reason: '当天急诊住院' });
  await say('我的预约');
  expect(await say('1')).toContain('已经申诉过，正在处理，有结果会通知您。');
});

test('a rejected one still counts, and is not appealed against twice', async () => {
  const { id, who, citizen } = await missed();
  await citizen.post(`/appointments/${id}/no-show/appeal`, { reason: '那天下雨没有去' });
  const clerk = await signIn(hall.server, 'clerk-hospital');
  await clerk.send('POST', `/services/appointments/appeals/${id}/decide`, { accept: false, words: '下雨不是理由' });
  expect(await told(who.openid)).toMatchObject([{ result: '申诉不成立，这次爽约仍计算' }]);
  const [mark] = await hall.db.query('SELECT forgiven_at FROM appointment_no_shows WHERE appointment_id = $1', [id]);
  expect(mark).toEqual({ forgiven_at: null });
  expect((await citizen.post(`/appointments/${id}/no-show/appeal`, { reason: '还是想再说一次' })).status).toBe(409);
});

test('what is another citizen’s is not there, on every page', async () => {
  const { id, who } = await missed();
  const stranger = await signInCitizen(hall.server, anyone());
  const { version } = (await stranger.get<{ version: string }>('/consents/health')).body;
  await stranger.post('/consents/health', { version });
  const person = who.person.id;
  const gets = [`/appointments/${id}`, `/appointments/${id}/calendar`, `/appointments/${id}/no-show`];
  for (const path of gets) expect([path, (await stranger.get(path)).status]).toEqual([path, 404]);
  const posts: [string, object][] = [
    [`/appointments/${id}/confirm`, {}],
    [`/appointments/${id}/cancel`, {}],
    [`/appointments/${id}/reschedule`, { slotId: '1', key: anyone() }],
    [`/appointments/${id}/no-show/appeal`, { reason: '我没有去，请撤销' }],
    ['/appointments/hold', { slotId: '1', personId: person, key: anyone() }],
    [`/persons/${person}/phone`, { phone: '13700001111', code: '123456' }],
    [`/privacy/deletions/${'0'.repeat(32)}/withdraw`, {}],
  ];
  for (const [path, body] of posts) expect([path, (await stranger.post(path, body)).status]).toEqual([path, 404]);
  for (const path of [`/persons/${person}`, '/appointments/waiting/1', '/consents/family'])
    expect([path, (await stranger.delete(path)).status]).toEqual([path, 404]);
});
