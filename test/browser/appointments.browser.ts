import type { Browser, BrowserContext, Page } from 'playwright-core';
import { bindPerson, personsOf } from '../../src/people/identity/bindings';
import { serveLines } from '../../src/services/appointments/admission-serve';
import { book } from '../../src/services/appointments/booking';
import { makeAllSlots } from '../../src/services/appointments/jobs';
import { markNoShows } from '../../src/services/appointments/no-shows';
import { rushKey } from '../../src/services/appointments/rush';
import { smsCode } from '../h5/citizen-client';
import { at, idCard } from '../services/appointments/hall';
import { anyone, startTestServer, type TestServer } from '../support/server';
import { desktop, handset, look as lookAt, openBrowser, openInWechat } from './browser';

let server: TestServer;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let openid: string;
let faults: string[];

beforeAll(async () => {
  server = await startTestServer({ env: { ROLES: 'web' } });
  // A Monday morning; the demo's rules hold from the day they were loaded.
  server.deps.clock.offset = at('2026-03-02 10:00').getTime() - Date.now();
  await server.deps.db.query(`UPDATE appointment_rules SET valid_from = '2026-01-01'`);
  await makeAllSlots(server.deps.serviceDeps);
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});
beforeEach(async () => {
  context = await browser.newContext({ viewport: handset, isMobile: true, hasTouch: true, locale: 'zh-CN' });
  await context.clock.install({ time: server.deps.clock.now() });
  page = await context.newPage();
  openid = anyone();
  faults = [];
  page.on('pageerror', ({ message }) => faults.push(message));
});
afterEach(async () => {
  await context?.close();
  expect(faults).toEqual([]);
});

const open = (path: string) => openInWechat(page, server.url, openid, path);
const look = (name: string) => lookAt(page, name);
const wide = () => page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth');
async function register(order: number) {
  await page.getByRole('heading', { name: '实名登记' }).waitFor();
  await page.getByLabel('姓名').fill('示例市民');
  await page.getByLabel('证件号码').fill(idCard(order));
  await page.getByLabel('手机号').fill(`1370000${String(order).padStart(4, '0')}`);
  await page.getByRole('button', { name: '获取验证码' }).tap();
  await page.getByText(/秒后重发/).waitFor();
  await page.getByLabel('验证码').fill(await smsCode(server, openid));
  await page.getByLabel('我已阅读并同意').check();
  await look('register');
  await page.getByRole('button', { name: '登记', exact: true }).tap();
}

test('new: office, time, registration, then the time again, confirmed; later two taps cancel it', async () => {
  // A phone of which the clock is wrong.
  await page.clock.install({ time: server.deps.clock.now().getTime() + 600_000 });
  await open('/appointments');
  await page.getByRole('heading', { name: '示例市第一医院' }).waitFor();
  await look('offices');
  await page.getByRole('link', { name: '户政大队' }).tap();
  await page.getByRole('heading', { name: '户籍窗口' }).waitFor();
  await look('times');
  await page.getByRole('button', { name: /余/ }).first().tap();
  await register(1);
  await page.getByRole('button', { name: /余/ }).first().tap();
  await page.getByRole('heading', { name: '请确认预约' }).waitFor();
  await page.getByText(/还剩 [45]:\d\d/).waitFor();
  await look('hold');
  // Another time after all: what was held is let go of.
  await page.goBack();
  await page.getByRole('button', { name: /余/ }).nth(2).tap();
  await page.getByRole('heading', { name: '请确认预约' }).waitFor();
  await page.getByRole('button', { name: '确认预约' }).tap();
  await page.getByRole('heading', { name: '已预约' }).waitFor();
  await page.getByText('示**民').waitFor();
  expect(await page.getByLabel('预约编号').textContent()).toMatch(/^\d{4} \d{4}$/);
  await look('ticket');
  expect(await wide()).toBe(false);
  await page.getByRole('button', { name: '取消预约' }).tap();
  await look('cancel');
  await page.getByRole('dialog').getByRole('button', { name: '取消预约' }).tap();
  await page.getByRole('heading', { name: '已取消' }).waitFor();
});

