import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { toBuffer } from 'qrcode';
import sharp from 'sharp';
import { shanghai } from '../../src/platform/clock';
import { freePlaces } from '../../src/services/appointments/jobs';
import { type Citizen, type Hall, openHall } from '../services/appointments/hall';
import { desktop, handset, openBrowser } from './browser';

let hall: Hall;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let faults: string[];
/** Each is a whole day's work, in several browsers. */
const patience = 180_000;
let resource: number;
/** what the camera of this browser sees */
let pictures: string;

beforeAll(async () => {
  hall = await openHall();
  hall.server.deps.clock.offset = hall.now.getTime() - Date.now();
  resource = await hall.resource(
    {},
    (await hall.db.query<{ id: number }>(`SELECT id FROM organisations WHERE key = 'police-household'`))[0]!.id,
  );
  await hall.db.query(
    `UPDATE appointment_resources SET title = '一号窗口（示例）', subtitle = '户籍', position = 1 WHERE id = $1`,
    [resource],
  );
  pictures = mkdtempSync(path.join(tmpdir(), 'weiban-camera-'));
});
afterAll(async () => {
  await hall?.close();
  rmSync(pictures, { recursive: true, force: true });
});
beforeEach(() => {
  faults = [];
});
afterEach(async () => {
  await browser?.close();
  expect(faults).toEqual([]);
});

async function booked(time: string): Promise<{ citizen: Citizen; id: string; code: string }> {
  const citizen = await hall.citizen();
  return { citizen, ...(await hall.book(hall.wants(citizen, await hall.slot(resource, 2, time)))) };
}

async function openPage(options: { permissions?: string[] } = {}): Promise<Page> {
  context = await browser.newContext({ viewport: desktop, locale: 'zh-CN', ...options });
  await context.clock.install({ time: hall.server.deps.clock.now() });
  const opened = await context.newPage();
  opened.setDefaultTimeout(20_000);
  opened.on('pageerror', ({ message }) => faults.push(message));
  return opened;
}

async function signIn(options: { permissions?: string[] } = {}): Promise<void> {
  page = await openPage(options);
  await page.goto(`${hall.server.url}/console/`);
  await page.getByLabel('用户名').fill('clerk-police');
  await page.getByLabel('口令', { exact: true }).fill('weiban-demo');
  await page.getByRole('button', { name: '登录' }).click();
  await page.getByRole('link', { name: '预约', exact: true }).first().click();
  await page.getByText(/^待到/).waitFor();
}

const wide = (of = page) => of.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth');
/** Where SCREENSHOTS names a folder, what a person would see is kept there, on both screens. */
async function look(name: string, of = page) {
  const folder = process.env.SCREENSHOTS;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  for (const [size, viewport] of Object.entries({ 1440: desktop, 390: handset })) {
    await of.setViewportSize(viewport);
    await of.screenshot({ path: `${folder}/desk-${name}-${size}.png` });
    expect(await wide(of)).toBe(false);
  }
  await of.setViewportSize(desktop);
}

