import { Secret, TOTP } from 'otpauth';
import type { Browser, Page } from 'playwright-core';
import { addStaff } from '../console/client';
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

test('an operator signs in, reads a chat live, and opens a sealed message with a reason', async () => {
  const citizen = anyone();
  await server.say(citizen, '<b>身份证</b>丢了');
  await signIn('operator');
  await page.getByRole('link', { name: citizen.slice(-8) }).click();
  await page.getByText('<b>身份证</b>丢了', { exact: true }).last().waitFor();

  await server.say(citizen, '我的号码是 13812345678');
  await page.getByText('含个人信息，已加密保存').first().waitFor();
  expect(await page.getByText('13812345678').count()).toBe(0);
  await page.getByRole('button', { name: '查看原文' }).click();
  await page.getByRole('button', { name: '查看并记录' }).click();
  await page.getByText('请写明查看的理由').waitFor();
  await page.getByLabel('理由').fill('核对市民留的电话');
  await page.keyboard.press('Enter');
  await page.getByText('我的号码是 13812345678').waitFor();

  await server.deps.db.transaction((tx) =>
    server.deps.delivery.enqueue(tx, {
      accountId: server.deps.accounts.byKey('demo')!.id,
      openid: citizen,
      message: { type: 'text', content: '请回电 13887654321' },
      source: 'staff:clerk-hospital',
    }),
  );
  await page.getByRole('link', { name: '消息下落' }).click();
  const sent = page.getByRole('row').filter({ hasText: '工作人员 clerk-hospital' });
  await sent.getByText('含个人信息，已加密保存').waitFor();
  await sent.getByRole('button', { name: '查看原文' }).click();
  await page.getByLabel('理由').fill('市民问回电的号码');
  await page.keyboard.press('Enter');
  await sent.getByText('请回电 13887654321').waitFor();

  await signIn('auditor');
  await page.getByRole('link', { name: '审计' }).click();
  const row = page.getByRole('row').filter({ hasText: '查看个人信息原文' });
  await row.getByText('核对市民留的电话').waitFor();
  await row.getByText(`会话 demo/${citizen}`).waitFor();
});

