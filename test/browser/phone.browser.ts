import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { play, readChat } from '../support/chat';
import { anyone, startTestServer, type TestServer } from '../support/server';
import { desktop, handset, openBrowser } from './browser';

let server: TestServer;
let browser: Browser;
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

afterEach(async () => {
  await page?.context().close();
  expect(faults).toEqual([]);
});

test('someone new follows, taps the menu with the keyboard, chats, and sees what went over the wire', async () => {
  await openPhone();
  await follow('王小明');

  await page.getByRole('button', { name: '部门答疑' }).focus();
  await page.keyboard.press('ArrowUp');
  await page.getByRole('menuitem', { name: '使用帮助' }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByText('点击菜单「使用帮助」').waitFor();
  await page.getByText('事件 CLICK').waitFor();

  await say('帮助');
  await reply().nth(2).waitFor();
  const trace = page.locator('details').filter({ hasText: '消息 text' }).first();
  await trace.getByLabel('收到的推送').getByText('帮助', { exact: true }).waitFor();
  await trace.getByLabel('公众号的答复').getByText('<MsgType>').waitFor();
  expect(await trace.textContent()).toContain('明文模式');
});

test('saves the chat as a test, which holds for the next one who says the same', async () => {
  await openPhone();
  await follow('李阿姨');
  await tap('部门答疑', '使用帮助');
  await reply().nth(1).waitFor();
  await say('你好');
  await reply().nth(2).waitFor();
  await say('身份证丢了怎么办');
  await reply().nth(3).waitFor();

  await page.getByRole('button', { name: '存为测试' }).click();
  await page.getByLabel('文件名').fill('问候');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: '下载' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('问候.chat');
  const saved = await readFile(await download.path(), 'utf8');
  const lines = saved.split('\n');
  expect(lines.filter((line) => line.startsWith('> '))).toEqual([
    '> [关注]',
    '> [点击 help]',
    '> 你好',
    '> 身份证丢了怎么办',
  ]);
  expect(lines[1]).toContain('欢迎关注');
  const someone = anyone();
  for (const { act, reply } of readChat(saved)) {
    expect((await play(server, someone, act)).replaceAll(server.url, '{{url}}')).toBe(reply);
  }
});

test('a message that could not be sent stays, with its reason, and goes out when tried again', async () => {
  await openPhone();
  await follow('张大爷');
  await page.route('**/simulator/chats/**', (route) =>
    route.request().method() === 'POST' ? route.abort() : route.continue(),
  );
  await say('在吗');
  const retry = page.getByRole('button', { name: /点此重试/ });
  await retry.waitFor();
  await page.unroute('**/simulator/chats/**');
  faults = [];
  await retry.click();
  await reply().nth(1).waitFor();
  expect(await page.getByRole('log').getByText('在吗', { exact: true }).count()).toBe(1);
});

test('what people write is shown as it is, never as markup', async () => {
  await openPhone();
  await follow('测试员');
  const nasty = '<img src=x onerror="document.title=1"><b>粗</b> https://example.org/a?b=1。';
  await say(nasty);
  await page.getByRole('log').getByText('<img src=x').first().waitFor();
  expect(await page.getByRole('log').locator('img').count()).toBe(0);
  expect(
    await page.getByRole('link', { name: 'https://example.org/a?b=1', exact: true }).first().getAttribute('href'),
  ).toBe('https://example.org/a?b=1');
  expect(await page.title()).toContain('手机');
});

test('a page of the menu opens inside, with its bar, and Esc closes it', async () => {
  await openPhone();
  await follow('陈先生');
  await tap('微办事', '全部事项');
  const inside = page.getByRole('dialog', { name: '网页' });
  await page.frameLocator('iframe').locator('#app').waitFor({ state: 'attached' });
  await inside.getByRole('button', { name: '关闭网页' }).press('Escape');
  await inside.waitFor({ state: 'detached' });
  await page.getByText('打开「全部事项」').waitFor();
});

test('on a handset the chat fills the screen; the inspector and the people are a tap away', async () => {
  await openPhone(handset);
  await page.getByRole('button', { name: '返回市民与公众号' }).click();
  await follow('赵女士');
  await page.getByRole('button', { name: '检视' }).click();
  await page.getByText('事件 subscribe').waitFor();
  await page.getByRole('tab', { name: '时钟与故障' }).click();
  const before = await clockOffset();
  await Promise.all([
    page.waitForResponse(
      (response) => response.url().endsWith('/simulator/clock') && response.request().method() === 'POST',
    ),
    page.getByRole('button', { name: '48 小时' }).click(),
  ]);
  expect(await clockOffset()).toBe(before + 172_800);
  await page.getByRole('button', { name: '关闭检视' }).click();

  await page.getByRole('button', { name: '公众号资料' }).click();
  await page.getByRole('button', { name: '不再关注' }).click();
  await page.getByRole('button', { name: '关注', exact: true }).waitFor();
  const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
  expect(wide).toBeLessThanOrEqual(handset.width);
});

async function openPhone(viewport = desktop) {
  const context = await browser.newContext({ viewport, acceptDownloads: true });
  page = await context.newPage();
  page.setDefaultTimeout(15_000);
  faults = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  await page.goto(`${server.url}/phone/`);
  await page.getByRole('button', { name: '关注', exact: true }).or(page.getByRole('log')).waitFor();
}

async function follow(name: string) {
  await page.getByLabel('新市民的名字（可不填）').fill(name);
  await page.getByRole('button', { name: '添加市民' }).click();
  await page.locator('[aria-current]').filter({ hasText: name }).waitFor({ state: 'attached' });
  await page.getByRole('button', { name: '关注', exact: true }).click();
  await page.getByRole('log').getByText('欢迎关注').waitFor();
}

async function tap(top: string, sub: string) {
  await page.getByRole('button', { name: top }).click();
  await page.getByRole('menuitem', { name: sub }).click();
}

async function say(text: string) {
  const keyboard = page.getByRole('button', { name: '切换到键盘输入' });
  if (await keyboard.isVisible()) await keyboard.click();
  const box = page.getByLabel('输入消息，回车发送');
  await box.fill(text);
  await box.press('Enter');
}

/** Bubbles of the account, in order. */
const reply = () => page.getByRole('log').locator('.row:not(.mine)');

async function clockOffset(): Promise<number> {
  const clock = (await (await fetch(`${server.url}/simulator/clock`)).json()) as { offset: number };
  return clock.offset;
}
