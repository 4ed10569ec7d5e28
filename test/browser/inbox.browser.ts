import type { Browser, Page } from 'playwright-core';
import { addStaff } from '../console/client';
import { picture } from '../support/pictures';
import { anyone, startTestServer, type TestServer } from '../support/server';
import { handset, openBrowser } from './browser';
import { askAs, openDesk } from './desk';

let server: TestServer;
let browser: Browser;
let desk: ReturnType<typeof openDesk>;

beforeAll(async () => {
  server = await startTestServer();
  browser = await openBrowser();
  desk = openDesk(server, browser);
  await addStaff(server, 'colleague', 'clerk', 'hospital-first-desk');
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});
afterEach(async () => {
  expect(await desk.close()).toEqual([]);
});

test('two clerks write an answer to the same question: one leaves, the other is shown what has come', async () => {
  const citizen = anyone();
  const number = await askAs(server, citizen, '儿科夜里有没有急诊？');
  const [one, other] = [await desk.signIn('clerk-hospital'), await desk.signIn('colleague')];
  for (const page of [one, other]) {
    await openQuestion(page, number);
    await field(page).fill(page === one ? '有，在一楼东侧。' : '有，二十四小时都在。');
  }
  await one.getByText('colleague正在输入').waitFor();
  await send(one).click();
  await entry(one, '有，在一楼东侧。').waitFor();

  await other.getByText('1 条新消息，打开之后到的').waitFor();
  await send(other).click();
  await other.getByText('答复还没有发出').waitFor();
  desk.expectRefusal(/^409 .*\/answer$/);
  expect(await answers(citizen)).toEqual([expect.stringContaining('有，在一楼东侧。')]);
  await other.getByRole('button', { name: '查看', exact: true }).click();
  expect(await field(other).inputValue()).toBe('有，二十四小时都在。');
  await field(other).fill('补充一句：夜里走急诊入口。');
  await send(other).click();
  await entry(other, '补充一句：夜里走急诊入口。').getByText('已送达').waitFor();
  expect(await answers(citizen)).toHaveLength(2);
});

test('what was begun is there after a reload, and on another computer', async () => {
  const number = await askAs(server, anyone(), '住院能不能陪护？');
  const page = await desk.signIn('clerk-hospital');
  await openQuestion(page, number);
  await field(page).fill('可以，一名家属');
  await page.getByText('草稿已保存').waitFor();
  const file = { name: 'map.png', mimeType: 'image/png', buffer: await picture('png', { width: 300, height: 200 }) };
  const saved = page.waitForResponse((response) => response.url().endsWith('/draft') && response.ok());
  await page.getByLabel('选择图片').setInputFiles([file]);
  await saved;
  await page.reload();
  await page.getByRole('heading', { name: number }).waitFor();
  expect(await field(page).inputValue()).toBe('可以，一名家属');
  await shown(page);

  const elsewhere = await desk.signIn('clerk-hospital');
  await openQuestion(elsewhere, number);
  expect(await field(elsewhere).inputValue()).toBe('可以，一名家属');
  await shown(elsewhere);
  await elsewhere.getByRole('button', { name: '去掉图片 1' }).click();
  await elsewhere.getByText('图片 0/3').waitFor();
});

/** The picture that is to go along stands there, and can be seen. */
const shown = (page: Page) =>
  page.waitForFunction(`document.querySelector('ul[aria-label="要发的图片"] img')?.naturalWidth > 0`);

test('by keyboard alone: next, answer, resolve and next, later, and the sheet that says how', async () => {
  const [first, second] = [anyone(), anyone()];
  const numbers = [
    await askAs(server, first, '键盘第一问：停车怎么收费？'),
    await askAs(server, second, '键盘第二问：食堂几点开？'),
  ];
  const page = await desk.signIn('colleague');
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: '快捷键' }).getByText('办结，打开下一个').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog', { name: '快捷键' }).waitFor({ state: 'hidden' });

  await page.keyboard.press('/');
  await page.keyboard.type('键盘');
  await items(page).nth(1).waitFor();
  await page.getByRole('button', { name: '键盘第二问' }).waitFor();
  await page.keyboard.press('Escape');
  // Those that are found stand newest first.
  await page.keyboard.press('j');
  await page.getByRole('heading', { name: numbers[1]! }).waitFor();
  await page.keyboard.press('c');
  await page.getByText('认领 · colleague').waitFor();
  await page.keyboard.press('r');
  await page.keyboard.type('早上六点半开。');
  await page.keyboard.press('Control+Enter');
  await entry(page, '早上六点半开。').waitFor();
  expect(await page.getByText('草稿已保存').count()).toBe(0);
  await page.keyboard.press('Escape');
  await page.keyboard.press('E');
  await page.getByRole('heading', { name: numbers[0]! }).waitFor();
  await page.keyboard.press('n');
  await page.keyboard.type('要问一下后勤');
  await page.keyboard.press('Control+Enter');
  await entry(page, '要问一下后勤').getByText('内部备注，市民看不到').waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('s');
  await page.getByRole('dialog').getByText('明天上午').waitFor();
  await page.getByRole('button', { name: '稍后处理' }).press('Enter');
  await page.getByText(/稍后处理，到 /).waitFor();
  expect(await answers(second)).toEqual([expect.stringContaining('早上六点半开。'), expect.anything()]);
  expect(await answers(first)).toEqual([]);
});

