import { readGuideFiles } from '../../../src/services/guides/files';
import { loadGuides } from '../../../src/services/guides/load';
import { anyone, startTestServer, type TestServer } from '../../support/server';
import { fillerMatters } from './filler';
import { shipped } from './guides-database';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.stop());

type Answer = {
  matters: { key: string; office: string }[];
  next: number | null;
  offices: object[];
  hot: object[];
  faq: object[];
  materials: { name: string }[];
};
const get = async (path: string) => {
  const response = await fetch(`${server.url}/api/h5${path}`);
  return { status: response.status, body: (await response.json()) as Answer };
};

test('the overview names offices, what most people ask for and common questions, and says that it is demo data', async () => {
  const { status, body } = await get('/guides-overview');
  expect(status).toBe(200);
  expect(body).toMatchObject({ demo: true, count: 73 });
  expect(body.offices).toHaveLength(11);
  expect(body.hot[0]).toEqual({
    key: 'appointment-notice',
    title: '预约挂号须知',
    summary: expect.any(String),
    office: '门诊服务中心',
    officeKey: 'hospital-outpatient',
  });
  expect(body.faq[0]).toMatchObject({ question: '身份证可以代办吗', matter: 'id-card-replace' });
});

test('the list goes on from page to page and leaves nothing out', async () => {
  const seen: string[] = [];
  for (let next: number | null = -1; next !== null; ) {
    const { body }: { body: Answer } = await get(`/guides?after=${next}`);
    seen.push(...body.matters.map(({ key }) => key));
    next = body.next;
  }
  expect(new Set(seen).size).toBe(73);
  expect(seen).toHaveLength(73);
});

test('an office lists its own matters; an unknown one has none', async () => {
  const { body } = await get('/guides?office=police-traffic');
  expect(body.next).toBeNull();
  expect(body.matters).toHaveLength(6);
  expect(new Set(body.matters.map(({ office }) => office))).toEqual(new Set(['交警']));
  expect((await get('/guides?office=nobody')).body).toEqual({ matters: [], next: null });
});

test('a matter leaves whole but for what only the search needs; one that is not there is a 404 in words', async () => {
  const { body } = await get('/guides/id-card-replace');
  expect(body).toMatchObject({ title: '补领居民身份证', fee: '工本费 40 元', demo: true });
  expect(body.materials[0]?.name).toBe('居民户口簿');
  expect(body).not.toHaveProperty('aliases');
  expect(await get('/guides/nothing')).toMatchObject({
    status: 404,
    body: { error: { message: expect.stringContaining('找不到') } },
  });
});

test('search answers as the chat does, and refuses what is not a question', async () => {
  const { body } = await get(`/guides?q=${encodeURIComponent('身份证丢了咋办')}`);
  expect(body.matters[0]?.key).toBe('id-card-replace');
  expect((await get(`/guides?q=${encodeURIComponent('今天天气真好')}`)).body.matters).toEqual([]);
  expect((await get(`/guides?q=${'x'.repeat(201)}`)).status).toBe(422);
  expect((await get('/guides?after=abc')).status).toBe(422);
});

test('offices and matters by the hundred, and one that says more than WeChat can show, stay within one message', async () => {
  const files = readGuideFiles(shipped);
  const [first] = files.matters;
  const long = Array.from({ length: 40 }, (_, index) => `${index + 1} 号材料，${'需要原件和复印件，'.repeat(8)}`);
  const huge = {
    ...first!,
    key: 'huge',
    title: '一个要很多材料的事项',
    officeKey: 'huge-office',
    office: '特大事项办公室',
    materials: long.map((name) => ({ name })),
    steps: long,
    notes: long,
  };
  const changed = new Promise<void>((resolve) => void server.deps.events.subscribe('guides', () => resolve()));
  await loadGuides(
    { ...files, matters: [...files.matters, huge, ...fillerMatters(900)], fingerprint: 'long' },
    'import',
    server.deps,
  );
  await changed;

  const openid = anyone();
  const heard: string[] = [];
  const say = async (act: object) => {
    const { replies } = await server.act(openid, act);
    expect(replies).toHaveLength(1);
    heard.push(replies[0]!.content!);
    return replies[0]!.content!;
  };
  expect(await say({ click: 'guides.offices' })).toContain('15. 更多……');
  expect(await say({ text: '15' })).toContain('示例市 人社');
  expect(await say({ text: '人社' })).toContain('15. 更多……');
  expect(await say({ text: '15' })).toContain('共 45 项');
  const told = await say({ text: '一个要很多材料的事项' });
  expect(told).toContain('/h5/?account=demo#/guides/huge');
  expect(told).toMatch(/还有 \d+ 项，见下面的链接/);
  for (const text of heard) expect(Buffer.byteLength(text)).toBeLessThan(2048);
});

test('a number that stands for a matter which is gone says so', async () => {
  const openid = anyone();
  await server.act(openid, { click: 'guides.hot' });
  await server.deps.db.query(`DELETE FROM guides_matters WHERE key = 'appointment-notice'`);
  const told = new Promise<void>((resolve) => void server.deps.events.subscribe('guides', () => resolve()));
  await server.deps.events.publish('guides', null);
  await told;
  expect(await server.say(openid, '1')).toEqual([expect.stringContaining('已经更新或下线')]);
});