test('an operator changes a text with a preview beside it, and citizens read the new one', async () => {
  await signIn('operator');
  await page.getByRole('link', { name: '文字' }).click();
  await page.getByLabel('查找文字').fill('subscribe.welcome');
  await page.getByRole('button', { name: 'subscribe.welcome' }).click();
  const words = page.getByRole('textbox', { name: '内容' });
  await words.fill('欢迎 {{ nobody }}');
  await page.getByText('没有变量 nobody').waitFor();
  expect(await page.getByRole('button', { name: '保存' }).isDisabled()).toBe(true);

  await words.fill('欢迎来到');
  await page.getByRole('button', { name: 'accountTitle' }).click();
  await page.getByText(/^\s*欢迎来到(?!\{)\S+\s*$/).waitFor();
  await page.getByRole('button', { name: '保存' }).click();
  await page.getByText('已保存').waitFor();
  const { replies } = await server.act(anyone(), { event: 'subscribe' });
  expect(replies[0]?.content).toBe('欢迎来到示例市政务服务');

  await page.getByRole('button', { name: '恢复默认' }).click();
  await page.getByRole('button', { name: '恢复', exact: true }).click();
  await page.getByText('已恢复').waitFor();
});

test('an operator adds an automatic reply and publishes the menu after seeing what will change', async () => {
  const account = server.deps.accounts.byKey('demo')!;
  await server.deps.wechat.publishMenu(account, [{ name: '旧按钮', key: 'help' }]);
  await signIn('operator');
  await page.getByRole('link', { name: '自动回复' }).click();
  await page.getByRole('button', { name: '添加' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('要匹配的话').fill('停车');
  await dialog.getByLabel('回复的内容').fill('停车场在大厅东侧。');
  await dialog.getByRole('button', { name: '保存' }).click();
  await page.getByRole('row').filter({ hasText: '停车场在大厅东侧。' }).waitFor();
  expect(await server.say(anyone(), '停车')).toEqual(['停车场在大厅东侧。']);

  await page.getByRole('link', { name: '菜单' }).click();
  await page.getByRole('button', { name: '发布到微信' }).click();
  await page.getByText('旧按钮：打开「帮助」').waitFor();
  await page.getByRole('button', { name: '确认发布' }).click();
  await page.getByText('两份一致').waitFor();
});

test('an admin renames an account, takes it out of use and puts it back', async () => {
  await signIn('admin');
  await page.getByRole('link', { name: '公众号', exact: true }).click();
  await page.getByRole('button', { name: '修改' }).click();
  await page.getByLabel('名称').fill('某某市政务服务');
  await page.getByRole('button', { name: '保存' }).click();
  await page.getByRole('heading', { name: '某某市政务服务' }).waitFor();
  await page.getByRole('button', { name: '停用' }).click();
  await page.getByRole('button', { name: '停用' }).last().click();
  await page.getByRole('button', { name: '启用' }).click();
  await page.getByRole('button', { name: '试连微信' }).waitFor();
  await page.getByRole('button', { name: '修改' }).click();
  await page.getByLabel('名称').fill('示例市政务服务');
  await page.getByRole('button', { name: '保存' }).click();
  await page.getByRole('heading', { name: '示例市政务服务' }).waitFor();
});

test('an admin adds an account; its secrets are seen before it is saved and not after', async () => {
  await signIn('admin');
  await page.getByRole('link', { name: '公众号', exact: true }).click();
  await page.getByRole('button', { name: '添加公众号' }).click();
  const dialog = page.getByRole('dialog');
  const token = await dialog.getByLabel('令牌', { exact: true }).inputValue();
  expect(token).toMatch(/^[A-Za-z0-9]{24}$/);
  await dialog.getByRole('button', { name: '添加' }).click();
  await dialog.getByText('请填写公众号名称').first().waitFor();

  await dialog.getByLabel('名称').fill('示例市公安局');
  await dialog.getByLabel('标识（用在服务器地址里）').fill('police');
  await dialog.getByLabel('AppID').fill('wx00000000000000aa');
  await dialog.getByLabel('原始 ID').fill('gh_000000000000');
  await dialog.getByLabel('AppSecret').fill('0123456789abcdef');
  await dialog.getByRole('button', { name: '添加' }).click();
  await page.getByRole('heading', { name: '示例市公安局' }).waitFor();
  expect(await page.content()).not.toContain(token);
  faults = faults.filter((one) => !one.includes('422'));
});

test('each sees their own pages only; a clerk is at home in the inbox', async () => {
  await signIn('clerk-police');
  await page.getByRole('heading', { name: '部门答疑' }).waitFor();
  expect(await page.getByRole('link', { name: '审计' }).count()).toBe(0);
  await page.goto(`${server.url}/console/#/audit`);
  await page.getByText('您的角色看不到它').waitFor();
  expect(page.url()).toMatch(/#\/audit$/);
  await page.getByRole('button', { name: '打开个人菜单' }).click();
  await page.getByText('退出登录').click();
  await page.getByRole('heading', { name: '微办工作台' }).waitFor();
});

test('a page that is open longer than its access goes on, live events too, until the session is ended elsewhere', async () => {
  await signIn('admin');
  try {
    server.deps.clock.offset = 20 * 60_000;
    const renewed = page.waitForResponse((response) => response.url().endsWith('/refresh'));
    await page.getByRole('link', { name: '运行情况' }).click();
    expect((await renewed).status()).toBe(200);
    await page.getByText('服务正常', { exact: true }).waitFor();
    await openMyself();
    await page.getByText('本机').waitFor();
    await addStaff(server, 'forgetful', 'clerk', 'police');
    await alarm('forgetful');
    await page.getByText('有新的登录告警').waitFor();
    await page.getByRole('row').filter({ hasText: 'forgetful' }).getByText('登录失败过多，已锁定').waitFor();

    await server.deps.db.query('UPDATE console_sessions SET ended_at = $1', [server.deps.clock.now()]);
    await page.getByRole('link', { name: '运行情况' }).click();
    await page.getByLabel('用户名').waitFor();
    faults = faults.filter((one) => !one.startsWith('401 '));
  } finally {
    server.deps.clock.offset = 0;
  }
});

test('a second factor is set up with the phone, and asked for at the next sign-in', async () => {
  await signIn('reviewer');
  await openMyself();
  await page.getByRole('button', { name: '设置动态口令' }).click();
  await page.getByLabel('请再输入一次您的登录口令').fill('weiban-demo');
  await page.getByRole('button', { name: '继续' }).click();
  await page.getByRole('img', { name: '二维码' }).waitFor();
  const secret = (await page.getByText('扫不了时，手工输入密钥').textContent())!.split('：')[1]!.replaceAll(' ', '');
  const totp = new TOTP({ secret: Secret.fromBase32(secret) });
  const at = server.deps.clock.millis();
  await page.getByLabel('手机上显示的 6 位数字').fill(totp.generate({ timestamp: at - 30_000 }));
  await page.getByRole('button', { name: '开启' }).click();
  const codes = page.getByRole('list', { name: '恢复码' }).getByRole('listitem');
  await codes.first().waitFor();
  expect(await codes.count()).toBe(8);
  const recovery = (await codes.first().textContent())!;
  const another = (await codes.last().textContent())!;
  await page.getByRole('button', { name: '我已保存好' }).click();
  await page.getByText('已开启').waitFor();

  await page.getByRole('button', { name: '打开个人菜单' }).click();
  await page.getByText('退出登录').click();
  await page.getByLabel('用户名').fill('reviewer');
  await page.getByLabel('口令', { exact: true }).fill('weiban-demo');
  await page.keyboard.press('Enter');
  await page.getByLabel('动态口令').fill('nothing like it');
  await page.keyboard.press('Enter');
  await page.getByText('动态口令不对，或已经用过').waitFor();
  await page.getByLabel('动态口令').fill(recovery);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: '打开个人菜单' }).waitFor();
  await openMyself();
  await page.getByText('恢复码还剩 7 个').waitFor();
  await page.getByRole('button', { name: '关闭', exact: true }).click();
  await page.getByLabel('请再输入一次您的登录口令').fill('weiban-demo');
  await page.getByLabel('手机上的动态口令，或一个恢复码').fill(another);
  await page.getByRole('button', { name: '继续' }).click();
  await page.getByText('未开启').waitFor();
  faults = faults.filter((one) => !/^401 .*\/login$/.test(one));
});

test('where it is required, nothing but setting it up is open', async () => {
  await server.deps.settings.set('console.second-factor', 'required');
  try {
    await signIn('operator');
    await page.getByText('要先设置动态口令').waitFor();
    await page.getByRole('link', { name: '会话' }).click();
    await page.getByRole('button', { name: '设置动态口令' }).waitFor();
    expect(page.url()).toMatch(/#\/me$/);
  } finally {
    await server.deps.settings.set('console.second-factor', 'off');
  }
});

test('on a phone nothing runs over the edge, light or dark', async () => {
  const citizen = anyone();
  await server.say(citizen, '长'.repeat(300) + 'w'.repeat(300));
  for (const colorScheme of ['light', 'dark'] as const) {
    await signIn('operator', { viewport: handset, colorScheme });
    for (const room of ['chats', `chats/${citizen}`, 'deliveries', 'menu', 'texts', 'accounts', 'health', 'me']) {
      await page.goto(`${server.url}/console/#/${room}`);
      await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });
      const over = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
      expect([room, over]).toEqual([room, 0]);
    }
    const dark = await page.evaluate<boolean>("document.documentElement.classList.contains('dark')");
    expect(dark).toBe(colorScheme === 'dark');
  }
});

async function openMyself(): Promise<void> {
  await page.getByRole('button', { name: '打开个人菜单' }).click();
  await page.getByText('我的会话').first().click();
  await page.getByRole('heading', { name: '我的会话' }).waitFor();
}

/** Someone else's sign-in goes wrong too often. */
async function alarm(username: string): Promise<void> {
  for (let tries = 0; tries < 10; tries++)
    await fetch(`${server.url}/api/console/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username, password: `guess ${tries}` }),
    });
}

async function signIn(
  username: string,
  { viewport = desktop, colorScheme = 'light' as 'light' | 'dark' } = {},
): Promise<void> {
  await page?.context().close();
  const context = await browser.newContext({ viewport, colorScheme, locale: 'zh-CN' });
  page = await context.newPage();
  faults = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('response', (response) => {
    // before signing in nobody is, and a preview of what is wrong is refused
    const expected =
      (response.status() === 401 && response.url().endsWith('/me')) || response.url().endsWith('/preview');
    if (response.status() >= 400 && !expected) faults.push(`${response.status()} ${response.url()}`);
  });
  await page.goto(`${server.url}/console/`);
  await page.getByLabel('用户名').fill(username);
  await page.getByLabel('口令', { exact: true }).fill('weiban-demo');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: '打开个人菜单' }).waitFor();
}
