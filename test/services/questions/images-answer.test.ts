import { type Client, signIn } from '../../console/client';
import { phonePhoto, tracesIn } from '../../support/pictures';
import { anyone, bring, bytesOf, look, openStage, type Stage, threadOf } from './images-stage';

let stage: Stage;
let police: Client;
let hospital: Client;
let photo: Buffer;
beforeAll(async () => {
  stage = await openStage();
  [police, hospital] = [await signIn(stage.server, 'clerk-police'), await signIn(stage.server, 'clerk-hospital')];
  photo = await phonePhoto({ width: 800, height: 600 });
});
afterAll(() => stage?.server.stop());

const upload = (id: string, client: Client) =>
  bring(stage.server, `/api/console/services/questions/${id}/images`, photo, {
    authorization: `Bearer ${client.token}`,
  });
let sent = 0;
async function answer(id: string, images: string[]) {
  const { version } = (await police.get(`/services/questions/${id}`)).body as { version: number };
  sent += 1;
  const body = { text: '请看附图。', seen: version, key: `answer-${sent}-once`, images };
  return police.send('POST', `/services/questions/${id}/answer`, body);
}

test('while the citizen may be written to, the pictures follow the answer as WeChat pictures, without traces', async () => {
  const openid = anyone();
  const id = await stage.askInChat(openid, []);
  const images = [(await upload(id, police)).body.id!, (await upload(id, police)).body.id!];
  expect((await answer(id, images)).status).toBe(200);
  await stage.deliver(openid);
  const delivered = await stage.delivered(openid);
  expect(delivered.map(({ type }) => type)).toEqual(['text', 'image', 'image']);
  expect(delivered[0]!.content).toContain('（2 张图片随后发来）');
  expect(await tracesIn(await bytesOf(await fetch(delivered[1]!.url!)))).toEqual([]);
  expect((await threadOf(police, id)).messages.find(({ kind }) => kind === 'answer')!.images).toHaveLength(2);
});

test('afterwards they are on the page that the notice leads to, for the citizen alone', async () => {
  const openid = anyone();
  const id = await stage.askInChat(openid, []);
  stage.pass(49 * 3600);
  // Two days later nobody is signed in any more.
  [police, hospital] = [await signIn(stage.server, 'clerk-police'), await signIn(stage.server, 'clerk-hospital')];
  expect((await answer(id, [(await upload(id, police)).body.id!])).status).toBe(200);
  await stage.deliver(openid);
  expect((await stage.delivered(openid)).map(({ type }) => type)).not.toContain('image');
  const page = await fetch(`${stage.server.url}/api/h5/questions/${stage.token(openid, id)}/${id}`);
  const { messages } = (await page.json()) as { messages: { from: string; images: string[] }[] };
  const [address] = messages.find(({ from }) => from === 'department')!.images;
  expect((await look(stage.server, address!)).status).toBe(200);
  const stranger = stage.token(anyone());
  expect((await look(stage.server, address!.replace(/questions\/[^/]+/, `questions/${stranger}`))).status).toBe(404);
});

test('who does not see the question brings nothing to it; nobody uses what another has brought, or one twice', async () => {
  const id = await stage.askInChat(anyone(), []);
  const own = await stage.askInChat(anyone(), [], '1');
  expect((await upload(id, hospital)).status).toBe(404);
  const theirs = (await upload(own, hospital)).body.id!;
  expect((await answer(id, [theirs])).status).toBe(422);
  const mine = (await upload(id, police)).body.id!;
  expect((await answer(id, [mine])).status).toBe(200);
  expect((await answer(id, [mine])).status).toBe(422);
  const answers = (await threadOf(police, id)).messages.filter(({ kind }) => kind === 'answer');
  expect(answers).toHaveLength(1);
});
