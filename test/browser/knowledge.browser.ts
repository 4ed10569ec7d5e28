import { mkdirSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { anyone, startTestServer, type TestServer } from '../support/server';
import { handset, openBrowser } from './browser';
import { askAs, openDesk, say } from './desk';

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
});

test('an answer is proposed from its question, freed of what is personal, let through by somebody else, and found on the phone', async () => {
  const number = await askAs(server, anyone(), '我叫王小明，玻璃花房星期几可以参观？电话 13812345678');
  const clerk = await desk.signIn('clerk-hospital');
  await openQuestion(clerk, number);
  await clerk.getByLabel('答复', { exact: true }).fill('玻璃花房周三下午可以参观，不用预约。');
  await clerk.getByRole('button', { name: '发送', exact: true }).click();
  await clerk.getByRole('button', { name: '提为常见问答' }).click();

  const question = clerk.getByLabel('问题', { exact: true });
  await question.waitFor();
  expect(await clerk.content()).not.toContain('13812345678');
  await clerk.getByText('还有 2 处没有处理').waitFor();
  expect(await clerk.getByRole('button', { name: '提交审核' }).isDisabled()).toBe(true);
  await look(clerk, 'editor');
  await clerk.getByRole('button', { name: '隐去 王小明' }).click();
  await clerk.getByText('还有 1 处没有处理').waitFor();
  expect(await question.inputValue()).toContain('我叫〔姓名〕');
  await question.fill('玻璃花房星期几可以参观');
  await clerk.getByText('没有发现').waitFor();
  await clerk.getByText('已改写成一般问题').click();
  await clerk.keyboard.press('Control+Enter');
  await clerk.getByText('等别人审核').first().waitFor();

  const reviewer = await desk.signIn('reviewer');
  await reviewer.getByRole('link', { name: '常见问答' }).click();
  await reviewer.getByRole('link', { name: '玻璃花房星期几可以参观' }).waitFor();
  await look(reviewer, 'list');
  await reviewer.keyboard.press('Enter');
  await reviewer.getByRole('heading', { name: '审核' }).waitFor();
  await reviewer.getByText('玻璃花房周三下午可以参观').waitFor();
  await reviewer.keyboard.press('a');
  await reviewer.getByText('已通过，市民现在搜得到').waitFor();

  const phone = await desk.phone('花房访客');
  await say(phone, '玻璃花房礼拜几能参观');
  await phone.getByRole('log').getByText('答：玻璃花房周三下午可以参观').waitFor();
  await phone.getByRole('log').getByText('没解决，问部门').waitFor();
  await say(phone, '1');
  await phone.getByRole('log').getByText('很高兴帮到您').waitFor();
});

test('what is published is changed: the reviewer sees what went and what came, sends it back with a reason, and the old one stays', async () => {
  const clerk = await desk.signIn('clerk-police');
  await clerk.goto(`${server.url}/console/#/knowledge?status=published&q=${encodeURIComponent('临时身份证')}`);
  await clerk.getByRole('link', { name: '临时身份证几天能拿' }).click();
  await clerk.getByRole('button', { name: '修改' }).click();
  const answer = clerk.getByLabel('答复', { exact: true });
  await answer.fill((await answer.inputValue()).replace('10 元', '15 元'));
  await clerk.getByRole('button', { name: '提交审核' }).click();
  await clerk.getByText('旧版仍在发布').waitFor();

  const reviewer = await desk.signIn('reviewer', { colorScheme: 'dark' });
  await reviewer.goto(`${server.url}/console/#/knowledge`);
  await reviewer.getByRole('link', { name: '临时身份证几天能拿' }).click();
  await reviewer.locator('article del', { hasText: '10' }).waitFor();
  await reviewer.locator('article ins', { hasText: '15' }).waitFor();
  await look(reviewer, 'review-dark');
  await reviewer.keyboard.press('r');
  await reviewer.getByRole('textbox').last().fill('费用没有变，请核对');
  await reviewer.getByRole('button', { name: '退回', exact: true }).last().click();
  await reviewer.getByText('已退回').first().waitFor();

  await clerk.reload();
  await clerk.getByText('费用没有变，请核对').first().waitFor();
  expect((await server.say(anyone(), '临时身份证几天能拿'))[0]).not.toContain('15 元');
});

test('written by hand on a narrow screen, with what looks like a person’s number said to be none', async () => {
  const clerk = await desk.signIn('clerk-hospital', { viewport: handset });
  await clerk.goto(`${server.url}/console/#/knowledge`);
  await clerk.getByLabel('搜索问答').fill('没有就诊卡');
  await clerk.getByRole('link', { name: '第一次来看病没有就诊卡怎么挂号' }).waitFor();
  await look(clerk, 'list-narrow');
  await clerk.getByRole('button', { name: '新写一条' }).click();
  await clerk.getByLabel('问题', { exact: true }).fill('盲道砖坏了找<b>谁</b>');
  await clerk.getByLabel('答复', { exact: true }).fill('请打 000-12345106。');
  await clerk.getByRole('button', { name: '存为草稿' }).click();
  await clerk.getByRole('button', { name: '000-12345106 不是个人信息' }).click();
  await clerk.getByText('都处理过了').waitFor();
  await look(clerk, 'editor-narrow');
  await clerk.getByRole('button', { name: '保存', exact: true }).click();
  await clerk.getByText('已保存').waitFor();
});

test('citizens browse and search what is published, and say whether it helped: whoever reviews sees how many', async () => {
  const citizen = await desk.page({ viewport: handset });
  const way = { account: 'demo', openid: anyone(), url: '/h5/?account=demo#/knowledge' };
  await citizen.goto(`${server.url}/simulator/h5?${new URLSearchParams(way)}`);
  await citizen.getByRole('link', { name: '更早的' }).click();
  await citizen.getByRole('link', { name: '更早的' }).click();
  await citizen.getByRole('searchbox').fill('娃儿打疫苗去哪');
  await citizen.getByRole('link', { name: '儿童打疫苗去哪里' }).waitFor();
  await look(citizen, 'pages');
  await citizen.getByRole('link', { name: '儿童打疫苗去哪里' }).click();
  await citizen.getByText('到居住地的社区卫生服务中心').waitFor();
  await look(citizen, 'page');
  // not signed in yet: through WeChat and back, and what was tapped counts
  await citizen.getByRole('button', { name: '没解决' }).click();
  await citizen.getByRole('link', { name: '向部门提问' }).waitFor();
  desk.expectRefusal(/^401 .*\/verdict$/);
  await citizen.reload();
  await citizen.getByRole('button', { name: '解决了', exact: true }).click();
  await citizen.getByText('很高兴帮到您').waitFor();
  expect(await citizen.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth')).toBe(false);

  const reviewer = await desk.signIn('reviewer');
  await reviewer.goto(`${server.url}/console/#/knowledge?status=published&q=${encodeURIComponent('打疫苗')}`);
  await reviewer.getByRole('link', { name: '儿童打疫苗去哪里' }).click();
  await reviewer.getByText('1 位市民说解决了，0 位说没解决').waitFor();
  await look(reviewer, 'published');
});

async function openQuestion(page: Page, number: string): Promise<void> {
  await page.getByLabel('搜索提问').fill(number);
  await page.locator('.item').first().click();
  await page.getByRole('heading', { name: number }).waitFor();
}

/** With SCREENSHOTS set to a folder, what it looked like is kept there. */
async function look(page: Page, name: string): Promise<void> {
  const folder = process.env.SCREENSHOTS;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/knowledge-${name}.png`, fullPage: true });
}
