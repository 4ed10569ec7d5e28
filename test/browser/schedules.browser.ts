import type { Browser, Page } from 'playwright-core';
import { addStaff, signIn } from '../console/client';
import { startTestServer, type TestServer } from '../support/server';
import { handset, look, openBrowser } from './browser';
import { openDesk } from './desk';

let server: TestServer;
let browser: Browser;
let desk: ReturnType<typeof openDesk>;

beforeAll(async () => {
  server = await startTestServer();
  browser = await openBrowser();
  await addStaff(server, 'planner-hospital', 'operator', 'hospital-first');
  desk = openDesk(server, browser);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});
afterEach(async () => {
  expect(await desk.close()).toEqual([]);
});

/** A doctor of the hospital who is there every morning, whatever day it is. */
async function planned(title: string): Promise<number> {
  const planner = await signIn(server, 'planner-hospital');
  const base = '/services/appointments/setup';
  const { organisations } = (await planner.get(`${base}/tree`)).body as {
    organisations: { id: number; title: string }[];
  };
  const organisationId = organisations.find((one) => one.title === '门诊服务部')!.id;
  const added = await planner.send('POST', `${base}/resources`, { organisationId, kind: 'doctor', title });
  const { id } = added.body as { id: number };
  const rule = { from: '08:30', to: '11:30', minutes: 30, capacity: 3, onHolidays: true, validFrom: '2020-01-01' };
  await planner.send('PUT', `${base}/resources/${id}/rules`, {
    version: 1,
    rules: [{ ...rule, weekdays: [1, 2, 3, 4, 5, 6, 7] }],
  });
  return id;
}
const wide = (page: Page) => page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth');

test('a manager adds a doctor and plans the week', async () => {
  const page = await desk.signIn('planner-hospital');
  await page.getByRole('link', { name: '号源' }).click();
  await page.getByText('内科示例医生甲').waitFor();
  expect(await page.getByText('户籍窗口').count()).toBe(0);
  await look(page, 'schedules-tree');
  await page.getByRole('button', { name: '在门诊服务部添加' }).click();
  const dialog = page.getByRole('dialog', { name: '在「门诊服务部」添加' });
  await dialog.getByLabel('名称').fill('示例医生新');
  await dialog.getByLabel('职称或事项').fill('主治医师');
  await dialog.getByRole('button', { name: '添加' }).click();
  await page.getByRole('heading', { name: '示例医生新' }).waitFor();

  await page.getByRole('tab', { name: '每周规则' }).click();
  await page.getByRole('button', { name: '加一条规则' }).click();
  for (const name of ['六', '日']) await page.getByText(name, { exact: true }).first().click();
  await page.getByText('节假日照常').first().click();
  await page.getByRole('button', { name: '加一条规则' }).click();
  await page.getByLabel('第 2 条的开始').fill('11:00');
  await page.getByRole('button', { name: '预览' }).click();
  await page.getByText('与第 1 条时间重叠').waitFor();
  desk.expectRefusal(/422 .*preview/);
  await page.getByLabel('第 2 条的开始').fill('14:00');
  await page.getByRole('button', { name: '预览' }).click();
  await page.getByText(/^保存后：新增 \d+ 个时段/).waitFor();
  await look(page, 'schedules-rules');
  await page.getByRole('button', { name: '保存', exact: true }).click();
  await page.getByText(/^已保存：新增/).waitFor();
});

