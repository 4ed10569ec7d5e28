import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { command } from '../../../src/services/nearby/command';
import { fromWgs84, metresBetween } from '../../../src/services/nearby/datum';
import { readPlaces } from '../../../src/services/nearby/place';
import { addStaff, audited, signIn } from '../../console/client';
import { anonymous } from '../../h5/citizen-client';
import { play, readChat } from '../../support/chat';
import { anyone } from '../../support/server';
import { type Hall, openHall } from '../appointments/hall';

let hall: Hall;
let folder: string;
beforeAll(async () => {
  hall = await openHall();
  setTime('2026-03-02 10:00');
  folder = mkdtempSync(path.join(tmpdir(), 'weiban-nearby-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await hall?.close();
});

function setTime(time: string): void {
  hall.setTime(time);
  hall.server.deps.clock.offset = hall.now.getTime() - Date.now();
}

type Place = {
  key: string;
  distance: string;
  metres: number | null;
  open: boolean;
  opening: string;
  busy: string;
  matters: string;
};
type Found = { demo: boolean; districts: string[]; places: Place[]; next: number | null };
const find = async (sought: object = {}) =>
  anonymous(hall.server).post<Found>('/nearby', { account: 'demo', ...sought });
const placeOf = async (key: string) => (await find()).body.places.find((one) => one.key === key)!;

const here = { latitude: 30.1, longitude: 120.2, datum: 'gcj02' };
const shipped = path.join(__dirname, '../../../src/services/nearby/places.yaml');

test('in the chat: asks for a place, lists the nearest with how busy they are, or by district, word for word', async () => {
  const clerk = await signIn(hall.server, 'clerk-hospital');
  const citizen = await hall.citizen();
  const slot = await hall.slot(await hall.resource(), 1, '2026-03-02 10:30');
  const { id } = await hall.book(hall.wants(citizen, slot));
  await clerk.send('POST', `/services/appointments/${id}/check-in`);
  const openid = anyone();
  const turns = readChat(readFileSync(path.join(__dirname, 'nearby.chat'), 'utf8'));
  const heard = [];
  for (const { act, line } of turns)
    heard.push({ line, act, reply: (await play(hall.server, openid, act)).replaceAll(hall.server.url, '{{url}}') });
  expect(heard).toEqual(turns);
});

test('a place that comes by itself finds what is near; while a question is open it may be meant for that', async () => {
  const openid = anyone();
  const say = (act: string) => play(hall.server, openid, act);
  expect(await say('[位置 示例市]')).toMatch(/^离您最近的办事点/);
  for (const words of ['提问', '2', '户口本丢了在哪里补办', '1', '1', '1']) await hall.server.say(openid, words);
  expect(await say('[位置 示例市]')).toMatch(/^收到了，您想用在哪里？\n1\. 补充到我的提问 \S+\n2\. 找最近的办事点\n/);
  expect(await hall.server.say(openid, '2')).toEqual([expect.stringMatching(/^离您最近的办事点/)]);
});

test('the nearest first, from either datum; by district; page after page; never with where somebody is in an address', async () => {
  const { body } = await find({ from: here });
  expect(body.places.map(({ key }) => key).slice(0, 3)).toEqual(['station-east', 'household', 'hospital-first']);
  expect(body.places.map(({ metres }) => metres)).toEqual(
    body.places.map(({ metres }) => metres!).sort((a, b) => a - b),
  );
  // What a browser’s GPS says lies some hundred metres off on the map.
  const gps = { ...here, datum: 'wgs84' };
  expect((await find({ from: gps })).body.places[0]!.metres).not.toBe(body.places[0]!.metres);
  expect((await find({ district: '城西区' })).body).toMatchObject({
    demo: true,
    districts: ['城东区', '城西区', '城南区', '城北区'],
    places: [{ key: 'exit-entry', distance: '' }, { key: 'station-west' }],
    next: null,
  });
  expect(await find({ from: { ...here, latitude: 300 } })).toMatchObject({ status: 422 });
  expect((await find({ from: { ...here, datum: 'bd09' } })).body.error!.fields).toEqual({
    'from.datum': '应为 gcj02（微信、腾讯地图）或 wgs84（浏览器的定位）',
  });
  expect((await find({ account: 'nobody' })).status).toBe(404);
});

test('GCJ-02 as the maps of China draw it, within a metre of a point that is known', () => {
  // Tiananmen: 39.9075, 116.39723 by GPS is 39.908902, 116.403473 on the map.
  const point = fromWgs84({ latitude: 39.9075, longitude: 116.39723 });
  expect(metresBetween(point, { latitude: 39.908902, longitude: 116.403473 })).toBeLessThan(5);
  expect(metresBetween({ latitude: 30, longitude: 120 }, { latitude: 31, longitude: 120 })).toBe(111195);
});

test('open by its own hours, the city’s calendar and its holidays; how busy only where somebody knows', async () => {
  setTime('2026-03-02 12:30');
  expect(await placeOf('household')).toMatchObject({ open: false, opening: '今天 14:00 开门', busy: '' });
  expect(await placeOf('exit-entry')).toMatchObject({ open: true, opening: '现在办公' });
  expect(await placeOf('hospital-first-emergency')).toMatchObject({ open: true, opening: '全天有人', busy: '' });
  // A counter is served there at nine, and nobody has come yet.
  const household = await hall.deps.db.query<{ id: number }>(
    `SELECT id FROM organisations WHERE key = 'police-household'`,
  );
  await hall.slot(await hall.resource({}, household[0]!.id), 1, '2026-03-06 09:00', 60);
  setTime('2026-03-06 09:30');
  expect(await placeOf('household')).toMatchObject({ open: true, busy: '没有人在等' });
  expect(await placeOf('station-west')).toMatchObject({ open: true, busy: '' });
  setTime('2026-03-07 10:00');
  expect(await placeOf('household')).toMatchObject({ open: false, opening: '3月9日 09:00 开门' });
  expect(await placeOf('vehicles')).toMatchObject({ open: true });
  setTime('2026-10-01 10:00');
  expect(await placeOf('vehicles')).toMatchObject({ open: false });
});

test('an operator adds, changes and hides a place of theirs: the chat and the page have it at once, each act in the audit trail', async () => {
  setTime('2026-03-02 10:00');
  const { server } = hall;
  const prefix = '/services/nearby/places';
  const operator = await signIn(server, 'operator');
  await addStaff(server, 'hospital-operator', 'operator', 'hospital-first');
  const hospital = await signIn(server, 'hospital-operator');
  const fresh = {
    title: '示例便民点',
    district: '新城区',
    address: '示例市新城区示例路 1 号',
    matters: '取件、打印',
    latitude: 30.3,
    longitude: 120.3,
    hours: { days: [6, 7], spans: [{ from: '10:00', to: '16:00' }] },
  };
  const wrong = await operator.send('POST', prefix, {
    ...fresh,
    latitude: 120.3,
    hours: { days: [], spans: [{ from: '16:00', to: '10:00' }] },
  });
  expect([wrong.status, (wrong.body as { error: { fields: object } }).error.fields]).toEqual([
    422,
    {
      latitude: '纬度应在 3 到 54 之间',
      'hours.days': '至少要有一天',
      'hours.spans': expect.stringContaining('从早到晚，每段结束晚于开始'),
    },
  ]);
  const made = await operator.send('POST', prefix, fresh);
  expect(made.status).toBe(201);
  const { key } = made.body as { key: string };
  const near = { latitude: 30.3, longitude: 120.3, datum: 'gcj02' };
  const nearest = async () => (await find({ from: near })).body.places[0]!;
  const until = async (holds: (one: Place) => boolean) => {
    // The news travels by NOTIFY.
    let one = await nearest();
    while (!holds(one)) one = await nearest();
    return one;
  };
  expect(await until((one) => one.key === key)).toMatchObject({ opening: '3月7日 10:00 开门', matters: '取件、打印' });
  const openid = anyone();
  expect((await server.say(openid, '办事点'))[0]).toContain('新城区');
  const change = { ...fresh, phone: '000-12345000', hours: { always: true } };
  expect((await operator.send('PUT', `${prefix}/${key}`, change)).status).toBe(200);
  expect(await until((one) => one.open)).toMatchObject({ key, phone: '000-12345000' });
  await server.act(openid, { location: { latitude: 30.3, longitude: 120.3, label: '示例' } });
  expect((await server.say(openid, '1'))[0]).toContain('办什么：取件、打印');
  const listed = async (search: string, by = operator) =>
    ((await by.get(`${prefix}?${new URLSearchParams({ search })}`)).body as { items: { key: string }[] }).items;
  expect((await operator.send('POST', `${prefix}/${key}/hide`, { hidden: true })).status).toBe(200);
  await until((one) => one.key !== key);
  expect(await listed('便民')).toMatchObject([{ key, hidden: true, demo: false }]);
  await operator.send('PUT', `${prefix}/${key}`, { ...change, title: '示例便民站' });
  expect(await listed('便民')).toMatchObject([{ title: '示例便民站', hidden: true }]);
  await operator.send('POST', `${prefix}/${key}/hide`, { hidden: false });
  await until((one) => one.key === key);

  // Of the hospital's, and neither of the city's nor of the police's.
  expect((await listed('', hospital)).map((one) => one.key)).toEqual(['hospital-first']);
  for (const foreign of [key, 'household', 'nowhere'])
    expect((await hospital.send('PUT', `${prefix}/${foreign}`, fresh)).status).toBe(404);
  expect((await hospital.send('POST', prefix, fresh)).status).toBe(404);
  expect((await hospital.send('PUT', `${prefix}/hospital-first`, { ...fresh, organisation: 'police' })).status).toBe(
    404,
  );
  const acts = ['add', 'change', 'hide', 'show'];
  const trail = await Promise.all(acts.map((act) => audited(server, `nearby-place.${act}`)));
  expect(trail.map(([row]) => [row!.subject, row!.username])).toEqual(
    acts.map(() => [`nearby-place:${key}`, 'operator']),
  );
  expect(trail[1]!.map(({ detail }) => detail.changed)).toEqual([['title'], ['hours', 'phone']]);
});

test('a city’s own places replace the demo for good; a file with faults is refused with each of them', async () => {
  const file = path.join(folder, 'places.yaml');
  const { serviceDeps } = hall.server.deps;
  const places = Array.from(
    { length: 25 },
    (_, n) =>
      `  - { key: p${n}, title: 某处${n}, district: 甲区, address: 某路 ${n} 号, latitude: 30.${100 + n}, longitude: 120.2 }`,
  );
  writeFileSync(
    file,
    `districts: [甲区]\nplaces:\n${places.join('\n').replace('latitude: 30.100', 'latitude: 120.1')}`,
  );
  await expect(command(['import', file], serviceDeps)).rejects.toThrow('纬度应在 3 到 54 之间');
  expect(() => readPlaces(shipped)).not.toThrow();
  writeFileSync(file, readFileSync(shipped, 'utf8').replace('district: 城北区', 'district: 城中区'));
  await expect(command(['import', file], serviceDeps)).rejects.toThrow('区县 城中区 不在 districts 里');
  expect((await find()).body.demo).toBe(true);
  writeFileSync(file, `districts: [甲区]\nplaces:\n${places.join('\n')}`);
  expect(await command(['import', file], serviceDeps)).toBe('已导入 25 个办事点，运行中的服务马上生效');
  let first = (await find({ from: here })).body;
  // The news travels by NOTIFY.
  while (first.demo) first = (await find({ from: here })).body;
  expect(first).toMatchObject({
    next: 20,
    places: expect.arrayContaining([expect.objectContaining({ key: 'p0', distance: '10 米' })]),
  });
  const second = (await find({ from: here, after: 20 })).body;
  expect([second.places.length, second.next]).toEqual([5, null]);
  await hall.server.deps.installed.services.find(({ key }) => key === 'nearby')!.demo!(serviceDeps);
  expect((await find()).body.demo).toBe(false);
});

test('a long list goes on in the chat: of districts, and of the places of one, to the last', async () => {
  const file = path.join(folder, 'many.yaml');
  const districts = Array.from({ length: 30 }, (_, n) => `第${n}区`);
  const place = (n: number, district: string) =>
    `  - { key: m${n}, title: 某站${n}, district: ${district}, address: 某路 ${n} 号, latitude: 30.2, longitude: 120.2 }`;
  const crowded = Array.from({ length: 29 }, (_, n) => place(n + 30, '第29区'));
  const places = [...districts.map((district, n) => place(n, district)), ...crowded];
  writeFileSync(file, `districts: [${districts.join(', ')}]\nplaces:\n${places.join('\n')}`);
  await command(['import', file], hall.server.deps.serviceDeps);
  // The news travels by NOTIFY.
  while ((await find()).body.districts.length !== 30);
  const openid = anyone();
  const say = async (words: string) => (await hall.server.say(openid, words))[0]!.split('\n');
  const first = await say('办事点');
  expect(first.slice(1, 4)).toEqual(['1. 发位置找最近的', '2. 第0区', '3. 第1区']);
  expect(first.slice(-3)).toEqual(['15. 第13区', '16. 更多……', '回复序号查看。']);
  expect((await say('16')).slice(1, -1)).toEqual([...nth(14, '第', '区'), '15. 更多……']);
  expect((await say('15')).slice(1, -1)).toEqual(['1. 第28区', '2. 第29区']);
  expect((await say('2')).slice(-2)).toEqual(['15. 更多……', '回复序号查看。']);
  expect((await say('15')).slice(1, -1).map((line) => line.split('，')[0])).toEqual([
    ...nth(43, '某站', ''),
    '15. 更多……',
  ]);
  expect((await say('15')).slice(1, -1).map((line) => line.split('，')[0])).toEqual(['1. 某站57', '2. 某站58']);
  expect((await say('2'))[0]).toContain('某站58');
});
/** A full page from that one on. */
const nth = (from: number, before: string, after: string) =>
  Array.from({ length: 14 }, (_, n) => `${n + 1}. ${before}${from + n}${after}`);
