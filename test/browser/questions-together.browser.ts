import type { Browser, Page } from 'playwright-core';
import { anyone, startTestServer, type TestServer } from '../support/server';
import { openBrowser } from './browser';
import { askAs, openDesk } from './desk';

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

test('another department is asked to help, sees the question, writes what it knows, and ends its part', async () => {
  await askAs(server, anyone(), '出院小结上的户籍写错了怎么办？');
  const clerk = await desk.signIn('clerk-hospital');
  await queue(clerk, '待认领').click();
  await item(clerk, '出院小结').click();
  await clerk.getByRole('button', { name: '更多操作' }).click();
  await clerk.getByRole('menuitem', { name: '请其他部门协办' }).click();
  const dialog = clerk.getByRole('dialog', { name: '请其他部门协办' });
  await choose(clerk, dialog.getByLabel('部门'), '户政大队');
  await dialog.getByLabel('要他们协助什么').fill('请核对户籍地址的写法');
  await dialog.getByRole('button', { name: '请他们协办' }).click();
  await clerk.getByText('正在协办').waitFor();

  const helper = await desk.signIn('clerk-police');
  await queue(helper, '协办').click();
  await item(helper, '出院小结').click();
  await helper.getByText('由他们答复，您在协办').waitFor();
  expect(await helper.getByRole('tab', { name: '答复市民' }).count()).toBe(0);
  await helper.getByLabel('内部备注', { exact: true }).fill('以户口簿为准，带原件改。');
  await helper.getByRole('button', { name: '记下' }).click();
  await entry(clerk, '以户口簿为准，带原件改。').waitFor();
  await helper.getByRole('button', { name: '结束协办' }).click();
  await helper.getByRole('dialog').getByLabel('意见').fill('已经说明写法');
  await helper.getByRole('dialog').getByRole('button', { name: '结束协办' }).click();
  await helper.getByText('这个提问已到别的部门手里').waitFor();
  desk.expectRefusal(/^404 .*\/questions\/\d+$/);
  await clerk.getByText('户政大队协办完成：已经说明写法').waitFor();
});

test('an answer that did not arrive says why, and the clerk sends it once more', async () => {
  const citizen = anyone();
  await askAs(server, citizen, '体检报告几天出？');
  await fault({ api: 'message/custom/send', kind: '45015', times: 1 });
  await fault({ api: 'message/template/send', kind: '43004', times: 1 });
  const clerk = await desk.signIn('clerk-hospital');
  await queue(clerk, '待认领').click();
  await item(clerk, '体检报告几天出').click();
  await clerk.getByLabel('答复', { exact: true }).fill('五个工作日。');
  await clerk.getByRole('button', { name: '发送', exact: true }).click();
  const answer = entry(clerk, '五个工作日。');
  await answer.getByText(/未送达|等市民再来/).waitFor();
  expect(await received(citizen)).toEqual([]);
  await answer.getByRole('button', { name: '再发一次' }).click();
  await answer.getByText('已送达').waitFor();
  expect(await received(citizen)).toHaveLength(1);
});

test('a dispatcher makes a rule, and the next such question goes there by itself', async () => {
  const page = await desk.signIn('dispatcher');
  await page.getByRole('link', { name: '自动派单' }).click();
  await page.getByRole('button', { name: '添加' }).click();
  const dialog = page.getByRole('dialog', { name: '添加规则' });
  await dialog.getByRole('button', { name: '保存' }).click();
  await dialog.getByText('请选择派给哪个部门').waitFor();
  await dialog.getByLabel('提问里有这个词').fill('门牌');
  await choose(page, dialog.getByLabel('派给'), '户政大队');
  await dialog.getByRole('button', { name: '保存' }).click();
  await page.getByRole('row').filter({ hasText: '门牌' }).getByText('户政大队').waitFor();

  await page.getByRole('button', { name: '给一个部门另定' }).click();
  const own = page.getByRole('dialog', { name: '给一个部门另定' });
  await choose(page, own.getByLabel('部门', { exact: true }), '门诊服务部');
  await own.getByRole('button', { name: '保存' }).click();
  await page.getByRole('row').filter({ hasText: '门诊服务部' }).getByText('轮流分给在岗的人').waitFor();

  await askAs(server, anyone(), '新房的门牌丢了找谁补？', '不清楚');
  const clerk = await desk.signIn('clerk-police');
  await queue(clerk, '待认领').click();
  await item(clerk, '新房的门牌').waitFor();
});

test('a clerk keeps an answer for often, with a blank in it, and puts it into the next one filled in', async () => {
  const number = await askAs(server, anyone(), '陪护证怎么办？');
  const page = await desk.signIn('clerk-hospital');
  await page.getByRole('link', { name: '常用语' }).click();
  await page.getByRole('button', { name: '添加' }).click();
  const dialog = page.getByRole('dialog', { name: '添加常用语' });
  await dialog.getByLabel('名称').fill('陪护证');
  await dialog.getByLabel('内容').fill('请到住院部护士站办，编号 ');
  await dialog.getByRole('button', { name: '提问编号' }).click();
  await dialog.getByRole('button', { name: '保存' }).click();
  await page.getByRole('row').filter({ hasText: '住院部护士站' }).waitFor();

  await page.getByRole('link', { name: '部门答疑' }).click();
  await queue(page, '待认领').click();
  await item(page, '陪护证怎么办').click();
  await page.getByRole('heading', { name: number }).waitFor();
  await page.keyboard.press('i');
  await page.getByLabel('找常用语').fill('陪护');
  await page.keyboard.press('Enter');
  await page.getByText('草稿已保存').waitFor();
  expect(await page.getByLabel('答复', { exact: true }).inputValue()).toBe(`请到住院部护士站办，编号 ${number}`);
});

const queue = (page: Page, title: string) =>
  page.getByRole('navigation', { name: '队列' }).getByRole('button', { name: title });
const item = (page: Page, text: string) => page.locator('.item').filter({ hasText: text });
const entry = (page: Page, text: string) => page.getByLabel('往来').getByRole('listitem').filter({ hasText: text });

async function choose(page: Page, field: ReturnType<Page['getByLabel']>, title: string): Promise<void> {
  await field.click();
  await page.getByRole('option', { name: title }).first().click();
}

async function fault(body: object): Promise<void> {
  const response = await fetch(`${server.url}/simulator/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(await response.text());
}

/** What has reached the phone later than as a reply. */
async function received(openid: string): Promise<unknown[]> {
  const response = await fetch(`${server.url}/simulator/chats/demo/${openid}`);
  const { messages } = (await response.json()) as { messages: { from: string; via: string }[] };
  return messages.filter(({ from, via }) => from === 'account' && via !== 'reply');
}