test('known: office, time, confirm are three taps; moved in large letters', async () => {
  await open('/me/persons/new');
  await register(2);
  await page.getByRole('heading', { name: '本人和家人' }).waitFor();
  await look('persons');
  await open('/appointments');
  await page.getByRole('link', { name: '车辆管理所' }).tap();
  await page.getByRole('button', { name: /余/ }).first().tap();
  await page.getByRole('button', { name: '确认预约' }).tap();
  await page.getByRole('heading', { name: '已预约' }).waitFor();
  await page.getByRole('button', { name: '关怀版 大字' }).tap();
  await look('ticket-large');
  expect(await wide()).toBe(false);
  const code = await page.getByLabel('预约编号').textContent();
  await page.getByRole('button', { name: '改期' }).tap();
  await page.getByText(/改期：请选择新的时间（原来是 3月\d+日 周. \d\d:\d\d）/).waitFor();
  await page.getByRole('button', { name: /余/ }).nth(2).tap();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(/^改到3月\d+日/).waitFor();
  await dialog.getByText(/^原来的3月\d+日 周. \d\d:\d\d会放给别人/).waitFor();
  await look('move-sure-large');
  await dialog.getByRole('button', { name: '改期' }).tap();
  await page.getByRole('heading', { name: '已预约' }).waitFor();
  await expectOther(code);
  await look('moved-large');
  await page.getByRole('link', { name: '我的预约' }).tap();
  await page.getByText('已改期').waitFor();
  await look('mine-large');
  expect(await wide()).toBe(false);
});

test('a hospital: five taps the first time, with the consent; four for who returns, two cancel it', async () => {
  const tap = await known(3);
  await open('/appointments');
  await tap('link', '门诊服务部');
  await tap('button', /余/, 4);
  await tap('button', '示*（父母）');
  await page.getByText('只提供给您预约的医院').waitFor();
  await look('health-consent');
  await tap('button', '同意，继续预约');
  await tap('button', '确认预约');
  await page.getByRole('heading', { name: '已预约' }).waitFor();
  expect(tap.count()).toBe(5);
  const map = page.getByRole('link', { name: '在地图上看' });
  expect(await map.getAttribute('href')).toMatch(
    /^https:\/\/apis\.map\.qq\.com\/uri\/v1\/search\?keyword=%E7%A4%BA%E4%BE%8B/,
  );
  await look('ticket-hospital');

  await open('/appointments');
  await tap('link', '门诊服务部', 1);
  await tap('button', /余/, 4);
  await tap('button', '示**民（本人）');
  await tap('button', '确认预约');
  await page.getByRole('heading', { name: '已预约' }).waitFor();
  expect(tap.count()).toBe(4);

  await open('/appointments/mine');
  await page.getByRole('button', { name: '取消预约' }).first().waitFor();
  await look('mine');
  await tap('button', '取消预约');
  await page.getByRole('dialog').getByRole('button', { name: '取消预约' }).tap();
  await page.getByText('已取消').waitFor();
  expect(tap.count()).toBe(1);
});

test('a rush: the page says where one stands, and goes on by itself when it is their turn; one may leave', async () => {
  const tap = await known(4);
  await server.deps.settings.set(rushKey, { perSecond: 0 });
  try {
    await open('/appointments');
    await tap('link', '出入境管理支队');
    await tap('button', /余/);
    await tap('button', '示**民（本人）');
    await page.getByText('您排第 1 位').waitFor();
    await look('line');
    expect(await wide()).toBe(false);
    await tap('button', '不排了');
    await page.getByRole('dialog').getByRole('button', { name: '继续排' }).tap();
    await tap('button', '不排了');
    await look('line-leave');
    await page.getByRole('dialog').getByRole('button', { name: '不排了' }).tap();
    await page.getByText('已经不排了').waitFor();
    await tap('button', /余/);
    await tap('button', '示**民（本人）');
    await page.getByText('您排第 1 位').waitFor();
    await page.getByRole('button', { name: '关怀版 大字' }).tap();
    await look('line-large');
    expect(await wide()).toBe(false);
    await serveLines(server.deps.serviceDeps);
    await page.getByRole('heading', { name: '请确认预约' }).waitFor();
  } finally {
    await server.deps.settings.set(rushKey, {});
  }
});

