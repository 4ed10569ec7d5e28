import type { Browser, Page } from 'playwright-core';
import { startTestServer, type TestServer } from '../support/server';
import { desktop, handset, openBrowser } from './browser';

let server: TestServer;
let browser: Browser;
let page: Page;
let faults: string[];

beforeAll(async () => {
  server = await startTestServer();
  browser = await openBrowser();
  await server.deps.db.query(
    `INSERT INTO questions (number, account_id, openid, organisation_id, assignee_id, status, text, asked_at, dispatched_at,
                            clock_started_at, first_replied_at, first_reply_minutes, answered_at, measured_answered_at, resolve_minutes,
                            due_at, solved, satisfied, last_at, search)
     SELECT 'B' || n, 1, 'oFigures', o.id, s.id, 'closed', '示例：身份证怎么补领', t, t, t, t + interval '30 minutes', 20 + n % 50,
            t + interval '5 hours', t + interval '5 hours', 100 + n % 90, t + (1 + n % 9) * interval '1 hour', n % 4 <> 0, 1 + n % 5, t, ''
       FROM generate_series(1, 90) n JOIN LATERAL (SELECT $1::timestamptz - (n / 4) * interval '1 day' AS t) at ON true
       JOIN organisations o ON o.key = 'police-household' LEFT JOIN staff s ON s.username = 'clerk-police' AND n % 3 <> 0`,
    [server.deps.clock.now()],
  );
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});
afterEach(async () => {
  await page?.context().close();
  expect(faults).toEqual([]);
});

test('a supervisor reads the figures, and fetches the list as a file', async () => {
  await signIn('supervisor');
  const scripts = await loaded();
  expect(scripts.filter((name) => /chart/i.test(name))).toEqual([]);
  // Without the departments nothing can be asked for: told, and asked again.
  await page.route('**/figures/departments', (route) => route.fulfill({ status: 500, body: '{}' }), { times: 1 });
  await page.getByRole('link', { name: '答疑统计' }).click();
  await page.getByRole('alert').getByText('服务器暂时没有回应').waitFor();
  faults = faults.filter((one) => !/^500 .*departments/.test(one));
  await page.getByRole('button', { name: '再试一次' }).click();
  await page.locator('.chart canvas').waitFor();
  expect((await loaded()).filter((name) => /figures-chart/.test(name))).toHaveLength(1);
  await page.getByRole('table', { name: '按办理人统计' }).getByText('户政窗口人员').waitFor();
  await page.getByText('正在读取').waitFor({ state: 'detached' });
  await shoot('figures-light');

  await page.getByRole('button', { name: '提问清单' }).click();
  const link = page.getByRole('link', { name: /^下载（\d+ 行）$/ });
  await link.waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  expect(download.suggestedFilename()).toMatch(/提问清单.*\.xlsx$/);

  await page.getByLabel('从', { exact: true }).fill('2020-01-01');
  await page.getByLabel('到', { exact: true }).fill('2020-02-01');
  await page.getByText('这段时间没有提问').waitFor();
});

test('the figures of appointments: a month of a demonstration, by week, of one doctor, and as a file', async () => {
  await signIn('clerk-hospital');
  await page.getByRole('link', { name: '预约统计' }).click();
  await page.locator('.chart canvas').nth(1).waitFor();
  await page.getByRole('table', { name: '按日统计' }).waitFor();
  await page.getByText('正在读取').waitFor({ state: 'detached' });
  await shoot('appointment-figures-light');
  await page.getByText('周', { exact: true }).click();
  await page.getByRole('table', { name: '按周统计' }).waitFor();
  await page.getByRole('button', { name: '内科示例医生乙 副主任医师' }).click();
  await page.getByText('只看 内科示例医生乙').waitFor();
  await shoot('appointment-figures-one');
  await page.getByRole('table', { name: '按医生和窗口统计' }).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: '预约明细' }).click();
  const link = page.getByRole('link', { name: /^下载（\d+ 行）$/ });
  await link.waitFor();
  await link.scrollIntoViewIfNeeded();
  await shoot('appointment-figures-exports');
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  expect(download.suggestedFilename()).toMatch(/门诊服务部-预约明细.*\.xlsx$/);
  await page.getByLabel('从', { exact: true }).fill('2020-01-01');
  await page.getByLabel('到', { exact: true }).fill('2020-02-01');
  await page.getByText('这段时间没有号源，也没有预约').waitFor();
});