test('markup, right-to-left marks and endless words harm neither page, on a desk or on a phone', async () => {
  const hostile = `<img src=x onerror="document.title='harmed'"><script>document.title='harmed'</script>\u202e倒\u200b过\u200d来\ufeff👨‍👩‍👧‍👦 ${'w'.repeat(350)}`;
  const citizen = anyone();
  const number = await askAs(server, citizen, hostile);
  await server.say(citizen, `补充 <b>${'长'.repeat(400)}</b>\u202e`);
  // Longer than anybody may write: what is stored is shown whatever it is.
  await server.deps.db.query(
    `UPDATE question_messages SET text = text || repeat('w', 5000) WHERE question_id = (SELECT id FROM questions WHERE number = $1)`,
    [number],
  );
  for (const options of [{}, { viewport: handset, colorScheme: 'dark' as const }]) {
    const page = await desk.signIn('clerk-hospital', options);
    await openQuestion(page, number);
    await page.getByLabel('往来').getByText('<img src=x').waitFor();
    expect(await page.getByLabel('往来').locator('img, script').count()).toBe(0);
    expect(await page.getByLabel('往来').getByText('w'.repeat(5000)).count()).toBeGreaterThan(0);
    // In the list its beginning stands as it was written, and turns nothing around.
    const listed = (await items(page).first().textContent()) ?? '';
    expect(listed).toContain('<img src=x onerror=');
    expect(listed).not.toContain('\u202e');
    expect(await items(page).locator('img, script').count()).toBe(0);
    expect(await page.title()).not.toBe('harmed');
    expect(await over(page)).toBe(0);
    expect(await wider(page)).toEqual([]);
  }
  const page = await desk.signIn('clerk-hospital');
  await openQuestion(page, number);
  await field(page).fill(`</p><img src=x onerror="document.title='harmed'">${'w'.repeat(500)}\u202e`);
  await send(page).click();
  await entry(page, '</p><img').getByText('已送达').waitFor();

  const [said = ''] = await answers(citizen);
  const link = /https?:\S+\/h5\/\S+/.exec(said)![0];
  await page.setViewportSize(handset);
  await page.goto(link);
  await page.getByText('</p><img src=x').waitFor();
  const harmless = async () => {
    await page.getByText('<img src=x onerror=').first().waitFor();
    expect(await page.locator('main img[src="x"], main script, #app script').count()).toBe(0);
    expect(await page.title()).not.toBe('harmed');
    expect(await over(page)).toBe(0);
    expect(await wider(page)).toEqual([]);
  };
  await harmless();
  // All of the citizen's questions.
  await page.goto(link.replace(/\/Q\d+$/, ''));
  await page.getByText(number).waitFor();
  await harmless();
});

test('without a network the page says so, and with one again it shows what has come meanwhile', async () => {
  const number = await askAs(server, anyone(), '断线的时候正在答的');
  const page = await desk.signIn('clerk-hospital');
  await openQuestion(page, number);
  await page.getByLabel('搜索提问').fill('');
  await page.getByRole('button', { name: /^待认领/ }).click();
  await items(page).first().waitFor();
  await page.context().setOffline(true);
  await page.getByText('连接断开了，正在重连').waitFor();
  // What could not be sent is a draft again, and is kept without another word.
  await field(page).fill('发不出去的答复');
  await send(page).click();
  await page.getByText('草稿没有存上').waitFor();
  await askAs(server, anyone(), '断线的时候问的');
  await page.context().setOffline(false);
  await items(page).filter({ hasText: '断线的时候问的' }).waitFor();
  await page.getByText('连接断开了，正在重连').waitFor({ state: 'detached' });
  await page.getByText('草稿已保存').waitFor();
});

test('on a phone one goes from the list to a question and back', async () => {
  await askAs(server, anyone(), '手机上看的问题');
  const page = await desk.signIn('clerk-hospital', { viewport: handset });
  await page.getByRole('button', { name: /^待认领/ }).click();
  await items(page).filter({ hasText: '手机上看的问题' }).click();
  await page.getByRole('button', { name: '认领' }).click();
  await page.getByText('认领 · 医院窗口人员').waitFor();
  await page.getByRole('button', { name: '市民与建议' }).click();
  await page.getByText('第一次提问').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: '回到列表' }).click();
  await page.getByRole('button', { name: /^我的/ }).click();
  await items(page).filter({ hasText: '手机上看的问题' }).waitFor();
  expect(await over(page)).toBe(0);
});

const openQuestion = async (page: Page, number: string) => {
  const found = page.waitForResponse((response) => response.url().includes(`search=${number}`));
  await page.getByLabel('搜索提问').fill(number);
  await found;
  await items(page).first().click();
  await page.getByRole('heading', { name: number }).waitFor();
};
const items = (page: Page) => page.locator('.item');
const field = (page: Page) => page.getByLabel('答复', { exact: true });
const send = (page: Page) => page.getByRole('button', { name: '发送', exact: true });
const entry = (page: Page, text: string) => page.getByLabel('往来').getByRole('listitem').filter({ hasText: text });
/** What stands out of the page, though the page itself does not move, and is not cut off there. */
const wider = (page: Page) =>
  page.evaluate<string[]>(`(() => {
    const cut = (one) => one && (/hidden|auto|scroll|clip/.test(getComputedStyle(one).overflowX) || cut(one.parentElement));
    return [...document.querySelectorAll('.item *, li, li *, article, article *')]
      .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && !cut(one))
      .map((one) => one.tagName + ' ' + one.className);
  })()`);
/** How far the page can be moved sideways. */
const over = (page: Page) => page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');

/** What has reached the citizen later, not as the reply to what they said. */
async function answers(openid: string): Promise<string[]> {
  const response = await fetch(`${server.url}/simulator/chats/demo/${openid}`);
  const { messages } = (await response.json()) as { messages: { via: string; content?: string }[] };
  return messages.filter(({ via }) => via === 'custom').map(({ content }) => content ?? '');
}
