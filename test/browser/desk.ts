import type { Browser, Page } from 'playwright-core';
import type { TestServer } from '../support/server';
import { desktop } from './browser';

/** Pages of staff and citizens for tests in which both take part; what goes wrong in any of them is kept until asked for. */
export function openDesk(server: TestServer, browser: Browser) {
  let pages: Page[] = [];
  let faults: string[] = [];

  async function newPage({ viewport = desktop, colorScheme = 'light' as 'light' | 'dark' } = {}): Promise<Page> {
    const context = await browser.newContext({ viewport, colorScheme, locale: 'zh-CN' });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('response', (response) => {
      // before signing in nobody is
      const expected = response.status() === 401 && response.url().endsWith('/me');
      if (response.status() >= 400 && !expected) faults.push(`${response.status()} ${response.url()}`);
    });
    pages.push(page);
    return page;
  }

  return {
    /** A page of nobody yet. */
    page: newPage,
    /** Someone of the staff, signed in, in a browser of their own. */
    async signIn(username: string, options?: Parameters<typeof newPage>[0]): Promise<Page> {
      const page = await newPage(options);
      await page.goto(`${server.url}/console/`);
      await page.getByLabel('用户名').fill(username);
      await page.getByLabel('口令', { exact: true }).fill('weiban-demo');
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: '打开个人菜单' }).waitFor();
      return page;
    },
    /** The simulated phone of someone new who follows the account. */
    async phone(name: string): Promise<Page> {
      const page = await newPage();
      await page.goto(`${server.url}/phone/`);
      await page.getByLabel('新市民的名字（可不填）').fill(name);
      await page.getByRole('button', { name: '添加市民' }).click();
      await page.locator('[aria-current]').filter({ hasText: name }).waitFor({ state: 'attached' });
      await page.getByRole('button', { name: '关注', exact: true }).click();
      await page.getByRole('log').getByText('欢迎关注').waitFor();
      return page;
    },
    /** What has been refused, by design. */
    expectRefusal(pattern: RegExp): void {
      if (!faults.some((one) => pattern.test(one))) throw new Error(`nothing like ${pattern} among: ${faults}`);
      faults = faults.filter((one) => !pattern.test(one));
    },
    /** Closes all pages. @returns what went wrong in them */
    async close(): Promise<string[]> {
      await Promise.all(pages.map((page) => page.context().close()));
      const told = faults;
      pages = [];
      faults = [];
      return told;
    },
  };
}

/** Says something on the simulated phone. */
export async function say(phone: Page, text: string): Promise<void> {
  const keyboard = phone.getByRole('button', { name: '切换到键盘输入' });
  if (await keyboard.isVisible()) await keyboard.click();
  const box = phone.getByLabel('输入消息，回车发送');
  await box.fill(text);
  await box.press('Enter');
}

/** Asks a department on the phone, step by step. @returns the question's number */
export async function askOnPhone(phone: Page, text: string, department = '门诊服务部'): Promise<string> {
  const log = phone.getByRole('log');
  await say(phone, '提问');
  const offered = log.locator('.row').filter({ hasText: '想问哪个部门' }).last();
  await offered.waitFor();
  const line = (await offered.textContent())!.split('\n').find((one) => isOffer(one, department));
  await say(phone, line!.trim().split('.')[0]!);
  await log.getByText('请用一段话写清楚您的问题').last().waitFor();
  await say(phone, text);
  await log.getByText('可以发照片').last().waitFor();
  await say(phone, '1');
  await log.getByText('同意把问题和答复公开').last().waitFor();
  await say(phone, '1');
  await log.getByText('回复 1 提交').last().waitFor();
  await say(phone, '1');
  const confirmation = log.getByText(/收到了，提问编号 Q\d+/).last();
  await confirmation.waitFor();
  return /Q\d+/.exec((await confirmation.textContent())!)![0];
}

/** The same without a phone, for tests about something else. @returns the question's number */
export async function askAs(
  server: TestServer,
  openid: string,
  text: string,
  department = '门诊服务部',
): Promise<string> {
  const [offered = ''] = await server.say(openid, '提问');
  const line = offered.split('\n').find((one) => isOffer(one, department));
  await server.say(openid, line!.split('.')[0]!);
  await server.say(openid, text);
  // no photos, not to be published
  await server.say(openid, '1');
  await server.say(openid, '1');
  const [confirmation = ''] = await server.say(openid, '1');
  const number = /Q\d+/.exec(confirmation)?.[0];
  if (!number) throw new Error(`not asked: ${confirmation}`);
  return number;
}

/** `3. 不清楚`, not the question above it that says so too. */
const isOffer = (line: string, title: string) => /^\s*\d+\./.test(line) && line.includes(title);
