import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';
import { fetchDue } from '../../../src/services/questions/fetch-images';
import { type Client, signIn } from '../../console/client';
import { tracesIn } from '../../support/pictures';
import { startTestServer } from '../../support/server';
import { anyone, bytesOf, latest, look, openStage, type Stage, threadOf } from './images-stage';

let stage: Stage;
let police: Client;
let hospital: Client;
beforeAll(async () => {
  stage = await openStage();
  [police, hospital] = [await signIn(stage.server, 'clerk-police'), await signIn(stage.server, 'clerk-hospital')];
});
afterAll(() => stage?.server.stop());

const fault = (order: object) =>
  fetch(`${stage.server.url}/simulator/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(order),
  });
afterEach(() => fetch(`${stage.server.url}/simulator/faults`, { method: 'DELETE' }));

const place = { latitude: 30.25, longitude: 120.15, label: '示例市城东区平安路 8 号' };

test('photos and a place sent while asking reach the clerk after the reply, in order, without position or camera', async () => {
  const openid = anyone();
  const id = await stage.askInChat(openid, [{ image: stage.photo }, { location: place }, { image: stage.photo }]);
  const waiting = await threadOf(police, id);
  expect(waiting.messages[0]).toMatchObject({ images: [], awaited: 2, lost: 0 });
  expect(waiting.place).toEqual(place);
  await stage.fetchPhotos();
  const { messages, images } = await threadOf(police, id);
  expect(images).toBe(2);
  expect(messages[0]).toMatchObject({ awaited: 0, lost: 0 });
  expect(messages[0]!.images).toHaveLength(2);
  for (const address of messages[0]!.images) {
    const whole = await look(stage.server, address, police.token);
    expect([whole.status, whole.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    const bytes = await bytesOf(whole);
    expect(await tracesIn(bytes)).toEqual([]);
    expect(await sharp(bytes).metadata()).toMatchObject({ width: 600, height: 800 });
    const small = await bytesOf(await look(stage.server, `${address}?size=small`, police.token));
    expect(await sharp(small).metadata()).toMatchObject({ width: 400, height: 400 });
  }
});

test('whom the question is not to be seen by does not find its pictures either, nor under a question of their own', async () => {
  const id = await stage.askInChat(anyone(), [{ image: stage.photo }]);
  const own = await stage.askInChat(anyone(), [{ image: stage.photo }], '1');
  await stage.fetchPhotos();
  const [address] = (await threadOf(police, id)).messages[0]!.images;
  expect((await look(stage.server, address!, police.token)).status).toBe(200);
  expect((await look(stage.server, address!, hospital.token)).status).toBe(404);
  const borrowed = address!.replace(`/${id}/`, `/${own}/`);
  expect(borrowed).not.toBe(address);
  expect((await look(stage.server, borrowed, hospital.token)).status).toBe(404);
  expect((await look(stage.server, address!)).status).toBe(401);
});

test('photos after asking join the open question: those sent together are one message', async () => {
  const openid = anyone();
  const id = await stage.askInChat(openid, []);
  expect(await stage.server.act(openid, { image: stage.photo })).toMatchObject({ status: 200 });
  await stage.server.act(openid, { image: stage.photo });
  stage.pass(600);
  await stage.server.act(openid, { image: stage.photo });
  await stage.fetchPhotos();
  const { messages, images } = await threadOf(police, id);
  const theirs = messages.filter(({ kind }) => kind === 'citizen');
  expect(theirs.map((one) => [one.text !== '', one.images.length])).toEqual([
    [true, 0],
    [false, 2],
    [false, 1],
  ]);
  expect(images).toBe(3);
});

test('who has no open question is told that a picture says nothing by itself, and none is kept', async () => {
  const openid = anyone();
  const { replies } = await stage.server.act(openid, { image: stage.photo });
  expect(replies[0]!.content).toMatch(/^图片收到了，不过我还看不懂/);
  await stage.fetchPhotos();
  expect(await stage.deps.db.query('SELECT 1 FROM questions WHERE openid = $1', [openid])).toEqual([]);
});

test('a platform that is busy is asked again by the clock, and nothing comes twice from two workers', async () => {
  const id = await stage.askInChat(anyone(), [{ image: stage.photo }]);
  await stage.deps.db.query(`UPDATE question_images SET pic_url = '' WHERE question_id = $1`, [id]);
  await fault({ api: 'media/get', kind: 'busy' });
  await stage.fetchPhotos();
  expect((await threadOf(police, id)).messages[0]).toMatchObject({ images: [], awaited: 1, lost: 0 });
  await fetch(`${stage.server.url}/simulator/faults`, { method: 'DELETE' });
  await stage.fetchPhotos();
  expect((await threadOf(police, id)).messages[0]).toMatchObject({ images: [], awaited: 1 });
  stage.pass(3600);
  const other = await startTestServer({
    env: { ROLES: 'web', LOG_LEVEL: 'silent', WECHAT_API_URL: `${stage.server.url}/simulator` },
    databaseUrl: stage.server.databaseUrl,
  });
  try {
    other.deps.clock.offset = stage.server.deps.clock.offset;
    await Promise.all([stage.fetchPhotos(), fetchDue(other.deps.serviceDeps)]);
  } finally {
    await other.stop();
  }
  expect((await threadOf(police, id)).messages[0]).toMatchObject({ awaited: 0, lost: 0 });
  const files = await stage.deps.db.query('SELECT 1 FROM files WHERE owner = $1', [`question:${id}`]);
  expect(files).toHaveLength(1);
});

test('where the platform does not give it by its id, the address on the platform’s own host does', async () => {
  const id = await stage.askInChat(anyone(), [{ image: stage.photo }]);
  // Not busy again: that many failures in a row would have the circuit pause every call of the tests that follow.
  await fault({ api: 'media/get', kind: '45009' });
  await stage.fetchPhotos();
  expect((await threadOf(police, id)).messages[0]!.images).toHaveLength(1);
});

test('a worker that died in the middle holds nobody up for long', async () => {
  const id = await stage.askInChat(anyone(), [{ image: stage.photo }]);
  const dying = { ...stage.deps, fetchPicture: () => new Promise<never>(() => {}) };
  void fetchDue(dying);
  const begun = async () =>
    (await stage.deps.db.query('SELECT 1 FROM question_images WHERE question_id = $1 AND attempts = 1', [id])).length;
  while ((await begun()) === 0);
  await stage.fetchPhotos();
  expect((await threadOf(police, id)).messages[0]).toMatchObject({ images: [], awaited: 1 });
  stage.pass(360);
  await stage.fetchPhotos();
  expect((await threadOf(police, id)).messages[0]!.images).toHaveLength(1);
});

describe('a picture that cannot be had', () => {
  let trap: Server;
  let visits: string[];
  beforeAll(async () => {
    visits = [];
    trap = createServer((request, response) => {
      visits.push(request.url ?? '');
      response.end('secret');
    });
    await new Promise<void>((resolve) => void trap.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => trap.close(resolve)));
  const addressOf = (path: string) => `http://127.0.0.1:${(trap.address() as AddressInfo).port}${path}`;
  let serial = 0;
  const push = (openid: string, picUrl: string) => {
    serial += 1;
    const parts = `<MsgId>77${serial}</MsgId><MediaId>none-${serial}</MediaId><PicUrl><![CDATA[${picUrl}]]></PicUrl>`;
    const seconds = Math.floor(stage.deps.clock.millis() / 1000);
    return stage.server.act(openid, {
      xml: `<xml><ToUserName>gh_demo00000001</ToUserName><FromUserName>${openid}</FromUserName><CreateTime>${seconds}</CreateTime><MsgType>image</MsgType>${parts}</xml>`,
    });
  };

  test.each([
    ['an address inside', () => addressOf('/inside')],
    ['one that looks like the simulator’s', () => addressOf('/simulator/media/1')],
    ['one that climbs out of it', () => `${stage.server.url}/simulator/media/../../healthz`],
    ['a cloud’s own', () => 'http://169.254.169.254/latest/meta-data/'],
    ['one that only begins like WeChat’s', () => 'http://mmbiz.qpic.cn.evil.example/a'],
    ['a file', () => 'file:///etc/passwd'],
  ])('%s is never asked for it; the clerk sees that it is missing and the citizen is told', async (_name, address) => {
    const openid = anyone();
    const id = await stage.askInChat(openid, []);
    expect((await push(openid, address())).replies[0]!.content).toMatch(/^照片已补充到您的提问/);
    await stage.fetchPhotos();
    const { messages, images } = await threadOf(police, id);
    expect(images).toBe(0);
    expect(messages.find(({ lost }) => lost === 1)).toMatchObject({ kind: 'citizen', images: [], awaited: 0 });
    expect(messages.at(-1)).toMatchObject({
      kind: 'event',
      text: '市民的一张照片没能取到：媒体文件不存在或已过期（错误码 40007）',
    });
    await stage.deliver(openid);
    expect((await stage.delivered(openid)).map(({ content }) => content)).toEqual([
      expect.stringMatching(/^您的提问 Q\d+ 里有照片没能取到/),
    ]);
    expect(visits).toEqual([]);
  });

  test('what the platform gives and is no picture is told in words', async () => {
    const openid = anyone();
    const id = await stage.askInChat(openid, [{ image: stage.photo }]);
    await stage.deps.db.query(
      `UPDATE simulator.media SET bytes = '\\xffd8ffe000104a46' WHERE id = (
         SELECT media_id FROM question_images WHERE question_id = $1)`,
      [id],
    );
    await stage.fetchPhotos();
    expect((await threadOf(police, id)).messages.at(-1)!.text).toBe(
      '市民的一张照片没能取到：图片损坏或没有传完整，请重新选择',
    );
  });

  test('a platform that stays away is given up after days, not before', async () => {
    const id = await stage.askInChat(anyone(), [{ image: stage.photo }]);
    const away = { ...stage.deps, fetchPicture: () => Promise.reject(new Error('away')) };
    const state = async () => {
      const [row] = await stage.deps.db.query<{ attempts: number; lost: string | null }>(
        'SELECT attempts, lost FROM question_images WHERE question_id = $1',
        [id],
      );
      return row!;
    };
    for (let day = 0; day < 20 && (await state()).lost === null; day++) {
      await fetchDue(away);
      stage.pass(24 * 3600);
    }
    expect(await state()).toEqual({ attempts: 9, lost: 'away' });
  });
});

test('no more than thirty pictures in one question', async () => {
  const openid = anyone();
  const id = await stage.askInChat(openid, Array(6).fill({ image: stage.photo }));
  await stage.deps.db.query('UPDATE questions SET images = 30 WHERE id = $1', [id]);
  const { replies } = await stage.server.act(openid, { image: stage.photo });
  expect(replies[0]!.content).toMatch(/^提问 Q\d+ 最多 30 张图片，已经有 30 张了$/);
  expect(await latest(stage.server, openid)).toBe(id);
});
