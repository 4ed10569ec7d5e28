import { type Browser, chromium } from 'playwright-core';

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
