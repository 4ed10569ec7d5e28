import { mkdirSync } from 'node:fs';
import type { Browser, Locator, Page } from 'playwright-core';
import { type Office, openOffice, step } from '../services/cases/office';
import { handset, openBrowser } from './browser';
import { openDesk, say } from './desk';

// What people at an office do with cases, in the console: look through them, add one, read a file in, let a program in.

let office: Office;
let browser: Browser;
let desk: ReturnType<typeof openDesk>;

beforeAll(async () => {
  office = await openOffice('2026-03-02T10:00:00+08:00', 'web,worker');
  browser = await openBrowser();
  desk = openDesk(office.server, browser);
});
afterAll(async () => {
  await browser?.close();
  await office?.close();
});
afterEach(async () => {
  expect(await desk.close()).toEqual([]);
});

/** Where SCREENSHOTS names a folder, what a person would see is kept there; nothing is ever wider than the window. */
async function look(page: Page, name: string): Promise<void> {
  // One that has just become narrow is laid out anew in a moment. Asked from here: the page itself may not evaluate anything.
  const wide = () => page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth');
  for (const end = Date.now() + 5000; (await wide()) && Date.now() < end; ) await page.waitForTimeout(50);
  expect(await wide()).toBe(false);
  const folder = process.env.SCREENSHOTS;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/${name}.png` });
}
async function lookNarrow(page: Page, name: string): Promise<void> {
  const before = page.viewportSize()!;
  await page.setViewportSize(handset);
  await look(page, `${name}-narrow`);
  await page.setViewportSize(before);
}
async function choose(page: Page, label: string, option: string, where: Page | Locator = page): Promise<void> {
  await where.getByRole('combobox', { name: label, exact: true }).press('ArrowDown');
  await page.getByRole('option', { name: option, exact: true }).click();
}
const rows = (page: Page) => page.getByRole('table', { name: '办件' }).locator('tbody tr');
const openRoom = async (page: Page, title: string) => {
  await page.getByRole('link', { name: title, exact: true }).click();
  await page.getByRole('heading', { name: title, exact: true }).waitFor();
};

test('the list, page after page and narrowed down; a case added by hand goes a step further, and its citizen reads it on the phone', async () => {
  const many = Array.from({ length: 40 }, (_, n) => `DX2026${String(n).padStart(4, '0')}`);
  await office.store(office.police, ...many.map((number) => step(number, 'accepted', '2026-02-26 10:00')));
  const staff = await desk.signIn('operator');
  await openRoom(staff, '办件');
  await rows(staff).nth(29).waitFor();
  await look(staff, 'desk-cases');
  await lookNarrow(staff, 'desk-cases');
  // A next page of another list: told, and the list stands at its start again.
  const elsewhere = (url: string) => url.replace(/after=[^&]+/, 'after=W10');
  await staff.route(/after=/, (route) => route.continue({ url: elsewhere(route.request().url()) }), { times: 1 });
  await staff.getByRole('button', { name: '再看后面的' }).click();
  await staff.getByText('列表有了变化，请从第一页重新看', { exact: true }).waitFor();
  desk.expectRefusal(/^422 .*after=/);
  await rows(staff).nth(29).waitFor();
  await staff.getByRole('button', { name: '再看后面的' }).click();
  await rows(staff).nth(45).waitFor();
  expect(await rows(staff).count()).toBe(46);
  await staff.getByLabel('编号', { exact: true }).fill('dx-2026 0007');
  await rows(staff).nth(1).waitFor({ state: 'detached' });
  expect(await rows(staff).textContent()).toContain('DX20260007');
  await staff.getByLabel('编号', { exact: true }).fill('');
  await choose(staff, '类型', '户口迁移');
  await choose(staff, '状态', '已准迁');
  await rows(staff).nth(1).waitFor({ state: 'detached' });
  await staff.getByRole('link', { name: 'HK20260004' }).waitFor();
  await choose(staff, '状态', '已落户');
  await staff.getByText('没有这样的办件').waitFor();
  await look(staff, 'desk-cases-none');

  // From the bell, to the page that is open already.
  const link = {
    kind: 'overdue',
    title: '有 1 个办件超期',
    link: '/cases?overdue=1',
    about: 'cases-overdue:test',
  } as const;
  await office.db.transaction(async (tx) => {
    const [operator] = await tx.query<{ id: number }>(`SELECT id FROM staff WHERE username = 'operator'`);
    await office.deps.notify(tx, [{ ...link, staffIds: [operator!.id] }]);
  });
  await staff.getByRole('button', { name: '提醒，1 条未读' }).click();
  await staff.getByRole('button', { name: '有 1 个办件超期' }).click();
  await staff.getByText('没有超期的办件').waitFor();
  await staff.getByText('只看超期的').click();
  await staff.waitForURL(/cases$/);

  await staff.getByRole('button', { name: '登记一件' }).click();
  const form = staff.getByRole('dialog', { name: '登记一件' });
  await form.getByLabel('编号', { exact: true }).fill('12');
  await form.getByLabel('查询码').fill('ab');
  await choose(staff, '来源', '示例市公安局', form);
  await choose(staff, '类型', '普通护照', form);
  await form.getByRole('button', { name: '登记', exact: true }).click();
  await form.getByText('应为 6 到 32 位字母、数字或汉字').waitFor();
  await form.getByText('应为 4 到 12 位字母或数字').waitFor();
  await look(staff, 'desk-case-add');
  await lookNarrow(staff, 'desk-case-add');
  desk.expectRefusal(/^422/);
  await form.getByLabel('编号', { exact: true }).fill('dj 2026-0001');
  await form.getByLabel('查询码').fill('DJ0001');
  await form.getByRole('button', { name: '登记', exact: true }).click();
  const sheet = staff.getByRole('dialog', { name: '普通护照 DJ20260001' });
  await sheet.getByText('没有人订阅').waitFor();

  const phone = await desk.phone('示例市民');
  const log = phone.getByRole('log');
  for (const [words, answer] of [
    ['DJ20260001', '请再输入申请人证件号的最后 4 位'],
    ['DJ0001', '有进展时告诉我'],
    ['1', '有进展时会告诉您'],
  ] as const) {
    await say(phone, words);
    await log.getByText(answer).last().waitFor();
  }
  await choose(staff, '下一步的状态', '审核通过', sheet);
  await sheet.getByLabel('说明').fill('可在网上选择邮寄');
  await sheet.getByRole('button', { name: '记下这一步' }).click();
  await sheet.getByText('1 位市民').waitFor();
  await sheet.getByText('可在网上选择邮寄').waitFor();
  await look(staff, 'desk-case');
  await lookNarrow(staff, 'desk-case');
  await log.getByText('普通护照：审核通过').waitFor();
  await look(phone, 'desk-case-phone');
});

test('a file with a wrong row is refused as a whole, row by row; put right it is seen beforehand and read in', async () => {
  const staff = await desk.signIn('operator');
  await openRoom(staff, '导入办件');
  await staff.getByText('还没有导入过文件').waitFor();
  await look(staff, 'desk-import-none');
  const sheet = (state: string) =>
    Buffer.from(
      `编号,类型,状态,时间,说明\r\nDR20260001,普通护照,已受理,2026-02-26 09:30,\r\nDR20260002,普通护照,${state},2026/2/27,请留意短信`,
    );
  const send = (name: string, buffer: Buffer) =>
    staff.getByLabel('选择文件').setInputFiles({ name, mimeType: 'text/csv', buffer });
  await send('有错的办件.csv', sheet('飞走了'));
  await staff.getByRole('table', { name: '错误' }).getByText('应为「普通护照」的状态之一').waitFor();
  await look(staff, 'desk-import-faults');
  await lookNarrow(staff, 'desk-import-faults');
  await send('办件.csv', sheet('审核通过'));
  await staff.getByText('没有错误：2 行，2 个办件，其中新的 2 个').waitFor();
  await staff.getByRole('table', { name: '预览' }).getByText('DR20260002').waitFor();
  await look(staff, 'desk-import-ready');
  await lookNarrow(staff, 'desk-import-ready');
  await staff.getByRole('button', { name: '导入', exact: true }).click();
  await staff.getByText('已导入 2 行').waitFor();
  await look(staff, 'desk-import-done');
  await openRoom(staff, '办件');
  await staff.getByLabel('编号', { exact: true }).fill('DR2026');
  await staff.getByRole('link', { name: 'DR20260002' }).waitFor();
});

test('a source is added and renamed; a program’s key for it is shown once; switched off it is gone from what keys are for', async () => {
  const supervisor = await desk.signIn('supervisor');
  await openRoom(supervisor, '办件来源');
  await supervisor.getByRole('button', { name: '添加来源' }).click();
  const dialog = supervisor.getByRole('dialog', { name: '添加来源' });
  await dialog.getByLabel('名称').fill('示例档案');
  await dialog.getByLabel('标识').fill('示例');
  await dialog.getByRole('button', { name: '添加' }).click();
  await dialog.getByText('应为 2 到 40 个小写字母').waitFor();
  desk.expectRefusal(/^422/);
  await look(supervisor, 'desk-source-add');
  // Found by name on the server, whichever of many it is.
  await dialog.getByLabel('属于').fill('派出所');
  await supervisor.getByRole('option', { name: '示例市公安局 城西派出所' }).waitFor();
  expect(await supervisor.getByRole('option', { name: '示例市第一医院' }).count()).toBe(0);
  await look(supervisor, 'desk-source-office');
  await supervisor.getByRole('option', { name: '示例市公安局 城西派出所' }).click();
  await dialog.getByLabel('标识').fill('demo-archives');
  await dialog.getByRole('button', { name: '添加' }).click();
  await supervisor.getByRole('button', { name: '给「示例档案」改名' }).click();
  await supervisor.getByRole('dialog', { name: '改名' }).getByLabel('名称').fill('示例档案馆');
  await supervisor.keyboard.press('Enter');
  await supervisor.getByRole('button', { name: '停用「示例档案馆」' }).waitFor();
  await supervisor.getByRole('cell', { name: '示例市公安局 城西派出所' }).waitFor();
  await look(supervisor, 'desk-sources');
  await lookNarrow(supervisor, 'desk-sources');

  const staff = await desk.signIn('operator');
  await openRoom(staff, '接口密钥');
  await staff.getByRole('button', { name: '生成密钥' }).click();
  await choose(staff, '用于', '办件进度：示例档案馆');
  await staff.getByLabel('哪个系统用').fill('示例档案系统');
  await staff.getByRole('button', { name: '生成', exact: true }).click();
  const shown = staff.getByRole('dialog', { name: '请现在把密钥存好' });
  await shown.getByText(/^wk_/).waitFor();
  await look(staff, 'desk-key-shown');
  await shown.getByText('给写程序的人：怎样签名').click();
  await shown.getByText('X-Weiban-Signature').waitFor();
  await lookNarrow(staff, 'desk-key-shown');
  const [, secret = ''] = await shown.locator('dd').allTextContents();
  expect(secret.trim().length).toBeGreaterThan(20);
  await shown.getByRole('button', { name: '我已存好' }).click();
  await staff.reload();
  await staff.getByRole('cell', { name: '示例档案系统' }).waitFor();
  expect(await staff.content()).not.toContain(secret.trim());
  await look(staff, 'desk-keys');
  await lookNarrow(staff, 'desk-keys');

  await supervisor.getByRole('button', { name: '停用「示例档案馆」' }).click();
  await supervisor.getByRole('button', { name: '停用', exact: true }).last().click();
  await supervisor.getByRole('button', { name: '启用「示例档案馆」' }).waitFor();
  await look(supervisor, 'desk-sources-off');
  await staff.reload();
  await staff.getByText('来源已停用').waitFor();
});
