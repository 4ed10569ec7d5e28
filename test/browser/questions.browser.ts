import type { Browser, Page } from 'playwright-core';
import { startTestServer, type TestServer } from '../support/server';
import { openBrowser } from './browser';
import { askOnPhone, openDesk, say } from './desk';

let server: TestServer;
let browser: Browser;
let desk: ReturnType<typeof openDesk>;

beforeAll(async () => {
  server = await startTestServer();
  browser = await openBrowser();
  desk = openDesk(server, browser);
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});
afterEach(async () => {
  expect(await desk.close()).toEqual([]);
  server.deps.clock.offset = 0;
});

test('a citizen asks on the phone, the clerk sees it come and answers, and the phone shows the answer', async () => {
  const clerk = await desk.signIn('clerk-hospital');
  await queue(clerk, '待认领').click();
  await clerk.getByText('（示例）预约了明天上午的号').first().waitFor();
  const phone = await desk.phone('问话的人');
  const number = await askOnPhone(phone, '昨天拍的胸片，报告在哪里打印？');

  // nobody has touched the clerk's page since
  await item(clerk, '昨天拍的胸片').click();
  await clerk.getByRole('heading', { name: number }).waitFor();
  await clerk.getByText(/可直接发消息：还剩 47 小时/).waitFor();
  await clerk.getByLabel('答复', { exact: true }).fill('在门诊一楼自助机打印，带就诊卡。');
  await clerk.getByRole('button', { name: '发送', exact: true }).click();
  await phone.getByRole('log').getByText('在门诊一楼自助机打印，带就诊卡。').waitFor();
  await entry(clerk, '在门诊一楼自助机打印').getByText('已送达').waitFor();
  await queue(clerk, '我的').click();
  await item(clerk, '昨天拍的胸片').waitFor();

  await clerk.getByRole('button', { name: '更多操作' }).click();
  await clerk.getByRole('menuitem', { name: '难易改为复杂' }).click();
  await entry(clerk, '难易改为复杂，时限重算').waitFor();

  await say(phone, '补充 自助机在几楼？');
  await phone.getByRole('log').getByText(`已补充到您的提问 ${number}`).waitFor();
  await entry(clerk, '自助机在几楼').waitFor();
  await clerk.getByLabel('答复', { exact: true }).fill('一楼大厅东侧。');
  await clerk.getByRole('button', { name: '发送并办结' }).click();
  await phone.getByRole('log').getByText('一楼大厅东侧。').waitFor();
  await phone.getByRole('log').getByText('问题解决了吗').waitFor();
});

test('when the window has closed a notice arrives, and the answer is read on the page that it opens', async () => {
  const phone = await desk.phone('等了很久的人');
  const number = await askOnPhone(phone, '住院押金怎么退，要本人到场吗？');
  await fetch(`${server.url}/simulator/clock`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ advance: 3 * 24 * 3600 }),
  });
  const clerk = await desk.signIn('clerk-hospital');
  await queue(clerk, '待认领').click();
  await item(clerk, '住院押金怎么退').click();
  await clerk.getByText('窗口已关闭，将改发带链接的通知').waitFor();
  await clerk.getByLabel('答复', { exact: true }).fill('不必本人到场，带押金收据和委托书即可。');
  await clerk.getByRole('button', { name: '发送', exact: true }).click();

  const notice = phone.getByRole('log').getByRole('region').filter({ hasText: number });
  await notice.getByRole('button', { name: '查看详情' }).click();
  const answer = phone.frameLocator('iframe');
  await answer.getByText('不必本人到场，带押金收据和委托书即可。').waitFor();
  await entry(clerk, '不必本人到场').getByText('已送达').waitFor();
});

const queue = (page: Page, title: string) =>
  page.getByRole('navigation', { name: '队列' }).getByRole('button', { name: title });
const item = (page: Page, text: string) => page.locator('.item').filter({ hasText: text });
/** One line of the thread that is open. */
const entry = (page: Page, text: string) => page.getByLabel('往来').getByRole('listitem').filter({ hasText: text });
