import type { Texts } from '../delivery/texts';
import type { ServiceDeps } from '../dialogue/service';
import type { Account, Accounts } from '../people/accounts';
import type { SmsSender } from '../people/identity/phone-codes';
import type { SignOuts } from '../people/sign-outs';
import type { Cache } from '../platform/cache';
import type { Clock } from '../platform/clock';
import type { Database } from '../platform/database';
import type { FieldEncryption } from '../platform/field-encryption';
import type { Log } from '../platform/log';

/** What citizens' pages need of WeChat: who is behind a code and where to get one, and the right to use the phone. */
export type H5Wechat = {
  /** where a browser inside WeChat is sent to come back to `redirect` with a code */
  authorizeUrl(account: Account, redirect: string, state: string): string;
  /** @throws UserError 409 for a code that is none, or was used */
  citizenOf(account: Account, code: string, client: 'page' | 'mini-program'): Promise<{ openid: string }>;
  /** what `wx.config` wants for the page at `url` */
  jsConfig(
    account: Account,
    url: string,
  ): Promise<{ appId: string; timestamp: number; nonceStr: string; signature: string }>;
};

export type H5Deps = {
  db: Database;
  cache: Cache;
  clock: Clock;
  log: Log;
  encryption: FieldEncryption;
  accounts: Accounts;
  signOuts: SignOuts;
  texts: Texts;
  sms: SmsSender;
  wechat: H5Wechat;
  /** what services are given, for what goes through all of them */
  serviceDeps: ServiceDeps;
  /** what phones reach, without a trailing slash */
  publicUrl: string;
};