test('a supervisor closes the offices for a day with a reason, and what is due moves', async () => {
  await signIn('supervisor');
  await page.getByRole('link', { name: '日历与时限' }).click();
  const year = Number((await page.getByRole('heading', { name: /\d{4} 年/ }).textContent())!.slice(0, 4));
  await page.getByRole('button', { name: /-12-21 上班$/ }).click();
  await page.getByLabel('放假的名称').fill('停电');
  await page.getByRole('button', { name: '改为放假' }).click();
  await page.getByRole('button', { name: `${year}-12-21 停电` }).waitFor();
  await page
    .getByText(/会重算 \d+ 个未办结提问的时限/)
    .first()
    .waitFor();
  await shoot('calendar-light');
  await page.getByLabel('理由').fill('整栋楼停电检修');
  await page.getByRole('button', { name: '保存', exact: true }).click();
  await page.getByText('已保存').waitFor();
  await page.getByText(/上次重算时限/).waitFor();
  await page.getByRole('button', { name: '下一年' }).click();
  await page.getByText(`${year + 1} 年的放假和调休还没有录入`).waitFor();

  await page.getByRole('tab', { name: '时限规则' }).click();
  await page.getByLabel('一般的办结时限').fill('5');
  // What else is being changed stays, and nobody goes elsewhere with it without being asked.
  await page.getByLabel('退单几次后由督查人员最后决定').fill('4');
  const read = page.waitForResponse(
    (answer) => answer.url().endsWith('/policies') && answer.request().method() === 'GET',
  );
  await page.getByRole('button', { name: '保存限度' }).click();
  await read;
  await page.getByRole('combobox', { name: '哪里的时限' }).click();
  await page.getByRole('option').nth(1).click();
  await page.getByRole('dialog', { name: '不保存就离开？' }).getByRole('button', { name: '留下' }).click();
  expect(await page.getByLabel('一般的办结时限').inputValue()).toBe('5');
  // The word of the calendar's saving may still be there.
  const saved = page.waitForResponse(
    (answer) => answer.url().endsWith('/policies') && answer.request().method() !== 'GET',
  );
  await page.getByRole('button', { name: '保存时限' }).click();
  expect((await saved).status()).toBe(200);
  await shoot('policies-light');
  const rows = await server.deps.db.query<{ value: { resolveDays: object } }>(
    `SELECT value FROM settings WHERE key = 'questions.policies'`,
  );
  expect(rows[0]!.value.resolveDays).toEqual({ simple: 1, ordinary: 5, complex: 13 });
});

test('on a phone and in the dark nothing runs over the edge', async () => {
  for (const [viewport, colorScheme] of [
    [handset, 'light'],
    [handset, 'dark'],
    [desktop, 'dark'],
  ] as const) {
    await signIn('supervisor', { viewport, colorScheme });
    for (const room of ['question-figures', 'appointment-figures', 'question-limits']) {
      await page.goto(`${server.url}/console/#/${room}`);
      await (room.endsWith('-figures')
        ? page.locator('.chart canvas').first()
        : page.getByText('1 月').first()
      ).waitFor();
      const over = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
      expect([room, over]).toEqual([room, 0]);
      await shoot(`${room}-${viewport.width}-${colorScheme}`);
    }
  }
});

const loaded = () =>
  page.evaluate<string[]>(
    "performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => name.endsWith('.js'))",
  );

/** To be looked at: `SCREENSHOTS=<folder>`. */
async function shoot(name: string): Promise<void> {
  const folder = process.env.SCREENSHOTS;
  if (folder) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: false });
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
  await page.goto(`${server.url}/console/`);
  await page.getByLabel('用户名').fill(username);
  await page.getByLabel('口令', { exact: true }).fill('weiban-demo');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: '打开个人菜单' }).waitFor();
}