test(
  'a day at the counter by the keyboard, told to the screen in the hall',
  async () => {
    browser = await openBrowser();
    const [one, two, three] = [
      await booked('2026-03-02 11:00'),
      await booked('2026-03-02 11:30'),
      await booked('2026-03-02 14:00'),
    ];
    await signIn();
    await page.getByRole('row', { name: new RegExp(one.code) }).waitFor();
    // A citizen books while the page stands open.
    const four = await booked('2026-03-02 15:00');
    await page.keyboard.press('/');
    for (const { code } of [one, two]) {
      await page.keyboard.type(code);
      await page.keyboard.press('Enter');
      await page.getByText(/已签到，排队号/).waitFor();
      await page
        .getByRole('row', { name: new RegExp(code) })
        .getByText('已签到')
        .waitFor();
    }
    await page.keyboard.type(three.citizen.person.document.number);
    await page.keyboard.press('Enter');
    await page.getByText('示**民 已签到，排队号 3').waitFor();
    await page.getByRole('row', { name: new RegExp(four.code) }).waitFor();
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('.print-sheet.slip').textContent()).toContain('前面还有 2 人');
    if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/desk-slip-print.png` });
    await page.emulateMedia({ media: 'screen' });
    await look('roster');

    await page.getByRole('button', { name: '叫号大屏' }).click();
    await page.getByLabel('大屏的标题').fill('一楼大厅（示例）');
    await page.getByRole('button', { name: '打开一块屏' }).click();
    const link = (await page.getByRole('link', { name: '在新窗口打开' }).getAttribute('href'))!;
    await look('screens');
    await page.keyboard.press('Escape');
    const screen = await (await browser.newContext({ viewport: desktop, locale: 'zh-CN' })).newPage();
    await screen.clock.install();
    await screen.goto(link);
    await screen.getByText('暂未叫号').waitFor();
    // From the first on it is the server's time, whatever this box has.
    expect(await screen.locator('time').textContent()).toContain(shanghai(hall.server.deps.clock.now()).slice(11, 14));
    // Somebody puts its own clock right.
    await screen.clock.setSystemTime(Date.now() + 5 * 3600_000);
    await screen.clock.runFor(6000);
    expect(await screen.locator('time').textContent()).toContain(shanghai(hall.server.deps.clock.now()).slice(11, 14));

    await page.locator('h1').click();
    await page.keyboard.press('n');
    await screen.locator('strong', { hasText: '1' }).waitFor();
    await page.getByRole('button', { name: '办结，叫下一位' }).waitFor();
    await page.keyboard.press('p');
    await screen.locator('strong', { hasText: '2' }).waitFor();
    await screen.getByText('过号：1').waitFor();
    await look('screen', screen);
    // The hall's network is away for a moment.
    await screen.context().setOffline(true);
    await screen.getByText('连接断开，正在重连').waitFor();
    await page
      .getByRole('row', { name: new RegExp(one.code) })
      .getByRole('button', { name: '重新排队' })
      .click();
    await page
      .getByRole('row', { name: new RegExp(one.code) })
      .getByRole('button', { name: '叫号' })
      .waitFor();
    await page.keyboard.press('n');
    await screen.context().setOffline(false);
    await screen.locator('strong', { hasText: '3' }).waitFor();
    await look('calling');

    await page
      .getByRole('row', { name: new RegExp(two.code) })
      .getByRole('button', { name: '示**民' })
      .click();
    await page.getByRole('heading', { name: '通知' }).waitFor();
    await page.getByText('叫号提醒').last().waitFor();
    await look('sheet');
    await page.keyboard.press('Escape');

    await page.getByRole('button', { name: '叫号大屏' }).click();
    await page.getByRole('button', { name: '收回链接' }).click();
    const sure = page.getByRole('dialog', { name: '收回「一楼大厅（示例）」的链接？' });
    await look('screen-revoke');
    await sure.getByRole('button', { name: '返回' }).click();
    await page.getByRole('button', { name: '收回链接' }).click();
    await sure.getByRole('button', { name: '收回' }).click();
    await screen.getByText('这块屏的链接已失效').waitFor();
  },
  patience,
);

test(
  'an afternoon is stopped with one press, and followed until nobody is left to telephone',
  async () => {
    browser = await openBrowser();
    const [, four] = [await booked('2026-03-02 16:30'), await booked('2026-03-02 17:00')];
    await signIn();
    await page.getByRole('button', { name: '停诊停办', exact: true }).click();
    await page.getByText('下午', { exact: true }).click();
    await page.getByText('全部取消，请市民自己另约').click();
    await page.getByLabel('原因（市民会看到）').fill('示例停办');
    await look('stop');
    await page.getByRole('button', { name: '停诊停办并通知' }).click();
    await page.getByText('人在处理').waitFor();
    await look('stop-under-way');
    await freePlaces(hall.deps);
    await page.getByText('已全部处理').waitFor();
    await hall.db.query(
      `UPDATE deliveries SET status = 'failed', reason = '市民已取消关注' WHERE openid = $1 AND dedupe_key LIKE 'appointments.stopped:%'`,
      [four.citizen.openid],
    );
    await page.clock.runFor(6000);
    await page.getByText('没有通知到 1').waitFor();
    await page.getByRole('button', { name: '已打电话告知' }).waitFor();
    await look('not-reached');
    await page.route('**/not-reached', (route) => route.fulfill({ status: 502, body: 'no' }));
    await page.reload();
    await page.getByRole('button', { name: '再试一次' }).waitFor();
    await look('not-reached-fault');
    expect(await page.getByText('没有需要打电话的人').count()).toBe(0);
    await page.unroute('**/not-reached');
    await page.getByRole('button', { name: '再试一次' }).click();
    await page.getByRole('button', { name: '已打电话告知' }).click();
    await page.getByText('已打电话 1').waitFor();
  },
  patience,
);

test(
  'who comes without booking takes a number; the day is printed',
  async () => {
    browser = await openBrowser();
    await hall.db.query(
      `INSERT INTO appointment_slots (resource_id, organisation_id, pool, day, starts_at, ends_at, opens_at, capacity)
     SELECT id, organisation_id, 'counter', '2026-03-02', '2026-03-02 09:00+08', '2026-03-02 12:00+08', '2026-03-01 07:00+08', 2
       FROM appointment_resources WHERE id = $1`,
      [resource],
    );
    await signIn();
    await page.getByRole('button', { name: '现场取号' }).waitFor();
    await page.keyboard.press('w');
    await page.getByLabel('姓名').fill('示例访客');
    await look('walk-in');
    await page.getByLabel('手机号（可不填）').fill('13900000001');
    await page.getByRole('button', { name: '取号', exact: true }).click();
    await page.getByRole('row', { name: /示\*\*客.*现场/ }).waitFor();
    await page.getByRole('button', { name: '打印名单' }).click();
    await page.emulateMedia({ media: 'print' });
    await page.locator('.print-sheet.page').getByText('预约名单').waitFor();
    expect(await page.locator('#app').isVisible()).toBe(false);
    if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/desk-roster-print.png` });
  },
  patience,
);

