import type { Account } from '../../../src/people/accounts';
import { WechatError } from '../../../src/wechat/client';
import { cloneDatabase } from '../../support/database';
import { type FakePlatform, startPlatform } from './platform-server';
import { addAccount, type OwnProcess, startProcess } from './process';

export let database: Awaited<ReturnType<typeof cloneDatabase>>;
export let platform: FakePlatform;
export let one: OwnProcess;
export let two: OwnProcess;
export let account: Account;

/** Two processes of ours before one platform, anew for each test. */
export function openPair(): void {
  beforeEach(async () => {
    [database, platform] = await Promise.all([cloneDatabase(), startPlatform()]);
    [one, two] = await Promise.all([
      startProcess(database.url, platform.url),
      startProcess(database.url, platform.url),
    ]);
    account = await addAccount(one);
    await two.accounts.reload();
  });

  afterEach(async () => {
    await Promise.all([one.close(), two.close()]);
    await Promise.all([platform.close(), database.drop()]);
  });
}

export const stable = '/cgi-bin/stable_token';
export const send = '/cgi-bin/message/custom/send';
export const token = (value: string) => ({ access_token: value, expires_in: 7200 });
export const ok = { errcode: 0, errmsg: 'ok' };
export const text = { type: 'text', content: '你好' } as const;

export const failure = (promise: Promise<unknown>): Promise<WechatError> =>
  promise.then(
    () => Promise.reject(new Error('it should have failed')),
    (error: WechatError) => error,
  );
