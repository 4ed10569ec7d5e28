import { mkdirSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

/** Debian's Chromium without the parts that talk to the outside or need a graphics card. */
export function openBrowser(more: string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...more,
    ],
  });
}

export const desktop = { width: 1440, height: 900 };
export const handset = { width: 390, height: 844 };

/** A citizen's page as the phone opens a link of the account's. */
export const openInWechat = (page: Page, serverUrl: string, openid: string, path: string) =>
  page.goto(
    `${serverUrl}/simulator/h5?${new URLSearchParams({ account: 'demo', openid, url: `/h5/?account=demo#${path}` })}`,
  );

/** Where SCREENSHOTS names a folder, what a person would see is kept there. */
export async function look(page: Page, name: string): Promise<void> {
  const folder = process.env.SCREENSHOTS;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true, animations: 'disabled' });
}
