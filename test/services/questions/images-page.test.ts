import { type Client, signIn } from '../../console/client';
import { phonePhoto, picture } from '../../support/pictures';
import { anyone, bring, latest, openStage, type Stage, threadOf } from './images-stage';

let stage: Stage;
let police: Client;
let department: number;
beforeAll(async () => {
  stage = await openStage();
  police = await signIn(stage.server, 'clerk-police');
  const [row] = await stage.deps.db.query<{ id: number }>(
    `SELECT id FROM organisations WHERE key = 'police-household'`,
  );
  department = row!.id;
});
afterAll(() => stage?.server.stop());

const upload = (openid: string, file: Buffer) =>
  bring(stage.server, `/api/h5/questions/${stage.token(openid)}/images`, file);
async function send(path: string, body: object) {
  const response = await fetch(`${stage.server.url}/api/h5/questions/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as { number?: string } };
}
let sent = 0;
const question = (images: string[], more: object = {}) => {
  sent += 1;
  const words = { text: '门口的门牌掉了，要重新编吗？', organisationId: department, publishable: false };
  return { ...words, images, key: `page-once-${sent}`, ...more };
};

test('asks once with photos and a place, however often it is sent, and adds more photos without words', async () => {
  const openid = anyone();
  const images = [
    (await upload(openid, await phonePhoto())).body.id!,
    (await upload(openid, await picture('png'))).body.id!,
  ];
  const form = question(images, { place: { label: '平安路 8 号' } });
  const [one, again] = [await send(stage.token(openid), form), await send(stage.token(openid), form)];
  expect([one.status, again.body]).toEqual([201, one.body]);
  const id = await latest(stage.server, openid);
  const asked = await threadOf(police, id);
  expect(asked.messages[0]!.images).toHaveLength(2);
  expect(asked.place).toEqual({ label: '平安路 8 号', latitude: null, longitude: null });

  const more = { text: '', images: [(await upload(openid, await picture('png'))).body.id!], key: 'more-once' };
  expect((await send(`${stage.token(openid)}/${id}/messages`, more)).status).toBe(200);
  expect((await send(`${stage.token(openid)}/${id}/messages`, { text: '', images: [], key: 'more-none' })).status).toBe(
    422,
  );
  expect((await threadOf(police, id)).images).toBe(3);
});

test("another's photo, a seventh, and one that is none of ours are refused, and nothing is asked", async () => {
  const [openid, other] = [anyone(), anyone()];
  const theirs = (await upload(other, await picture('png'))).body.id!;
  expect((await send(stage.token(openid), question([theirs]))).status).toBe(422);
  expect((await send(stage.token(openid), question(Array(7).fill(theirs)))).status).toBe(422);
  expect((await send(stage.token(openid), question(['../etc']))).status).toBe(422);
  expect(await stage.deps.db.query('SELECT 1 FROM questions WHERE openid = $1', [openid])).toEqual([]);
});

test('whoever has no link brings nothing, and whoever brings photos without end is told to stop', async () => {
  const small = await picture('png');
  expect((await bring(stage.server, '/api/h5/questions/x.y/images', small)).status).toBe(404);
  const openid = anyone();
  for (let count = 0; count < 24; count++) expect((await upload(openid, small)).status).toBe(201);
  expect((await upload(openid, small)).body.error).toEqual({
    code: 'too-many',
    message: '您传的照片太多了，还没有提交。请先提交，或明天再传',
  });
});

test('before it is sent the guides say what they know, and a text that nobody knows finds nothing', async () => {
  const ask = (text: string) => send(`${stage.token(anyone())}/known`, { text });
  const { items } = (await ask('身份证丢了怎么补办')).body as { items?: { title: string; link: string | null }[] };
  expect(items!.length).toBeLessThanOrEqual(3);
  expect(items!.find(({ title }) => title === '补领居民身份证')!.link).toMatch(/^#\/guides\//);
});
