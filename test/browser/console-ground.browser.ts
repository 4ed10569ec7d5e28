import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { addStaff } from '../console/client';
import { startTestServer, type TestServer } from '../support/server';
import { desktop, handset, openBrowser } from './browser';

let server: TestServer;
let browser: Browser;
let page: Page;
const faults: string[] = [];

beforeAll(async () => {
  server = await startTestServer();
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});
afterEach(async () => {
  await page?.context().close();
  expect(faults.splice(0)).toEqual([]);
});

async function signIn(username: string, password = 'weiban-demo', look = {}): Promise<void> {
  await page?.context().close();
  const context = await browser.newContext({ viewport: desktop, locale: 'zh-CN', ...look });
  page = await context.newPage();
  page.on('pageerror', (error) => faults.push(error.message));
  await page.goto(`${server.url}/console/`);
  await page.getByLabel('用户名').fill(username);
  await page.getByLabel('口令', { exact: true }).fill(password);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: '打开个人菜单' }).waitFor();
}

/** For a person to look at, where a folder is named. */
async function picture(name: string): Promise<void> {
  const folder = process.env.SCREENSHOTS;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: path.join(folder, `${name}.png`) });
}

test('an admin adds a department and a person in it, who changes the password and works', async () => {
  await signIn('admin');
  await page.getByRole('link', { name: '组织' }).click();
  await page.getByRole('button', { name: '示例市公安局 的操作' }).click();
  await page.getByRole('menuitem', { name: '添加下级' }).click();
  await page.getByLabel('名称', { exact: true }).fill('反诈中心');
  await page.getByRole('button', { name: '保存' }).click();
  await page.getByRole('button', { name: '反诈中心 的操作' }).waitFor();
  await picture('organisations');

  await page.getByRole('link', { name: '人员' }).click();
  await page.getByRole('row').filter({ hasText: 'clerk-police' }).waitFor();
  await picture('staff');
  await page.getByRole('button', { name: '添加人员' }).click();
  const dialog = page.getByRole('dialog', { name: '添加人员' });
  await dialog.getByLabel('姓名').fill('陈晓');
  await dialog.getByLabel('用户名').fill('chen.xiao');
  await dialog.getByLabel('所在组织', { exact: true }).click();
  await page.getByRole('option', { name: '反诈中心' }).click();
  await dialog.getByRole('button', { name: '加一个角色' }).click();
  await picture('add-person');
  await dialog.getByRole('button', { name: '添加', exact: true }).click();
  const password = (await page
    .getByText(/^[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}$/)
    .first()
    .textContent())!.trim();
  await page.getByRole('button', { name: '我已转告' }).click();
  await page.getByRole('row').filter({ hasText: 'chen.xiao' }).filter({ hasText: '反诈中心' }).waitFor();
  await page.getByRole('button', { name: '管理 陈晓' }).click();
  await page.getByText('还没有改掉别人给的口令').waitFor();
  await page.getByRole('dialog').getByText('反诈中心').first().waitFor();
  await picture('person');

  await signIn('chen.xiao', password);
  await page.getByText('您现在的口令是别人给的').waitFor();
  await page.getByLabel('现在的口令').fill(password);
  await page.getByLabel('新口令（至少 12 个字符）').fill('a password of my own');
  await page.getByLabel('再输入一次新口令').fill('a password of my own');
  await page.getByRole('button', { name: '修改口令' }).click();
  await page.getByRole('heading', { name: '登录着的地方' }).waitFor();
});

test('the palette by keyboard alone: a page, a person, an action', async () => {
  await addStaff(server, 'wanted-person', 'clerk', 'police');
  await signIn('admin');
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: '要去哪里' }).waitFor();
  await page.keyboard.type('运行');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: '运行情况' }).waitFor();

  await page.keyboard.press('Control+k');
  await page.keyboard.type('wanted');
  await page.getByRole('option', { name: /wanted-person/ }).waitFor();
  await picture('palette');
  await page.keyboard.press('Enter');
  await page.waitForURL(/#\/staff\/wanted-person$/);

  await page.keyboard.press('Escape');
  await page.waitForURL(/#\/staff$/);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('外观');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForFunction("document.documentElement.classList.contains('dark')");
  await page.keyboard.press('Control+k');
  await page.keyboard.press('Escape');
  await page.getByRole('combobox', { name: '要去哪里' }).waitFor({ state: 'detached' });
});

test('the bell rings live, counts, and opens what it is about', async () => {
  await signIn('clerk-police');
  const { db, notify } = server.deps;
  const [clerk] = await db.query<{ id: number }>(`SELECT id FROM staff WHERE username = 'clerk-police'`);
  const [question] = await db.query<{ id: string; number: string }>(
    `SELECT q.id, q.number FROM questions q JOIN organisations o ON o.id = q.organisation_id WHERE o.key = 'police-household' LIMIT 1`,
  );
  await page.getByRole('button', { name: '提醒', exact: true }).waitFor();
  const { id, number } = question!;
  await db.transaction((tx) =>
    notify(tx, [
      { staffIds: [clerk!.id], kind: 'due-soon', title: `提问 ${number} 快到期了`, link: `/questions/${id}` },
    ]),
  );
  await page.getByRole('button', { name: '提醒，1 条未读' }).click();
  await page.getByRole('button', { name: `提问 ${number} 快到期了` }).waitFor();
  await picture('bell');
  await page.getByRole('button', { name: `提问 ${number} 快到期了` }).click();
  await page.waitForURL(new RegExp(`#/questions/${id}$`));
  await page.getByRole('button', { name: '提醒', exact: true }).waitFor();

  await page.keyboard.press('Control+k');
  await page.keyboard.type(number);
  await page.getByRole('option', { name: new RegExp(number) }).waitFor();
});

test('on a phone nothing runs over the edge, light, dark or large', async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    await signIn('admin', undefined, { viewport: handset, colorScheme });
    for (const large of ['', 'large']) {
      await page.evaluate(`document.documentElement.classList.toggle('large', ${large !== ''})`);
      for (const room of ['organisations', 'staff', 'staff/clerk-police', 'sign-in-rules', 'me']) {
        await page.goto(`${server.url}/console/#/${room}`);
        await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });
        const over = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
        await picture(`phone-${colorScheme}-${large}-${room.replace('/', '-')}`);
        expect([room, large, over]).toEqual([room, large, 0]);
      }
    }
  }
});
