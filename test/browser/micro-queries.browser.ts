import { mkdirSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { signIn } from '../console/client';
import { type Hall, openHall } from '../services/appointments/hall';
import { anyone } from '../support/server';
import { desktop, handset, openBrowser, openInWechat } from './browser';
import { openDesk } from './desk';

let hall: Hall;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let openid: string;
let faults: string[];

beforeAll(async () => {
  hall = await openHall();
  setTime('2026-03-02 10:00');
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await hall?.close();
});
beforeEach(async () => {
  context = await browser.newContext({ viewport: handset, isMobile: true, hasTouch: true, locale: 'zh-CN' });
  page = await context.newPage();
  openid = anyone();
  faults = [];
  page.on('pageerror', ({ message }) => faults.push(message));
});
afterEach(async () => {
  await context?.close();
  expect(faults).toEqual([]);
});

function setTime(time: string): void {
  hall.setTime(time);
  hall.server.deps.clock.offset = hall.now.getTime() - Date.now();
}
const open = (path: string) => openInWechat(page, hall.server.url, openid, path);
/** Where SCREENSHOTS names a folder, what a person would see is kept there; nothing is ever wider than the phone. */
async function look(name: string, of: Page = page, fullPage = true) {
  expect(await of.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth')).toBe(false);
  const folder = process.env.SCREENSHOTS;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await of.screenshot({ path: `${folder}/${name}.png`, fullPage });
}
/** The same page in large letters. */
async function lookLarge(name: string, text: string) {
  await page.evaluate(`localStorage.setItem('weiban:large-text', 'on')`);
  await page.reload();
  await page.getByText(text).first().waitFor();
  await look(`${name}-large`);
}

test('queues: one’s own first, each office, each counter; renewed without a jump; said when nobody works', async () => {
  const clerk = await signIn(hall.server, 'clerk-hospital');
  const resource = await hall.resource();
  const line = [];
  for (const time of ['10:30', '11:00']) {
    const citizen = await hall.citizen();
    const { id } = await hall.book(hall.wants(citizen, await hall.slot(resource, 1, `2026-03-02 ${time}`)));
    await clerk.send('POST', `/services/appointments/${id}/check-in`);
    line.push({ ...citizen, id });
  }
  openid = line[1]!.openid;
  await open('/queues');
  await page.getByText('2 号，前面 1 人').waitFor();
  await look('queues');
  await page.getByRole('link', { name: /第一医院/ }).tap();
  await page.getByText('2 人在等，要等多久还估不出').waitFor();
  await look('queues-office');
  await clerk.send('POST', `/services/appointments/${line[0]!.id}/call`);
  setTime('2026-03-02 10:01');
  await page.getByRole('button', { name: '更新' }).tap();
  await page.getByText('1 人在等，要等多久还估不出').waitFor();
  await page.getByText('正在叫 1 号').waitFor();
  await clerk.send('POST', `/services/appointments/${line[1]!.id}/call`);
  await page.goBack();
  await page.getByText('2 号，已经叫到您').waitFor();
  await lookLarge('queues', '2 号，已经叫到您');
  setTime('2026-03-03 22:00');
  openid = anyone();
  await context.clearCookies();
  await open('/queues');
  await page.getByText('现在都没有在办，最早').waitFor();
  await look('queues-closed');
});

test('fees: only what matters is asked, bad input is explained, the sum names its rules', async () => {
  await open('/fees');
  await page.getByText('演示数据').waitFor();
  await look('fees');
  await page.getByRole('link', { name: '护照和通行证费用' }).tap();
  await page.getByRole('button', { name: '算一算' }).tap();
  await page.getByText('还没有答：办哪一种证件？').waitFor();
  await page.getByLabel('护照加注').check();
  await page.getByLabel('加注几项？').fill('11');
  await page.getByRole('button', { name: '算一算' }).tap();
  await page.getByText('请输入 1 到 10 的整数，单位项').waitFor();
  await look('fee-fault');
  await page.getByLabel('加注几项？').fill('2');
  await page.getByRole('button', { name: '算一算' }).tap();
  await page.getByRole('heading', { name: '应缴 40 元' }).waitFor();
  await look('fee');
  await page.getByLabel('普通护照').check();
  expect(await page.getByLabel('加注几项？').count()).toBe(0);
  expect(await page.getByRole('heading', { name: '应缴' }).count()).toBe(0);
  await lookLarge('fee', '办哪一种证件？');
});

test('nearby: by district without a position, by distance with one, in large letters too', async () => {
  setTime('2026-03-02 10:05');
  await context.grantPermissions(['geolocation']);
  await context.setGeolocation({ latitude: 30.1024, longitude: 120.1953 });
  await open('/nearby');
  await page.getByRole('heading', { name: '城东派出所' }).waitFor();
  await look('nearby');
  await page.getByRole('button', { name: '城西区' }).tap();
  await page.getByRole('heading', { name: '城东派出所' }).waitFor({ state: 'detached' });
  expect(await page.getByRole('article').count()).toBe(2);
  await page.getByRole('button', { name: '用我现在的位置' }).tap();
  await page
    .getByText(/米$|公里$/)
    .first()
    .waitFor();
  expect(await page.getByRole('article').first().textContent()).toContain('城东派出所');
  expect(page.url()).not.toContain('30.1');
  await look('nearby-here');
  await lookLarge('nearby', '城东派出所');
});

test('nearby: who does not let the page know where they are is told what else there is', async () => {
  await open('/nearby');
  await page.getByRole('button', { name: '用我现在的位置' }).tap();
  await page.getByText('没有定位成功').waitFor();
});

test('nearby: an operator adds a place and hides it; a citizen’s page has it at once', async () => {
  const desk = openDesk(hall.server, browser);
  const staff = await desk.signIn('operator');
  await staff.getByRole('link', { name: '办事点', exact: true }).click();
  await staff.getByText('示例市车辆管理所').waitFor();
  await look('places', staff, false);
  await staff.getByRole('button', { name: '添加', exact: true }).click();
  const form = staff.getByRole('dialog', { name: '添加办事点' });
  await form.getByLabel('名称').fill('示例便民点');
  await form.getByRole('combobox', { name: '区县' }).fill('城东');
  await staff.getByRole('option', { name: '城东区' }).click();
  await form.getByText('全市', { exact: true }).waitFor();
  await form.getByLabel('地址').fill('示例市城东区示例路 1 号');
  await form.getByLabel('办什么').fill('取件、打印');
  await form.getByLabel('纬度').fill('120.2');
  await form.getByLabel('经度').fill('30.1');
  await form.getByText('自己的时间').click();
  await form.getByLabel('几点到几点').fill('13:00-9:00');
  await form.getByRole('button', { name: '添加' }).click();
  await form.getByText('纬度应在 3 到 54 之间').waitFor();
  await form.getByText(/从早到晚，每段结束晚于开始/).waitFor();
  desk.expectRefusal(/^422/);
  await look('place-faults', staff, false);
  await staff.setViewportSize(handset);
  await look('place-faults-narrow', staff, false);
  await staff.setViewportSize(desktop);
  await form.getByLabel('纬度').fill('30.1');
  await form.getByLabel('经度').fill('120.2');
  await form.getByLabel('几点到几点').fill('9:00-13:00');
  await form.getByRole('button', { name: '添加' }).click();
  await staff.getByRole('button', { name: '修改「示例便民点」' }).waitFor();
  await staff.setViewportSize(handset);
  await look('places-narrow', staff, false);
  await open('/nearby');
  await page.getByRole('heading', { name: '示例便民点' }).waitFor();
  await page.getByText('办什么：取件、打印').waitFor();
  await look('nearby-added');
  await staff.getByRole('button', { name: '隐藏「示例便民点」' }).click();
  await staff.getByRole('button', { name: '隐藏', exact: true }).last().click();
  await staff.getByRole('button', { name: '显示「示例便民点」' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: '城东派出所' }).waitFor();
  expect(await page.getByRole('heading', { name: '示例便民点' }).count()).toBe(0);
  expect(await desk.close()).toEqual([]);
});
