import type { Browser, BrowserContext, Page } from 'playwright-core';
import { startTestServer, type TestServer } from '../support/server';
import { handset, openBrowser } from './browser';

let server: TestServer;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let faults: string[];

beforeAll(async () => {
  server = await startTestServer();
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});
beforeEach(async () => {
  context = await browser.newContext({ viewport: handset, isMobile: true, hasTouch: true, locale: 'zh-CN' });
  page = await context.newPage();
  faults = [];
  page.on('pageerror', ({ message }) => faults.push(message));
  page.on('console', (line) => line.type() === 'error' && faults.push(line.text()));
});
afterEach(async () => {
  await context?.close();
  expect(faults).toEqual([]);
});

const open = (path: string) => page.goto(`${server.url}/h5/#${path}`);
const heading = (name: string) => page.getByRole('heading', { name, exact: true });
const letterSize = () => page.evaluate<number>('Number.parseFloat(getComputedStyle(document.body).fontSize)');
const wide = () => page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth');

test('a page of which the file has another name since an update opens all the same; without a network one is told', async () => {
  await open('/');
  await page.getByText('费用计算').waitFor();
  await page.route('**/assets/FeesPage*', (route) => route.fulfill({ status: 404 }), { times: 1 });
  await page.getByText('费用计算').tap();
  await page.getByText('身份证工本费').waitFor();
  await context.setOffline(true);
  await page.getByRole('link', { name: '政务服务' }).tap();
  await page.getByText('最近的办事点').tap();
  await page.getByText('这一页没有打开').waitFor();
  await context.setOffline(false);
  faults = [];
});

test('a citizen types what happened, opens the guide, ticks what is ready and finds it ticked next time', async () => {
  await open('/guides');
  await heading('大家常查').waitFor();
  await page.getByPlaceholder('想办什么').fill('身份证丢了咋办');
  await heading('找到 4 项').waitFor();
  await page.getByRole('link', { name: '补领居民身份证' }).tap();
  await heading('补领居民身份证').waitFor();
  expect(await page.title()).toBe('补领居民身份证');
  await page.getByText('工本费 40 元').waitFor();
  await page.getByText('示例数据').waitFor();
  await page.getByText('更新于 2026-10-20').waitFor();
  expect(
    await page
      .getByRole('link', { name: /打电话/ })
      .first()
      .getAttribute('href'),
  ).toBe('tel:000-12345601');

  await page.getByRole('checkbox', { name: /居民户口簿/ }).tap();
  await page.getByText('已备 1/2').waitFor();
  await page.reload();
  await page.getByText('已备 1/2').waitFor();
  expect(await page.getByRole('checkbox', { name: /居民户口簿/ }).getAttribute('aria-checked')).toBe('true');
  await page.getByRole('checkbox', { name: /监护人身份证/ }).tap();
  await page.getByText('都备齐了').waitFor();
  expect(await wide()).toBe(false);

  await page.goBack();
  await heading('找到 4 项').waitFor();
});

test('who taps a matter while a search is about to start gets the matter', async () => {
  await open('/guides');
  await heading('大家常查').waitFor();
  await page.getByPlaceholder('想办什么').fill('护照');
  await page.getByRole('link', { name: '新生儿落户' }).tap();
  await heading('新生儿落户').waitFor();
});

test('by office, from the whole list to one matter and back', async () => {
  await open('/guides');
  await page.getByRole('link', { name: /^交警/ }).tap();
  await heading('交警').waitFor();
  await page.getByRole('link', { name: /学法减分/ }).tap();
  await heading('怎么办').waitFor();
  await page.getByRole('link', { name: '查别的事项' }).tap();
  await page.getByText('驾照过期了还能换吗').tap();
  await page.getByText('过期一年以内可以直接换证').waitFor();
});

test('large letters stay on, on every page and after a restart, and nothing runs out of the screen', async () => {
  await open('/guides');
  await page.getByRole('button', { name: /关怀版/ }).tap();
  await open('/guides/licence-renew');
  await page.getByRole('heading', { name: /^要带什么/ }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: /^要带什么/ }).waitFor();
  expect(await letterSize()).toBeGreaterThanOrEqual(22);
  expect(await wide()).toBe(false);
  await page.getByRole('button', { name: '标准版' }).tap();
  expect(await letterSize()).toBeLessThan(20);
});

test('the whole guide can be copied and passed on', async () => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await open('/guides/id-card-replace');
  await page.getByRole('button', { name: '复制全文' }).tap();
  await page.getByText('全文已复制').waitFor();
  const copied = await page.evaluate<string>('navigator.clipboard.readText()');
  expect(copied).toContain('【补领居民身份证】');
  expect(copied).toContain('1. 居民户口簿');
  expect(copied).toContain(`${server.url}/h5/#/guides/id-card-replace`);
});

test('nothing found, a matter that is gone and a network that fails are told, with a way on', async () => {
  await open('/guides?q=asdf');
  await page.getByText('没找到「asdf」').waitFor();

  await open('/guides/nothing');
  await page.getByRole('alert').getByText('找不到这个事项').waitFor();
  faults = faults.filter((fault) => !fault.includes('404'));
  await page.getByRole('link', { name: '到办事指南重新查找' }).tap();
  await heading('大家常查').waitFor();

  await page.route('**/api/h5/guides/passport-renew', (route) => route.abort());
  await open('/guides/passport-renew');
  await page.getByText('网络不太好，没有加载出来').waitFor();
  faults = faults.filter((fault) => !fault.includes('ERR_FAILED'));
  await page.unroute('**/api/h5/guides/passport-renew');
  await page.getByRole('button', { name: '再试一次' }).tap();
  await heading('换发普通护照').waitFor();
});

test('what loads takes the place of what stood there: the list does not jump', async () => {
  let letThrough = () => {};
  const held = new Promise<void>((resolve) => {
    letThrough = resolve;
  });
  await page.route('**/api/h5/guides-overview', async (route) => {
    await held;
    await route.continue();
  });
  await open('/guides');
  await page.getByLabel('正在加载').waitFor();
  const search = await page.getByPlaceholder('想办什么').boundingBox();
  letThrough();
  await heading('大家常查').waitFor();
  expect(await page.getByPlaceholder('想办什么').boundingBox()).toEqual(search);
});

test('words that look like markup are words', async () => {
  await open(`/guides?q=${encodeURIComponent('<img src=x onerror=alert(1)>')}`);
  await page.getByText('没找到「<img src=x onerror=alert(1)>」').waitFor();
  expect(await page.locator('img').count()).toBe(0);
});
