import { mkdirSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { runDue } from '../../src/dialogue/privacy/run';
import { smsCode } from '../h5/citizen-client';
import { registered } from '../h5/registration';
import { startTestServer, type TestServer } from '../support/server';
import { handset, openBrowser, openInWechat } from './browser';

let server: TestServer;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let openid: string;
let faults: string[];

beforeAll(async () => {
  server = await startTestServer({ env: { ROLES: 'web' } });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});
beforeEach(async () => {
  openid = (await registered(server)).openid;
  context = await browser.newContext({ viewport: handset, isMobile: true, hasTouch: true, locale: 'zh-CN' });
  await context.clock.install({ time: server.deps.clock.now() });
  page = await context.newPage();
  faults = [];
  page.on('pageerror', ({ message }) => faults.push(message));
});
afterEach(async () => {
  await context?.close();
  expect(faults).toEqual([]);
});

const open = (path: string) => openInWechat(page, server.url, openid, path);
const heading = (name: string | RegExp) => page.getByRole('heading', { name });
const wide = () => page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth');
const wideDigits = (digits: string) => digits.replace(/\d/g, (digit) => '０１２３４５６７８９'[Number(digit)]!);
/** Where SCREENSHOTS names a folder, what a person would see is kept there. */
async function look(name: string) {
  const folder = process.env.SCREENSHOTS;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}

test('a copy is asked for with a code, made, opened; a deletion is asked for and taken back', async () => {
  await open('/me');
  for (const title of ['我的预约', '我的提问', '本人和家人']) await page.getByRole('link', { name: title }).waitFor();
  await look('me');
  await page.getByRole('link', { name: /^隐私/ }).tap();
  await heading('我的信息副本').waitFor();
  await page.getByRole('button', { name: '生成副本' }).tap();
  await page.getByText('请先获取并填写 6 位验证码').waitFor();
  await page.getByRole('button', { name: '获取验证码' }).tap();
  await page.getByText(/秒后重发/).waitFor();
  await page.getByLabel('验证码').fill(wideDigits(await smsCode(server, openid)));
  await page.getByRole('button', { name: '生成副本' }).tap();
  await heading('信息副本：等待办理').waitFor();
  await runDue(server.deps.serviceDeps);
  await page.reload();
  await heading('信息副本：已办好').waitFor();
  await look('privacy');
  expect(await wide()).toBe(false);
  const [copy] = await Promise.all([
    page.waitForResponse((answer) => answer.url().endsWith('/page')),
    page.getByRole('link', { name: '打开副本' }).tap(),
  ]);
  expect(copy.status()).toBe(200);
  await heading('个人信息副本').waitFor();
  await look('copy');

  server.deps.clock.offset += 61_000;
  await open('/me/privacy');
  await page.getByRole('button', { name: '获取验证码' }).tap();
  await page.getByText(/秒后重发/).waitFor();
  await page.getByLabel('验证码').fill(await smsCode(server, openid));
  await page.getByRole('button', { name: '申请删除' }).tap();
  await page.getByRole('dialog').getByRole('button', { name: '申请删除' }).tap();
  await heading('删除个人信息：等待办理').waitFor();
  await look('deletion');
  await page.getByRole('button', { name: '撤回删除的申请' }).tap();
  await heading('删除个人信息：已撤回').waitFor();

  await open('/me/persons');
  await page.getByRole('button', { name: '解除登记' }).tap();
  await page.getByRole('dialog').getByRole('button', { name: '确认' }).tap();
  await page.getByText('还没有登记').waitFor();
  await open('/me/privacy');
  await page.getByText('原来登记的手机').waitFor();
  await look('former-phone');
});

test('a child is registered with the guardian’s consent, which is taken back', async () => {
  server.deps.clock.offset += 61_000;
  await open('/me/persons/new');
  await page.getByRole('button', { name: '登记', exact: true }).tap();
  await page.getByText('请选为谁登记').waitFor();
  await look('for-whom');
  await page.getByText('子女').tap();
  await page.getByLabel('姓名').fill('示例孩子');
  const born = `${server.deps.clock.now().getUTCFullYear() - 5}-01-01`;
  // As copied from elsewhere: in full width, with a mark that nobody sees.
  await page.getByLabel('证件号码').fill(wideDigits(`110105\u200b${born.replaceAll('-', '')}0011`));
  await page.getByText('《未满 14 周岁儿童信息授权说明》').waitFor();
  await page.getByLabel('证件类型').selectOption({ label: '护照' });
  await page.getByLabel('证件号码').fill('E12345678');
  await page.getByLabel('出生日期').fill(born);
  await page.getByLabel('手机号').fill('13700009999');
  await page.getByRole('button', { name: '获取验证码' }).tap();
  await page.getByText(/秒后重发/).waitFor();
  await page.getByLabel('验证码').fill('000000');
  await page.getByText('《未满 14 周岁儿童信息授权说明》').tap();
  await page.getByText('您是这名儿童的监护人').waitFor();
  for (const box of await page.getByRole('checkbox').all()) await box.check();
  await look('child');
  expect(await wide()).toBe(false);
  await page.getByRole('button', { name: '登记', exact: true }).tap();
  await page.getByText('验证码不对或已过期，请重新获取', { exact: true }).waitFor();
  await page.getByLabel('验证码').fill(await smsCode(server, openid));
  await page.getByRole('button', { name: '登记', exact: true }).tap();
  await heading('示**子').waitFor();
  await page.getByRole('link', { name: /^代家人办事：.*已同意$/ }).waitFor();
  await look('family');
  await open('/me/consents/family');
  await page.getByText('示**子（子女）').waitFor();
  await look('declared');
  await page.route('**/api/h5/consents', (route) => route.abort(), { times: 1 });
  await page.reload();
  await page.getByText('没有加载出您是否同意过').waitFor();
  await look('consent-unread');
  await page.getByRole('button', { name: '再试一次' }).tap();
  await page.getByText('示**子（子女）').waitFor();
  await open('/me/consents');
  await page.getByRole('link', { name: /未满 14 周岁儿童信息/ }).tap();
  await page.getByRole('button', { name: '撤回同意' }).tap();
  await page.getByRole('dialog').getByRole('button', { name: '确认' }).tap();
  await page.getByText('没有同意').waitFor();
  await open('/me/persons');
  await heading(/示\*\*民/).waitFor();
  expect(await heading('示**子').count()).toBe(0);
});

test('a code that was used, and a state that is not this phone’s, lead to a page that says so and to a way in', async () => {
  await page.goto(`${server.url}/h5/?account=demo&code=used&state=a-state-of-somebody`);
  await heading('这次微信授权已失效').waitFor();
  await look('sign-in-again');
  // Too many from this address is nobody's fault here, and over in a minute.
  await page.route('**/api/h5/login', (route) => route.fulfill({ status: 429, json: {} }), { times: 1 });
  await open('/me');
  await heading('暂时没能登录').waitFor();
  await look('sign-in-busy');
  await page.getByRole('button', { name: '重新进入' }).tap();
  await heading('我的').waitFor();
  // The same by the back button, on a phone that is signed in: it just goes on.
  await page.goto(`${server.url}/h5/?account=demo&code=used&state=a-state-of-somebody`);
  await heading('您想办什么？').waitFor();
});

test('large letters on every page of 我的, within the screen', async () => {
  await open('/me');
  await page.getByRole('button', { name: /关怀版/ }).tap();
  for (const [path, title] of [
    ['/me', '我的'],
    ['/me/persons', '本人和家人'],
    ['/me/persons/new', '实名登记'],
    ['/me/consents', '授权说明和撤回'],
    ['/me/consents/health', '医疗健康信息授权说明'],
    ['/me/privacy', '隐私'],
    ['/appointments', '去哪里办'],
    ['/appointments/mine', '我的预约'],
    ['/sign-in', '这次微信授权已失效'],
  ] as const) {
    await open(path);
    await page.getByRole('heading', { name: title, level: 1 }).waitFor();
    await page.waitForLoadState('networkidle');
    await look(`large${path.replaceAll('/', '-')}`);
    expect([path, await wide()]).toEqual([path, false]);
    const size = await page.evaluate<number>(`parseFloat(getComputedStyle(document.querySelector('main')).fontSize)`);
    expect(size).toBeGreaterThanOrEqual(22);
  }
});