test('a day that is full is waited for; who did not come explains why', async () => {
  const tap = await known(5);
  const { db, serviceDeps } = server.deps;
  await db.query(
    `UPDATE appointment_slots s SET capacity = taken FROM organisations o
      WHERE o.id = s.organisation_id AND o.key = 'police-station-west' AND s.day = '2026-03-04'`,
  );
  // One of its times is stopped: of the others a place may come back.
  await db.query(
    `UPDATE appointment_slots SET status = 'stopped', stop_reason = '示例停办' WHERE id = (
       SELECT min(s.id) FROM appointment_slots s JOIN organisations o ON o.id = s.organisation_id
        WHERE o.key = 'police-station-west' AND s.day = '2026-03-04')`,
  );
  await open('/appointments');
  await tap('link', '城西派出所');
  await page.getByText('3/4').tap();
  await page.getByText('约满').first().waitFor();
  await look('full');
  await tap('button', '候补');
  await tap('button', '示**民（本人）');
  await page.getByText('已候补，排第 1 位').waitFor();
  await open('/appointments/mine');
  await page.getByText('排第 1 位，有人退号时按先后通知').waitFor();
  await look('waiting');
  await tap('button', '不再候补');
  await look('waiting-leave');
  await page.getByRole('dialog').getByRole('button', { name: '继续候补' }).tap();
  await page.getByText('排第 1 位，有人退号时按先后通知').waitFor();
  await tap('button', '不再候补');
  await page.getByRole('dialog').getByRole('button', { name: '不再候补' }).tap();
  await page.getByText('有人退号时按先后通知').waitFor({ state: 'detached' });
  // What cannot be read is said to be so, and tried again.
  await page.route('**/api/h5/appointments/waiting', (route) => route.fulfill({ status: 502, body: 'no' }));
  await open('/appointments/mine');
  await page.getByRole('button', { name: '再试一次' }).waitFor();
  await look('waiting-fault');
  await page.unroute('**/api/h5/appointments/waiting');
  await tap('button', '再试一次');
  await page.getByRole('button', { name: '再试一次' }).waitFor({ state: 'detached' });

  const account = server.deps.accounts.byKey('demo')!;
  const [person] = await personsOf(db, { accountId: account.id, openid }, serviceDeps.encryption);
  const [slot] = await db.query<{ id: string }>(
    `SELECT s.id::text FROM appointment_slots s JOIN organisations o ON o.id = s.organisation_id
      WHERE o.key = 'police-vehicles' AND s.day = '2026-03-04' ORDER BY s.id LIMIT 1`,
  );
  const wanted = {
    accountId: account.id,
    openid,
    person: person!,
    slotId: slot!.id,
    key: 'missed',
    at: server.deps.clock.now(),
  };
  const { id } = await db.transaction((tx) => book(tx, wanted, serviceDeps));
  server.deps.clock.offset += 3 * 24 * 3600_000;
  await markNoShows(serviceDeps);
  await open(`/appointments/${id}`);
  await page.getByRole('heading', { name: '记了一次爽约' }).waitFor();
  await page.getByLabel('有原因的，可以申诉一次').fill('当天急诊住院，有病历');
  await look('appeal');
  expect(await wide()).toBe(false);
  await tap('button', '提交申诉');
  await page.getByRole('heading', { name: '已申诉，等待处理' }).waitFor();
  await look('appealed');

  // Whoever decides means it before it is final.
  context = await browser.newContext({ viewport: desktop, locale: 'zh-CN' });
  page = await context.newPage();
  await page.goto(`${server.url}/console/`);
  await page.getByLabel('用户名').fill('supervisor');
  await page.getByLabel('口令', { exact: true }).fill('weiban-demo');
  await page.getByRole('button', { name: '登录' }).click();
  await page.getByRole('button', { name: '打开个人菜单' }).waitFor();
  await page.goto(`${server.url}/console/#/appointments/appeals`);
  await page.getByLabel('给市民的说明').fill('没有病历');
  const reject = page.locator('#main').getByRole('button', { name: '不成立' });
  await reject.click();
  await look('appeal-rejecting');
  await page.getByRole('dialog').getByRole('button', { name: '返回' }).click();
  await reject.click();
  await page.getByRole('dialog').getByRole('button', { name: '不成立' }).click();
  await page.getByText('没有等待处理的申诉。').waitFor();
});

/** Somebody who has registered, and a parent of theirs; what they tap is counted until they open another page. */
async function known(order: number) {
  const { db, encryption } = server.deps;
  const key = { accountId: server.deps.accounts.byKey('demo')!.id, openid, at: server.deps.clock.now() };
  const phone = `1370001${String(order).padStart(4, '0')}`;
  const document = (n: number) => ({ kind: 'id-card' as const, number: idCard(n) });
  for (const [relation, name, n] of [
    ['self', '示例市民', order],
    ['parent', '示例', order + 100],
  ] as const)
    await db.transaction((tx) => bindPerson(tx, { ...key, relation, name, phone, document: document(n) }, encryption));
  let taps = 0;
  const tap = async (role: 'link' | 'button', name: string | RegExp, nth = 0) => {
    await page.getByRole(role, { name }).nth(nth).tap();
    taps++;
  };
  /** since it was asked last */
  tap.count = () => {
    const counted = taps;
    taps = 0;
    return counted;
  };
  return tap;
}

const expectOther = (code: string | null) =>
  page.waitForFunction(`document.querySelector('.code')?.textContent !== ${JSON.stringify(code)}`);