test('one day is changed, one is off, and the doctor has a rule of their own', async () => {
  const id = await planned('示例医生一周');
  const page = await desk.signIn('planner-hospital');
  await page.goto(`${server.url}/console/#/schedules/${id}`);
  await page.getByRole('heading', { name: '示例医生一周' }).waitFor();
  const size = page.getByLabel('08:30 的人数');
  await size.fill('5');
  await size.press('Enter');
  await page.getByText('08:30 改为 5 人').waitFor();
  await page.getByRole('button', { name: '加号' }).click();
  await page.getByRole('dialog', { name: /^加号/ }).getByRole('button', { name: '加号' }).click();
  await page.getByText('17:00-17:30').waitFor();
  await page
    .getByRole('row', { name: /09:00-09:30/ })
    .locator('.el-checkbox')
    .click();
  await page.getByRole('button', { name: '停诊停办' }).click();
  const stop = page.getByRole('dialog', { name: '停诊停办' });
  await stop.getByLabel('原因（市民会看到）').fill('示例抢救');
  await stop.getByRole('button', { name: '停诊停办并通知' }).click();
  await page.getByText('停诊停办：示例抢救').waitFor();
  await look(page, 'schedules-day');

  // What is being written elsewhere stays while a day is set.
  await page.getByRole('tab', { name: '每周规则' }).click();
  await page.getByLabel('第 1 条的班次').fill('示例班');
  await page.getByRole('tab', { name: '例外的日子' }).click();
  await page.getByRole('button', { name: '加一个例外' }).click();
  const special = page.getByRole('dialog', { name: '例外的日子' });
  await special.getByLabel('原因（停的话市民会看到）').fill('示例学习');
  await look(page, 'schedules-exception');
  await special.getByRole('button', { name: '保存' }).click();
  await page.getByRole('list', { name: '例外' }).getByText('示例学习').waitFor();
  await page.getByRole('tab', { name: '每周规则' }).click();
  expect(await page.getByLabel('第 1 条的班次').inputValue()).toBe('示例班');
  await page.getByRole('link', { name: '内科示例医生甲' }).click();
  const leaving = page.getByRole('dialog', { name: '不保存就离开？' });
  await look(page, 'schedules-leave');
  await leaving.getByRole('button', { name: '留下' }).click();
  await page.getByRole('button', { name: '保存', exact: true }).click();
  await page.getByText(/^已保存：新增/).waitFor();

  await page.getByRole('tab', { name: '资料与规定' }).click();
  await page.getByLabel('提前几天放号').fill('7');
  await page.getByLabel('提前几天放号').press('Tab');
  await page.getByRole('button', { name: '保存资料与规定' }).click();
  await page.getByRole('button', { name: '提前几天放号改回默认' }).waitFor();
  await look(page, 'schedules-policy');
  // It has all been saved: nobody is asked.
  await page.getByRole('link', { name: '内科示例医生甲' }).click();
  await page.getByRole('heading', { name: '内科示例医生甲' }).waitFor();
  await page.goBack();
  await page.getByRole('heading', { name: '示例医生一周' }).waitFor();
  expect(await wide(page)).toBe(false);
  // Two forms are changed: they are asked about once.
  await page.getByRole('tab', { name: '每周规则' }).click();
  await page.getByLabel('第 1 条的班次').fill('另一班');
  await page.getByRole('tab', { name: '资料与规定' }).click();
  await page.getByLabel('职称或事项').fill('示例职称');
  await page.getByRole('link', { name: '内科示例医生甲' }).click();
  await leaving.getByRole('button', { name: '离开', exact: true }).click();
  await page.getByRole('heading', { name: '内科示例医生甲' }).waitFor();
});

test('a sheet is checked line by line, mended, looked at and applied', async () => {
  const page = await desk.signIn('planner-hospital');
  await page.goto(`${server.url}/console/#/schedules`);
  await page.getByRole('button', { name: '导入' }).click();
  const header = '单位,科室或部门,类别,名称,职称或事项,地点,星期,班次,开始,结束,每号分钟,每个时段人数';
  const sheet = (time: string) =>
    Buffer.from(
      `${header}\r\n示例市第一医院,门诊服务部,医生,示例医生导入,主治医师,2 层,一至五,上午,${time},11:30,30,3`,
    );
  const choose = (name: string, buffer: Buffer) =>
    page.getByLabel('选择文件').setInputFiles({ name, mimeType: 'text/csv', buffer });
  await choose('错.csv', sheet('八点半'));
  await page.getByRole('table', { name: '错误' }).getByText('应为时间，如 08:30').waitFor();
  await look(page, 'schedules-import-faults');
  await choose('对.csv', sheet('8:30'));
  await page.getByText(/没有错误。1 位医生和窗口/).waitFor();
  await look(page, 'schedules-import-ready');
  await page.getByRole('dialog', { name: '导入号源' }).getByRole('button', { name: '导入', exact: true }).click();
  await page.getByText('已导入 1 位医生和窗口').waitFor();
  await page.getByRole('button', { name: '关闭', exact: true }).click();
  await page.getByText('示例医生导入').waitFor();
});

test('on a phone: the tree, then one of them, then back; nothing wider than the screen', async () => {
  const page = await desk.signIn('planner-hospital', { viewport: handset });
  await page.goto(`${server.url}/console/#/schedules`);
  await page.getByRole('link', { name: /^内科示例医生乙/ }).click();
  await page.getByRole('heading', { name: '内科示例医生乙' }).waitFor();
  await look(page, 'schedules-phone-day');
  for (const name of ['每周规则', '例外的日子', '资料与规定']) {
    await page.getByRole('tab', { name }).click();
    await look(page, `schedules-phone-${name}`);
    expect([name, await wide(page)]).toEqual([name, false]);
  }
  await page.getByRole('button', { name: '‹ 全部' }).click();
  await page.getByText('内科示例医生甲').waitFor();
  await look(page, 'schedules-phone-tree');
  expect(await wide(page)).toBe(false);
});
