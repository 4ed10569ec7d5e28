import { mkdirSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { idCard, type Office, openOffice, step } from '../services/cases/office';
import { anyone } from '../support/server';
import { desktop, handset, openBrowser, openInWechat } from './browser';
import { openDesk } from './desk';

let office: Office;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let openid: string;
let faults: string[];

beforeAll(async () => {
  office = await openOffice();
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await office?.close();
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

const open = (path: string) => openInWechat(page, office.server.url, openid, path);
const wide = () => page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth');
/** Where SCREENSHOTS names a folder, what a person would see is kept there. */
async function look(name: string, of: Page = page) {
  const folder = process.env.SCREENSHOTS;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await of.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}

test('by number, without a name: wrong first, then right; followed, found again after a reload', async () => {
  await office.store(
    office.police,
    step('BR20260001', 'accepted', '2026-02-26 10:00', { code: 'A1B2C3', place: '办事大厅 1 层' }),
    step('BR20260001', 'approved', '2026-02-27 15:30', { note: '可在网上选择邮寄' }),
  );
  await open('/cases?number=BR20260001');
  await page.getByText('实名之后，这里会列出').waitFor();
  await page.getByLabel(/后 4 位/).fill('0000');
  await page.getByRole('button', { name: '查询' }).tap();
  await page.getByText('没有查到，请核对编号').waitFor();
  await look('cases-none');
  await page.getByLabel(/后 4 位/).fill('a1b2c3');
  await page.getByRole('button', { name: '查询' }).tap();
  await page.getByRole('heading', { name: '审核通过' }).waitFor();
  await page.getByRole('button', { name: '有进展时告诉我' }).tap();
  await page.getByText('有进展时会在公众号里告诉您').waitFor();
  await look('case');
  await page.reload();
  await page.getByRole('button', { name: '不用再告诉我进展' }).waitFor();
  expect(await wide()).toBe(false);
});

test('one’s own are listed, and the link of the chat goes straight to the one that it names; in large text too', async () => {
  const document = idCard();
  await office.bind(openid, document);
  await office.store(
    office.hospital,
    step('BR20260002', 'accepted', '2026-02-02 10:00', { document, kind: 'insurance-claim' }),
    step('BR20260002', 'reviewing', '2026-02-05 10:00', { document, kind: 'insurance-claim' }),
  );
  await office.store(office.police, step('BR20260003', 'accepted', '2026-02-10 10:00', { document }));
  await open('/cases');
  await page.getByRole('button', { name: /医保报销/ }).waitFor();
  await look('cases-mine');
  await open('/cases?number=BR20260003');
  await page.getByRole('heading', { name: '已受理' }).waitFor();
  await page.getByText('已经超过预计的').waitFor();
  await page.evaluate(`localStorage.setItem('weiban:large-text', 'on')`);
  await page.reload();
  await page.getByRole('heading', { name: '已受理' }).waitFor();
  await look('case-large');
  expect(await wide()).toBe(false);
});

test('an office’s back end: its description is changed, tried with a number, and switched on', async () => {
  const desk = openDesk(office.server, browser);
  const staff = await desk.signIn('operator');
  await staff.getByRole('link', { name: '单位后台' }).click();
  await staff.getByText('示例市出入境（接口演示）').waitFor();
  await look('remotes', staff);
  await staff.getByText('示例市出入境（接口演示）').click();
  await staff.getByLabel('试用的编号').fill('CR20260007');
  await staff.getByLabel('试用的后 4 位').fill('975310');
  await staff.getByLabel('试用的理由').fill('核对新接口的字段');
  await staff.getByRole('button', { name: '问一次' }).click();
  await staff.getByText('往来港澳台通行证及签注').first().waitFor();
  await staff.getByText('Bearer ••••••').waitFor();
  await look('remote', staff);
  await staff.getByLabel('路径：编号', { exact: true }).fill('nr');
  await staff.getByRole('button', { name: '问一次' }).click();
  await staff.getByText('nr 没有编号').waitFor();
  await staff.getByRole('button', { name: '全部' }).click();
  await staff.getByText('改动还没有保存').waitFor();
  await staff.getByRole('button', { name: '留下' }).click();
  await staff.getByLabel('路径：编号', { exact: true }).fill('a..b');
  await staff.getByRole('button', { name: '保存' }).click();
  await staff.getByText('应为形如 data.list[0].state 的路径').first().waitFor();
  desk.expectRefusal(/^422/);
  await staff.getByLabel('路径：编号', { exact: true }).fill('caseNo');
  await staff.getByRole('button', { name: '保存' }).click();
  await staff.getByText('已保存').waitFor();
  await staff.getByRole('button', { name: '启用' }).click();
  await staff.getByRole('dialog').getByRole('button', { name: '启用' }).click();
  await staff.getByText('市民现在查得到').waitFor();
  await staff.setViewportSize(handset);
  await look('remote-narrow', staff);
  expect(await staff.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth')).toBe(false);
  await staff.getByRole('button', { name: '停用' }).click();
  await staff.getByRole('dialog').getByRole('button', { name: '停用' }).click();
  await staff.getByText('停用中').waitFor();

  // The same office where it demands a signature: the new secret is asked for once, and not shown again.
  await staff.setViewportSize(desktop);
  await staff.getByLabel('地址', { exact: true }).fill(`${office.server.url}/simulator/backoffice/signed`);
  await staff.getByRole('combobox', { name: '怎样证明是我们' }).press('ArrowDown');
  await staff.getByRole('option', { name: '签名 (HMAC-SHA256)' }).click();
  await staff.getByLabel('单位给我们的编号').fill('weiban');
  for (const [label, header] of [
    ['编号放在哪个请求头', 'X-Office-Key'],
    ['时间放在哪个请求头', 'X-Office-Timestamp'],
    ['签名放在哪个请求头', 'X-Office-Signature'],
  ] as const)
    await staff.getByLabel(label).fill(header);
  await staff.getByLabel('密钥', { exact: true }).fill('demo-backoffice-secret');
  await staff.getByRole('button', { name: '问一次' }).click();
  await staff.getByText('x-office-signature: ••••••').waitFor();
  await staff.getByText('HTTP 200').waitFor();
  await look('remote-signed', staff);
  await staff.setViewportSize(handset);
  await look('remote-signed-narrow', staff);
  await staff.getByRole('button', { name: '保存' }).click();
  await staff.getByText('已保存').last().waitFor();
  await staff.reload();
  await staff.getByLabel('签名放在哪个请求头').waitFor();
  expect(await staff.getByLabel('密钥', { exact: true }).inputValue()).toBe('');
  expect(await staff.getByLabel('签名放在哪个请求头').inputValue()).toBe('X-Office-Signature');
  expect(await desk.close()).toEqual([]);
});
