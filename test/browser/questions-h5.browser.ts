import type { Browser, BrowserContext, Page } from 'playwright-core';
import { linkToken } from '../../src/services/questions/link';
import { signIn } from '../console/client';
import { phonePhoto, picture, tracesIn } from '../support/pictures';
import { anyone, startTestServer, type TestServer } from '../support/server';
import { handset, openBrowser } from './browser';

let server: TestServer;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let faults: string[];

beforeAll(async () => {
  server = await startTestServer();
  browser = await openBrowser();
  context = await browser.newContext({ viewport: handset, isMobile: true, hasTouch: true, locale: 'zh-CN' });
  page = await context.newPage();
  faults = [];
  page.on('pageerror', ({ message }) => faults.push(message));
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

const wide = () => page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth');
const shot = async (name: string) => {
  if (process.env.SCREENSHOTS)
    await page.screenshot({ path: `${process.env.SCREENSHOTS}/${name}.png`, fullPage: true });
};
const jpeg = async (name: string, buffer: Promise<Buffer>) => ({ name, mimeType: 'image/jpeg', buffer: await buffer });

test('a citizen asks with photos on the page, sees the state, adds to it, reads the answer and rates it', async () => {
  const openid = anyone();
  await server.say(openid, '帮助');
  const token = linkToken({ accountId: 1, openid, questionId: null }, server.deps);
  await page.goto(`${server.url}/h5/#/questions/ask/${token}`);
  await page.getByLabel('您的问题').fill('身份证丢了，人在外地，能在外地补领吗？');
  // WeChat throws a page away behind another one.
  await page.reload();
  await page.getByRole('button', { name: '问哪个部门' }).tap();
  await page.getByRole('button', { name: /户政大队/ }).tap();
  expect(await page.getByLabel('您的问题').inputValue()).toBe('身份证丢了，人在外地，能在外地补领吗？');
  await page
    .getByLabel('加照片')
    .setInputFiles([{ name: 'a.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4') }]);
  await page.getByText('这不是能用的图片').waitFor();
  await page
    .getByLabel('加照片')
    .setInputFiles([
      await jpeg('a.jpg', phonePhoto()),
      await jpeg('b.jpg', picture('jpeg')),
      await jpeg('c.jpg', picture('jpeg', { background: '#a33' })),
    ]);
  await page.getByRole('img', { name: '照片 3' }).waitFor();
  await page.getByRole('button', { name: '去掉照片 2' }).tap();
  await page.getByRole('img', { name: '照片 3' }).waitFor({ state: 'detached' });
  await page.getByLabel(/^地点/).fill('示例市平安路 8 号');
  expect(await wide()).toBe(false);
  await page.getByText('正在传').first().waitFor({ state: 'detached' });
  await shot('ask');
  await page.getByRole('button', { name: '提交', exact: true }).tap();
  await page.getByText('也许不用等').waitFor();
  await page.getByRole('heading', { name: '补领居民身份证' }).waitFor();
  await shot('known');
  await page.getByRole('button', { name: '没解决，提交提问' }).tap();
  await page.getByRole('heading', { name: '已经收到' }).waitFor();
  await shot('asked');
  await page.getByRole('link', { name: '看这个提问' }).tap();
  await page.getByRole('button', { name: '看图片 2' }).waitFor();
  const [address] = await page
    .locator('li img')
    .evaluateAll((found) => found.map((one) => (one as unknown as { src: string }).src));
  const shown = await fetch(address!.replace('?size=small', ''));
  expect(await tracesIn(Buffer.from(await shown.arrayBuffer()))).toEqual([]);

  await page.getByRole('button', { name: '补充' }).tap();
  await page.getByLabel('加照片').setInputFiles([await jpeg('d.jpg', picture('jpeg'))]);
  await page.getByText('正在传').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: '发送补充' }).tap();
  await page.getByRole('button', { name: '看图片 1' }).nth(1).waitFor();
  await shot('one');

  const clerk = await signIn(server, 'clerk-police');
  const [{ id }] = (await server.deps.db.query<{ id: string }>('SELECT id::text FROM questions WHERE openid = $1', [
    openid,
  ])) as [{ id: string }];
  const { version } = (await clerk.get(`/services/questions/${id}`)).body as { version: number };
  const uploaded = await fetch(`${server.url}/api/console/services/questions/${id}/images`, {
    method: 'POST',
    headers: { authorization: `Bearer ${clerk.token}`, 'content-type': 'image/jpeg' },
    body: new Uint8Array(await phonePhoto()),
  });
  expect(uploaded.status).toBe(201);
  const image = ((await uploaded.json()) as { id: string }).id;
  const answer = { text: '可以，请带户口簿。', seen: version, key: 'answer-once', resolve: true, images: [image] };
  const sent = await clerk.send('POST', `/services/questions/${id}/answer`, answer);
  expect(sent.status).toBe(200);
  await page.reload();
  await page.getByText('可以，请带户口簿。').waitFor();
  await page.getByRole('button', { name: '看图片 1' }).nth(2).waitFor();
  await page.getByRole('button', { name: '解决了', exact: true }).tap();
  await page.getByRole('button', { name: '非常满意' }).tap();
  await shot('rate');
  await page.getByRole('button', { name: '提交评价' }).tap();
  await page.getByText('您的评价：解决了').waitFor();
  expect(await wide()).toBe(false);
  expect(faults).toEqual([]);
});

test('an answer that is known already spares the question', async () => {
  const token = linkToken({ accountId: 1, openid: anyone(), questionId: null }, server.deps);
  await page.goto(`${server.url}/h5/#/questions/ask/${token}`);
  await page.getByRole('button', { name: '问哪个部门' }).tap();
  await page.getByRole('button', { name: '不清楚，请帮我转' }).tap();
  await page.getByLabel('您的问题').fill('身份证丢了怎么补办');
  await page.getByRole('button', { name: '提交', exact: true }).tap();
  await page.getByRole('button', { name: '解决了', exact: true }).first().tap();
  await page.getByText('太好了，很高兴帮到您').waitFor();
});
