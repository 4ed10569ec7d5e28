import { mkdirSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { makeAllSlots } from '../../src/services/appointments/jobs';
import { smsCode } from '../h5/citizen-client';
import { at, idCard } from '../services/appointments/hall';
import { anyone, startTestServer, type TestServer } from '../support/server';
import { handset, openBrowser } from './browser';

let server: TestServer;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let openid: string;
let faults: string[];

beforeAll(async () => {
  server = await startTestServer({ env: { ROLES: 'web' } });
  // A Monday morning; the demo's rules hold from the day they were loaded.
  server.deps.clock.offset = at('2026-03-02 10:00').getTime() - Date.now();
  await server.deps.db.query(`UPDATE appointment_rules SET valid_from = '2026-01-01'`);
  await makeAllSlots(server.deps.serviceDeps);
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});
beforeEach(async () => {
  context = await browser.newContext({ viewport: handset, isMobile: true, hasTouch: true, locale: 'zh-CN' });
  await context.clock.install({ time: server.deps.clock.now() });
  page = await context.newPage();
  openid = anyone();
  faults = [];
  page.on('pageerror', ({ message }) => faults.push(message));
});
afterEach(async () => {
  await context?.close();
  expect(faults).toEqual([]);
});

/** As the phone opens a link of the account's. */
const open = (path: string) =>
  page.goto(
    `${server.url}/simulator/h5?${new URLSearchParams({ account: 'demo', openid, url: `/h5/?account=demo#${path}` })}`,
  );
const wide = () => page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth');
/** Where SCREENSHOTS names a folder, what a person would see is kept there. */
async function look(name: string) {
  const folder = process.env.SCREENSHOTS;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}

async function register(order: number) {
  await page.getByRole('heading', { name: '实名登记' }).waitFor();
  await page.getByLabel('姓名').fill('示例市民');
  await page.getByLabel('证件号码').fill(idCard(order));
  await page.getByLabel('手机号').fill(`1370000${String(order).padStart(4, '0')}`);
  await page.getByRole('button', { name: '获取验证码' }).tap();
  await page.getByText(/秒后重发/).waitFor();
  await page.getByLabel('验证码').fill(await smsCode(server, openid));
  await page.getByLabel('我已阅读并同意').check();
  await look('register');
  await page.getByRole('button', { name: '登记', exact: true }).tap();
}

test('new: office, time, registration, then the time again, confirmed; later two taps cancel it', async () => {
  await open('/appointments');
  await page.getByRole('heading', { name: '示例市第一医院' }).waitFor();
  await look('offices');
  await page.getByRole('link', { name: '户政大队' }).tap();
  await page.getByRole('heading', { name: '户籍窗口' }).waitFor();
  await look('times');
  await page.getByRole('button', { name: /余/ }).first().tap();
  await register(1);
  await page.getByRole('button', { name: /余/ }).first().tap();
  await page.getByRole('heading', { name: '请确认预约' }).waitFor();
  await page.getByText(/还剩 [45]:\d\d/).waitFor();
  await look('hold');
  await page.getByRole('button', { name: '确认预约' }).tap();
  await page.getByRole('heading', { name: '已预约' }).waitFor();
  await page.getByText('示**民').waitFor();
  expect(await page.getByLabel('预约编号').textContent()).toMatch(/^\d{4} \d{4}$/);
  await look('ticket');
  expect(await wide()).toBe(false);
  await page.getByRole('button', { name: '取消预约' }).tap();
  await look('cancel');
  await page.getByRole('dialog').getByRole('button', { name: '取消预约' }).tap();
  await page.getByRole('heading', { name: '已取消' }).waitFor();
});

test('known: office, time, confirm are three taps; moved in large letters', async () => {
  await open('/me/persons/new');
  await register(2);
  await page.getByRole('heading', { name: '本人和家人' }).waitFor();
  await look('persons');
  await open('/appointments');
  await page.getByRole('link', { name: '车辆管理所' }).tap();
  await page.getByRole('button', { name: /余/ }).first().tap();
  await page.getByRole('button', { name: '确认预约' }).tap();
  await page.getByRole('heading', { name: '已预约' }).waitFor();
  await page.getByRole('button', { name: '关怀版 大字' }).tap();
  await look('ticket-large');
  expect(await wide()).toBe(false);
  const code = await page.getByLabel('预约编号').textContent();
  await page.getByRole('button', { name: '改期' }).tap();
  await page.getByText('改期：请选择新的时间').waitFor();
  await page.getByRole('button', { name: /余/ }).nth(2).tap();
  await page.getByRole('heading', { name: '已预约' }).waitFor();
  await expectOther(code);
  await look('moved-large');
  await page.getByRole('link', { name: '我的预约' }).tap();
  await page.getByText('已取消').waitFor();
  await look('mine-large');
  expect(await wide()).toBe(false);
});

const expectOther = (code: string | null) =>
  page.waitForFunction(`document.querySelector('.code')?.textContent !== ${JSON.stringify(code)}`);