test(
  'a ticket is read by the camera; without one, or without leave to use it, the clerk is told what to do',
  async () => {
    const { code } = await booked('2026-03-02 16:00');
    const camera = path.join(pictures, 'ticket.mjpeg');
    const qr = await toBuffer(code, { width: 360, margin: 4 });
    const frame = await sharp({ create: { width: 640, height: 480, channels: 3, background: '#dddddd' } })
      .composite([{ input: qr, left: 140, top: 60 }])
      .jpeg()
      .toBuffer();
    writeFileSync(camera, Buffer.concat([frame, frame, frame]));
    browser = await openBrowser(['--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${camera}`]);
    await signIn({ permissions: ['camera'] });
    await page.getByRole('button', { name: '摄像头扫码' }).click();
    await page.getByText('请把预约凭证上的二维码对准镜头').waitFor();
    await page.clock.runFor(2000);
    await page.getByText('示**民 已签到').waitFor();
    await look('camera');
    await browser.close();

    browser = await openBrowser(['--use-fake-device-for-media-stream', '--deny-permission-prompts']);
    await signIn();
    await page.getByRole('button', { name: '摄像头扫码' }).click();
    await page.getByText('没有得到使用摄像头的许可').waitFor();
    await look('no-leave');
    await browser.close();

    browser = await openBrowser();
    await signIn({ permissions: ['camera'] });
    await page.getByRole('button', { name: '摄像头扫码' }).click();
    await page.getByText('没有找到摄像头').waitFor();
  },
  patience,
);
